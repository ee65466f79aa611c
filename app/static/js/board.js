// The board: cards are moved by mouse, finger, keys or a menu; the server decides, and what it refuses goes back.
(() => {
  const { make, word, toast, pick } = window.indexus;
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const words = JSON.parse(document.getElementById("board-words").textContent);
  const { href, csrf } = board.dataset;
  const live = document.querySelector("[data-live]");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const movable = "moves" in board.dataset;

  const fill = (text, values) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, () => value), text);
  const lanes = () => [...board.querySelectorAll("[data-lane]")];
  const cards = (lane) => [...lane.children].filter((one) => one.matches("[data-deal]"));
  const cardOf = (id) => board.querySelector(`[data-deal="${CSS.escape(id)}"]`);
  const columnOf = (element) => element.closest("[data-stage]");
  const linkOf = (card) => card.querySelector("[data-open]");
  const titleOf = (card) => card.dataset.title;

  /** Said to who listens; the same words twice are said twice. */
  function tell(text) {
    live.textContent = "";
    requestAnimationFrame(() => (live.textContent = text));
  }

  const neighbour = (card, step) => {
    let next = card[step];
    while (next && !next.matches("[data-deal]")) next = next[step];
    return next;
  };

  /** Where a card is: its stage, the cards around it, and what it takes to put it back. */
  function at(card) {
    const above = neighbour(card, "previousElementSibling");
    const below = neighbour(card, "nextElementSibling");
    return {
      stage: columnOf(card).dataset.stage, above: above?.dataset.deal || "", below: below?.dataset.deal || "",
      lane: card.parentElement, next: card.nextElementSibling,
    };
  }

  function putBack(card, origin) {
    const lane = board.contains(origin.lane) ? origin.lane : board.querySelector(`[data-lane="${CSS.escape(origin.stage)}"]`);
    const above = origin.above && cardOf(origin.above);
    if (!lane) return card.remove();
    if (origin.next?.parentElement === lane) lane.insertBefore(card, origin.next);
    else if (above && above.parentElement === lane) above.after(card);
    else lane.prepend(card);
  }

  function parsed(html) {
    return new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html").body.firstElementChild;
  }

  // Cards ------------------------------------------------------------------------

  const sources = new WeakMap(); // what the server drew, to tell whether it is another one now
  const remember = (card) => sources.set(card, card.outerHTML.trim());
  board.querySelectorAll("[data-deal]").forEach(remember);

  function fresh(html) {
    const card = document.adoptNode(parsed(html).firstElementChild);
    remember(card);
    return card;
  }

  /** The card in the place of an older one; who had the focus keeps it. */
  function replace(old, card) {
    const focused = old.contains(document.activeElement) ? (document.activeElement.matches("[data-move-to]") ? "[data-move-to]" : "[data-open]") : "";
    old.replaceWith(card);
    if (focused) card.querySelector(focused)?.focus({ preventScroll: true });
    return card;
  }

  function flash(card) {
    if (calm) card.classList.add("is-fresh");
    else requestAnimationFrame(() => card.classList.add("is-fresh"));
    setTimeout(() => card.classList.remove("is-fresh"), 1800);
  }

  // Moving -----------------------------------------------------------------------

  let moves = 0; // what was asked before one of them is old

  async function post(body) {
    let answer;
    moves += 1;
    try {
      answer = await fetch(`${href}/move`, {
        method: "POST", body: JSON.stringify(body),
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrf },
      });
    } catch {
      return { status: 0, said: { message: words.lost } };
    }
    if (answer.redirected) return { status: 401, said: { message: words.out } }; // to the login
    return { status: answer.status, said: await answer.json().catch(() => ({ message: words.refused })) };
  }

  const refusal = (said) => Object.values(said.errors || {}).flat().join(" ") || said.message || words.refused;
  let sending = 0;

  /** Send where a card is now; `origin` is where it was. Gives whether it stays there. */
  async function send(card, origin, focus = false) {
    const now = at(card);
    if (now.stage === origin.stage && now.above === origin.above && now.below === origin.below) return true;
    const body = {
      deal: card.dataset.deal, stage: now.stage, seen: card.dataset.seen,
      above: now.above, below: now.above ? "" : now.below, // the one above says it all
    };
    card.classList.add("is-sending");
    sending += 1;
    const asks = now.stage !== origin.stage && "asks" in columnOf(card).dataset;
    let result = asks ? await question(body) : await post(body);
    if (result?.status === 422 && !asks && result.said.errors && !result.told) result = await question(body);
    sending -= 1;
    card.classList.remove("is-sending");
    const here = cardOf(card.dataset.deal) || card;
    if (result?.status === 200) {
      const { said } = result;
      const drawn = said.card ? replace(here, fresh(said.card)) : (here.remove(), null);
      if (focus && drawn) linkOf(drawn).focus({ preventScroll: true });
      if (said.moved) offerUndo(said, origin);
      tell(said.said);
      refresh();
      return true;
    }
    putBack(here, origin);
    if (focus) linkOf(here).focus();
    if (!result) {
      tell(fill(words.back, { title: titleOf(here) }));
    } else {
      toast(refusal(result.said), "red");
      tell(`${refusal(result.said)} ${fill(words.back, { title: titleOf(here) })}`);
      if (result.status >= 400) refresh();
    }
    return false;
  }

  function offerUndo(said, origin) {
    toast(said.said, "green", {
      label: word("undo"),
      run: async () => {
        sending += 1;
        const body = { deal: said.id, stage: said.stage, seen: said.seen, values: said.undo };
        const { status, said: undone } = await post({ ...body, above: origin.above, below: origin.above ? "" : origin.below });
        sending -= 1;
        refresh();
        if (status !== 200) return toast(refusal(undone), "red");
        const old = cardOf(said.id);
        if (old && undone.card) {
          const card = replace(old, fresh(undone.card));
          putBack(card, origin);
          linkOf(card).focus({ preventScroll: true });
          flash(card);
        }
        toast(words.undone);
        tell(words.undone);
      },
    });
  }

  // What a stage asks for first ----------------------------------------------------

  const dialog = document.getElementById("move-dialog");
  const form = dialog?.querySelector("form");

  /** Ask for what the stage needs, and send the move with it. Null when the person thinks better of it. */
  async function question(body) {
    let answer;
    try {
      const asked = new URLSearchParams({ deal: body.deal, stage: body.stage });
      answer = await fetch(`${href}/ask?${asked}`, { headers: { Accept: "application/json, text/html" } });
    } catch {
      return { status: 0, said: { message: words.lost } };
    }
    if (answer.status === 204) {
      const result = await post(body);
      return { ...result, told: true };
    }
    if (answer.redirected) return { status: 401, said: { message: words.out } };
    if (!answer.ok) return { status: answer.status, said: await answer.json().catch(() => ({})) };
    form.innerHTML = await answer.text();
    form.querySelectorAll("select[data-picker]").forEach(pick);
    dialog.showModal();
    const first = form.querySelector("textarea, input:not([type=hidden]), select");
    (first?.tomselect || first)?.focus();

    return new Promise((resolve) => {
      let busy = false;
      const done = (result) => {
        form.onsubmit = form.onclick = form.onkeydown = dialog.onclose = null;
        if (dialog.open) dialog.close();
        resolve(result);
      };
      dialog.onclose = () => done(null);
      form.onclick = (event) => {
        if (event.target.closest("[data-cancel]")) done(null);
        const reason = event.target.closest("[data-reason]");
        if (!reason) return;
        const field = form.elements.lost_reason;
        field.value = reason.textContent;
        field.focus();
      };
      form.onkeydown = (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
      };
      form.onsubmit = async (event) => {
        event.preventDefault();
        if (busy) return;
        busy = true;
        const values = Object.fromEntries([...new FormData(form)].filter(([name]) => !name.endsWith("-shown")));
        const result = await post({ ...body, values });
        busy = false;
        if (result.status !== 422 && result.status !== 0) return done(result);
        explain(result.said);
      };
    });
  }

  /** What is wrong, at its field or below all of them. */
  function explain(said) {
    const general = [];
    form.querySelectorAll("[data-field]").forEach((field) => {
      field.classList.remove("has-error");
      field.querySelector("[data-said]").replaceChildren();
    });
    let first = null;
    for (const [name, errors] of Object.entries(said.errors || {})) {
      const field = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
      if (!field) {
        general.push(...errors);
        continue;
      }
      field.classList.add("has-error");
      field.querySelector("[data-said]").replaceChildren(...errors.map((text) => make("p", "wrong", text)));
      const control = field.querySelector("select, input:not([type=hidden]), textarea");
      (control.tomselect?.control_input || control).setAttribute("aria-invalid", "true");
      first ||= control.tomselect || control;
    }
    if (!said.errors) general.push(said.message || words.refused);
    const line = form.querySelector("[data-wrong]");
    line.textContent = general.join(" ");
    line.hidden = !general.length;
    first?.focus();
  }

  // Mouse and finger -----------------------------------------------------------------

  let dragging = null;
  let dropped = 0;

  function sortable(lane) {
    new Sortable(lane, {
      group: "board", draggable: "[data-deal]", filter: ".is-fixed, .is-sending, [data-move-to], .deal-new",
      preventOnFilter: false, animation: calm ? 0 : 120, delay: 220, delayOnTouchOnly: true, touchStartThreshold: 6,
      forceFallback: true, fallbackOnBody: true, fallbackTolerance: 5, scroll: true, scrollSensitivity: 70,
      scrollSpeed: 14, bubbleScroll: true, ghostClass: "is-ghost", fallbackClass: "is-dragged", emptyInsertThreshold: 40,
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

  // Keys ----------------------------------------------------------------------------

  let carried = null; // { card, origin }
  let shifting = false;

  function say(text, card) {
    const lane = card.parentElement;
    const all = cards(lane);
    tell(fill(text, { title: titleOf(card), stage: columnOf(card).dataset.name, place: all.indexOf(card) + 1, all: all.length }));
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
    if (event.newState === "closed" && document.activeElement === document.body) chosen?.querySelector("[data-move-to]")?.focus();
  });

  board.addEventListener("click", (event) => {
    const to = event.target.closest("[data-move-to]");
    if (to) openMenu(to);
  });

  // What the other scripts of the board share; what is new is asked for by board_live.js.
  const shared = {
    board, words, tell, lanes, cards, cardOf, linkOf, parsed, remember, sources, fresh, replace, flash, calm,
    sortable: (lane) => movable && sortable(lane),
    working: () => Boolean(dragging || carried || sending || dialog?.open),
    moves: () => moves,
    carrying: () => Boolean(carried),
    justDropped: () => Date.now() - dropped < 150,
    refresh() {},
    settle() {},
  };
  function refresh() {
    shared.refresh();
  }
  function settle() {
    shared.settle();
  }
  window.indexus.board = shared;
})();
