// Arranging the own tiles: by drag, by keyboard, by width; every change is kept at once.
(() => {
  const { toast } = window.indexus;
  const board = document.getElementById("board");
  const button = document.querySelector("[data-arrange]");
  if (!board || !button) return;
  const bar = document.querySelector("[data-arrange-bar]");
  const dialog = document.getElementById("add-tile");
  const says = document.querySelector("[data-board-says]");
  const words = JSON.parse(document.getElementById("home-words").textContent);
  const tiles = () => [...board.querySelectorAll("[data-tile]")];
  const titleOf = (tile) => tile.querySelector("h2").textContent;
  const KEPT = "home-arranging";

  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  let queue = Promise.resolve(true);

  /** Keep the order and widths as they are now; one after the other, so that the last one wins. */
  function keep({ added = [], removed = [] } = {}) {
    const wanted = tiles().map((tile) => ({ key: tile.dataset.tile, width: Number(tile.dataset.width) }));
    const body = JSON.stringify({ board: board.dataset.board, tiles: [...wanted, ...added], removed });
    queue = queue.then(async () => {
      try {
        const answer = await fetch("/home/arrange", {
          method: "POST",
          headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": board.dataset.csrf },
          body,
        });
        if (answer.ok) {
          document.querySelector("[data-reset] button").disabled = false;
          return true;
        }
        const told = await answer.json();
        const sentences = Object.values(told.errors || {}).flat();
        toast(sentences[0] || told.message || words.unsaved, "red");
      } catch {
        toast(words.unsaved, "red");
      }
      return false;
    });
    return queue;
  }

  function turn(on) {
    board.classList.toggle("is-arranged", on);
    button.setAttribute("aria-pressed", String(on));
    bar.hidden = !on;
    for (const part of board.querySelectorAll("[data-grip], .tile-arrange")) part.hidden = !on;
  }

  button.hidden = false;
  button.addEventListener("click", () => turn(!board.classList.contains("is-arranged")));
  document.querySelector("[data-arrange-done]").addEventListener("click", () => {
    turn(false);
    button.focus();
  });
  if (sessionStorage.getItem(KEPT)) {
    sessionStorage.removeItem(KEPT);
    turn(true);
  }

  function tell(tile) {
    const all = tiles();
    says.textContent = filled(words.moved, { title: titleOf(tile), place: all.indexOf(tile) + 1, all: all.length });
  }

  /** Move a tile to a place in the order. */
  function move(tile, place) {
    const all = tiles();
    const from = all.indexOf(tile);
    const to = Math.max(0, Math.min(place, all.length - 1));
    if (to === from) return;
    if (to < from) all[to].before(tile);
    else all[to].after(tile);
    tell(tile);
    keep();
  }

  board.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip) return;
    const tile = grip.closest("[data-tile]");
    const here = tiles().indexOf(tile);
    const steps = { ArrowLeft: here - 1, ArrowUp: here - 1, ArrowRight: here + 1, ArrowDown: here + 1, Home: 0, End: Infinity };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    move(tile, next);
    grip.focus();
  });

  board.addEventListener("change", (event) => {
    const select = event.target.closest("[data-resize]");
    if (!select) return;
    const tile = select.closest("[data-tile]");
    tile.dataset.width = select.value;
    says.textContent = filled(words.resized, { title: titleOf(tile), width: select.value });
    keep();
  });

  board.addEventListener("click", async (event) => {
    const remove = event.target.closest("[data-remove]");
    if (!remove) return;
    const tile = remove.closest("[data-tile]");
    const next = tile.nextElementSibling || tile.previousElementSibling;
    const follows = tile.nextElementSibling;
    tile.remove();
    says.textContent = filled(words.removed, { title: titleOf(tile) });
    (next?.querySelector("[data-remove]") || button).focus();
    if (!(await keep({ removed: [tile.dataset.tile] }))) board.insertBefore(tile, follows);
  });

  // By drag: the grip carries its tile.
  let carried = null;
  board.addEventListener("dragstart", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    if (!grip) return;
    carried = grip.closest("[data-tile]");
    carried.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", carried.dataset.tile);
    event.dataTransfer.setDragImage(carried, 20, 20);
  });
  board.addEventListener("dragover", (event) => {
    if (!carried) return;
    event.preventDefault();
    const over = event.target.closest("[data-tile]");
    for (const tile of tiles()) tile.classList.toggle("is-target", tile === over && tile !== carried);
  });
  board.addEventListener("drop", (event) => {
    const over = event.target.closest("[data-tile]");
    if (!carried || !over) return;
    event.preventDefault();
    move(carried, tiles().indexOf(over));
  });
  board.addEventListener("dragend", () => {
    carried = null;
    for (const tile of tiles()) tile.classList.remove("is-dragged", "is-target");
  });

  // The catalogue.
  document.querySelector("[data-add-open]").addEventListener("click", () => {
    const there = new Set(tiles().map((tile) => tile.dataset.tile));
    for (const add of dialog.querySelectorAll("[data-add]")) {
      add.disabled = there.has(add.dataset.add);
      if (add.disabled) add.closest("ul").append(add.closest("li")); // what is there already comes last
    }
    dialog.showModal();
  });
  dialog.addEventListener("click", async (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    const add = event.target.closest("[data-add]");
    if (!add) return;
    add.disabled = true;
    if (await keep({ added: [{ key: add.dataset.add, width: Number(add.dataset.width) }] })) {
      sessionStorage.setItem(KEPT, "1");
      location.reload();
    }
  });

  const reset = document.querySelector("[data-reset]");
  reset.addEventListener("submit", async (event) => {
    if (reset.dataset.sure) return;
    event.preventDefault();
    const { title, text, verb } = reset.dataset;
    if (!(await window.indexus.ask({ title, text, verb }))) return;
    reset.dataset.sure = "1";
    reset.requestSubmit();
  });
})();
