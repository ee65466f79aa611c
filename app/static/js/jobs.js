// Background jobs: the page refreshes itself while somebody looks, without moving what is chosen or focused.
(() => {
  const EVERY = 5000; // ms
  const ASLEEP = 10 * 60 * 1000; // ms without a key or a pointer: a forgotten page must not keep its login alive
  const holder = document.querySelector("[data-jobs]");
  if (!holder) return;
  const words = JSON.parse(document.getElementById("jobs-words").textContent);
  const board = holder.querySelector("[data-board]");
  const pulse = holder.querySelector("[data-pulse]");
  const pause = holder.querySelector("[data-pause]");
  const dialog = document.getElementById("discard");
  const drawn = new Map([...board.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part.outerHTML]));
  const chosen = new Set();
  let paused = false;
  let asking = null;
  let timer = 0;
  let touched = Date.now();

  // Choosing --------------------------------------------------------------

  const ticks = () => [...board.querySelectorAll('input[name="id"]')];

  function showChoice() {
    const all = board.querySelector("[data-all]");
    const boxes = ticks();
    for (const box of boxes) box.checked = chosen.has(box.value);
    const count = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = count > 0 && count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
    for (const button of board.querySelectorAll("[data-needs-choice]")) button.disabled = count === 0;
    const said = board.querySelector("[data-chosen]");
    const text = count === 0 ? "" : count === 1 ? words.chosen_one : words.chosen.replace("{number}", count);
    if (said && said.textContent !== text) said.textContent = text;
  }

  board.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      for (const box of ticks()) event.target.checked ? chosen.add(box.value) : chosen.delete(box.value);
    } else if (event.target.name === "id") {
      event.target.checked ? chosen.add(event.target.value) : chosen.delete(event.target.value);
    } else return;
    showChoice();
  });
  // What the browser kept ticked over a reload is chosen.
  for (const box of ticks()) if (box.checked) chosen.add(box.value);
  showChoice();

  // Discarding ------------------------------------------------------------

  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-discard]");
    if (!button || !dialog) return;
    const ids = button.dataset.discard ? [button.dataset.discard] : ticks().filter((box) => box.checked).map((box) => box.value);
    const fields = ids.map((id) => {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "only", value: id });
      return field;
    });
    dialog.querySelector("[data-discard-ids]").replaceChildren(...fields);
    dialog.showModal();
    dialog.querySelector("#discard-why").focus();
  });
  dialog?.querySelector("[data-discard-no]").addEventListener("click", () => dialog.close());
  dialog?.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog?.addEventListener("close", schedule);

  // Refreshing ------------------------------------------------------------

  /** A way to find the focused control again in a part that is drawn anew. */
  function placeOf(element) {
    if (!element || !board.contains(element)) return null;
    if (element.value && element.name) return `[name="${element.name}"][value="${CSS.escape(element.value)}"]`;
    if (element.dataset.discard) return `[data-discard="${CSS.escape(element.dataset.discard)}"]`;
    if (element.matches("a[href]")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
    return ["data-all", "data-needs-choice"].filter((name) => element.hasAttribute(name)).map((name) => `[${name}]`)[0] || null;
  }

  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const parts = [...page.querySelectorAll("[data-part]")];
    if (!parts.length) return false;
    for (const part of parts) {
      const name = part.dataset.part;
      const html = part.outerHTML;
      if (drawn.get(name) === html) continue;
      drawn.set(name, html);
      const old = board.querySelector(`[data-part="${name}"]`);
      const place = old.contains(document.activeElement) ? placeOf(document.activeElement) : null;
      const left = old.querySelector(".jobs-table")?.scrollLeft || 0;
      const fresh = document.importNode(part, true);
      old.replaceWith(fresh);
      const table = fresh.querySelector(".jobs-table");
      if (table) table.scrollLeft = left;
      if (place) fresh.querySelector(place)?.focus({ preventScroll: true });
    }
    const there = new Set(ticks().map((box) => box.value));
    for (const id of chosen) if (!there.has(id)) chosen.delete(id);
    showChoice();
    pulse.textContent = words.as_of.replace("{time}", board.querySelector("[data-at]").dataset.at);
    return true;
  }

  const still = () => paused || document.hidden || dialog?.open;

  async function refresh() {
    if (still()) return;
    if (Date.now() - touched > ASLEEP) {
      stop(words.asleep);
      return;
    }
    asking = new AbortController();
    try {
      const answer = await fetch(`/jobs/board${location.search}`, { signal: asking.signal, redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        location.reload(); // logged out, or the right is gone: the server says so
        return;
      }
      if (!answer.ok || still() || !show(await answer.text())) throw new Error("no board");
    } catch (error) {
      if (error.name !== "AbortError" && !still()) pulse.textContent = words.away;
    }
    asking = null;
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (!still()) timer = setTimeout(refresh, EVERY);
  }

  function stop(text) {
    paused = true;
    clearTimeout(timer);
    asking?.abort();
    pulse.textContent = text;
    showPause();
  }

  function showPause() {
    pause.setAttribute("aria-pressed", String(paused));
    pause.querySelector("[data-pause-text]").textContent = paused ? words.go_on : words.pause;
  }

  pause.addEventListener("click", () => {
    touched = Date.now();
    if (!paused) {
      stop(words.paused);
      return;
    }
    paused = false;
    showPause();
    refresh();
  });
  for (const kind of ["pointermove", "keydown", "scroll"]) {
    addEventListener(kind, () => (touched = Date.now()), { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
  schedule();
})();
