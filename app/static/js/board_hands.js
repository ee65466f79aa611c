// Cards are moved by mouse, by finger, by keys or by a menu.
(() => {
  const { make, board: shared } = window.indexus;
  if (!shared) return;
  const {
    board, words, fill, tell, lanes, cards, columnOf, linkOf, titleOf, neighbour, at, putBack, calm, movable, send,
  } = shared;
  const settle = () => shared.settle();

  // Mouse and finger -----------------------------------------------------------------

  let dragging = null;
  let dropped = 0; // when it was, in ms

  const narrow = window.matchMedia("(max-width: 640px)"); // one column at a time: it must be possible to stop at it

  function sortable(lane) {
    new Sortable(lane, {
      group: "board", draggable: "[data-deal]", filter: ".is-fixed, .is-sending, [data-move-to], .deal-new",
      preventOnFilter: false, animation: calm ? 0 : 120, delay: 220, delayOnTouchOnly: true, touchStartThreshold: 6,
      forceFallback: true, fallbackOnBody: true, fallbackTolerance: 5, scroll: true, scrollSensitivity: 70,
      scrollSpeed: narrow.matches ? 7 : 14, bubbleScroll: true, ghostClass: "is-ghost", fallbackClass: "is-dragged", emptyInsertThreshold: 40,
      onStart({ item }) {
        dragging = { card: item, origin: at(item) };
        // Sortable has not moved it yet, and its clone is no neighbour.
        document.body.classList.add("is-dragging-deal");
      },
      onEnd({ item }) {
        const { origin } = dragging;
        dragging = null;
        dropped = Date.now();
        document.body.classList.remove("is-dragging-deal");
        const more = [...item.parentElement.children].find((one) => one.matches(".lane-more"));
        if (more && more !== item.parentElement.lastElementChild) item.parentElement.append(more);
        send(item, origin).finally(settle);
      },
    });
  }
  if (movable) lanes().forEach(sortable);

  // A card that a hand is on stays the card it is: what is new is drawn when the hand has gone.
  const pressed = window.indexus.pressed(board, "[data-deal]", settle);

  // Keys ----------------------------------------------------------------------------

  let carried = null; // { card, origin }
  let shifting = false;

  /** How many cards a column has with the one in the hand, also those that are not loaded yet. */
  function manyIn(lane) {
    const loaded = cards(lane).length;
    if (!lane.querySelector(".lane-more")) return loaded;
    const told = columnOf(lane).querySelector(".lane-count").textContent.replace(/\D/g, "");
    return Math.max(loaded, Number(told) + (carried.origin.stage === lane.dataset.lane ? 0 : 1));
  }

  function say(text, card) {
    const lane = card.parentElement;
    const place = cards(lane).indexOf(card) + 1;
    tell(fill(text, { title: titleOf(card), stage: columnOf(card).dataset.name, place, all: manyIn(lane) }));
  }

  function shift(card, put) {
    shifting = true;
    put();
    linkOf(card).focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    shifting = false;
    say(words.place, card);
  }

  function carry(card, key) {
    const lane = card.parentElement;
    const all = cards(lane);
    const place = all.indexOf(card);
    if (key === "ArrowUp" && place > 0) shift(card, () => all[place - 1].before(card));
    else if (key === "ArrowDown" && place < all.length - 1) shift(card, () => all[place + 1].after(card));
    else if (key === "Home" && place > 0) shift(card, () => all[0].before(card));
    else if (key === "ArrowLeft" || key === "ArrowRight") {
      const row = lanes();
      const there = row[row.indexOf(lane) + (key === "ArrowLeft" ? -1 : 1)];
      if (!there) return;
      const theirs = cards(there);
      shift(card, () => {
        if (theirs[place]) theirs[place].before(card);
        else if (theirs.length) theirs[theirs.length - 1].after(card);
        else there.prepend(card);
      });
    }
  }

  function drop() {
    const { card, origin } = carried;
    carried = null;
    card.classList.remove("is-carried");
    send(card, origin, true).finally(settle);
  }

  function cancel(focus = true) {
    const { card, origin } = carried;
    carried = null;
    card.classList.remove("is-carried");
    putBack(card, origin);
    if (focus) linkOf(card).focus();
    tell(fill(words.back, { title: titleOf(card) }));
    settle();
  }

  function walk(card, key) {
    const lane = card.parentElement;
    const all = cards(lane);
    const place = all.indexOf(card);
    let next = null;
    if (key === "ArrowUp") next = all[place - 1];
    else if (key === "ArrowDown") next = all[place + 1] || lane.querySelector("[data-more]");
    else {
      const row = lanes();
      for (let i = row.indexOf(lane) + (key === "ArrowLeft" ? -1 : 1); row[i] && !next; i += key === "ArrowLeft" ? -1 : 1) {
        const theirs = cards(row[i]);
        next = theirs[Math.min(place, theirs.length - 1)];
      }
    }
    if (!next) return;
    const target = next.matches("[data-deal]") ? linkOf(next) : next;
    target.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  board.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const link = event.target.closest("[data-open]");
    const card = link?.closest("[data-deal]");
    if (!card) return;
    const arrow = event.key.startsWith("Arrow") || event.key === "Home";
    if (carried) {
      if (arrow) carry(card, event.key);
      else if (event.key === " " || event.key === "Enter") drop();
      else if (event.key === "Escape") cancel();
      else return;
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === " ") {
      event.preventDefault();
      if (!movable || card.matches(".is-fixed, .is-sending")) return;
      carried = { card, origin: at(card) };
      card.classList.add("is-carried");
      say(words.picked, card);
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      walk(card, event.key);
    }
  });
  board.addEventListener("focusout", () => {
    if (carried && !shifting) setTimeout(() => carried && !carried.card.contains(document.activeElement) && cancel(false));
  });

  // "Move to…": for a phone, and for whoever likes menus ------------------------------

  const menu = document.getElementById("move-menu");
  let chosen = null;

  function openMenu(button) {
    chosen = button.closest("[data-deal]");
    const here = columnOf(chosen);
    menu.replaceChildren(make("div", "menu-title", words.move_to));
    const item = (text, run, colour) => {
      const line = make("button", "menu-item", "", { type: "button", role: "menuitem" });
      if (colour) line.append(Object.assign(make("span", "lane-dot"), { style: `--stage: ${colour}` }));
      line.append(make("span", "", text));
      line.addEventListener("click", () => {
        menu.hidePopover();
        run();
      });
      menu.append(line);
    };
    const go = (lane) => {
      const card = chosen;
      const origin = at(card);
      lane.prepend(card);
      const added = lane.querySelector(".deal-new");
      if (added) lane.prepend(added);
      send(card, origin, true).finally(settle);
    };
    if (neighbour(chosen, "previousElementSibling")) item(words.to_top, () => go(chosen.parentElement));
    for (const column of board.querySelectorAll("[data-stage]")) {
      if (column !== here) item(column.dataset.name, () => go(column.querySelector("[data-lane]")), column.style.getPropertyValue("--stage"));
    }
    menu.showPopover();
    const box = button.getBoundingClientRect();
    const own = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(box.right - own.width, innerWidth - own.width - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - own.height - 8))}px`;
    menu.querySelector(".menu-item")?.focus({ preventScroll: true });
  }
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    if (document.activeElement === document.body) chosen?.querySelector("[data-move-to]")?.focus();
    settle();
  });

  board.addEventListener("click", (event) => {
    const to = event.target.closest("[data-move-to]");
    if (to) openMenu(to);
  });

  Object.assign(shared, {
    inHand: () => Boolean(pressed() || dragging || carried || menu.matches(":popover-open")),
    carrying: () => Boolean(carried),
    justDropped: () => Date.now() - dropped < 150,
    sortable: (lane) => movable && sortable(lane),
  });
})();
