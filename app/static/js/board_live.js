// The board as others change it: the columns are asked for anew and patched card by card, so that nobody who works
// on it loses focus, scroll or a card in the hand. And more of a column, and one column at a time on a phone.
(() => {
  const { toast, word, board: shared } = window.indexus;
  if (!shared) return;
  const { board, lanes, cards, cardOf, linkOf, parsed, remember, sources, replace, flash, calm, sortable } = shared;
  const { href } = board.dataset;

  // More of a column -------------------------------------------------------------------

  const filters = () => new URLSearchParams(board.dataset.query.replace(/^\?/, ""));

  let loading = 0; // pages of columns on their way
  let loads = 0; // pages that have come: columns that were asked for before know nothing of them

  async function more(button) {
    const line = button.closest(".lane-more");
    const lane = line.parentElement;
    const asked = filters();
    asked.set("stage", lane.dataset.lane);
    asked.set("after", line.dataset.following);
    button.disabled = true;
    loading += 1;
    const answer = await fetch(`${href}/more?${asked}`, { headers: { Accept: "text/html" } }).catch(() => null);
    const html = answer?.ok && (await answer.text());
    loading -= 1;
    loads += 1;
    button.disabled = false;
    settle();
    if (!html) return toast(word("failed"), "red");
    const added = [...parsed(html).children].filter((one) => !one.dataset.deal || !cardOf(one.dataset.deal));
    added.forEach((one) => one.dataset.deal && remember(one));
    line.replaceWith(...added);
    const first = added.find((one) => one.dataset.deal);
    if (first) linkOf(first).focus({ preventScroll: true });
  }

  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-more]");
    if (button) more(button);
  });

  // What others do --------------------------------------------------------------------

  let etag = "";
  let asking = false;
  let waiting = false; // there is something new, but now is no time for it
  let timer = 0;
  let rest = 0; // until when the house is left alone, in ms
  const busy = () => shared.working() || document.hidden || loading > 0;

  /** Soon, but not all pages at once; what changes meanwhile, however much it is, is asked for together. */
  function refresh() {
    timer ||= setTimeout(ask, Math.max(200 + Math.random() * 400, rest - Date.now()));
  }
  function settle() {
    if (waiting) refresh();
  }

  async function ask() {
    timer = 0;
    if (Date.now() < rest) return refresh();
    if (busy() || asking) {
      waiting = true;
      return;
    }
    waiting = false;
    asking = true;
    const begun = Date.now();
    const [before, known] = [shared.moves(), loads];
    const asked = filters();
    for (const lane of lanes()) {
      const many = cards(lane).length;
      if (many > 50) asked.append("shown", `${lane.dataset.lane}:${many}`);
    }
    try {
      const headers = { Accept: "text/html", "X-Quiet": "1", ...(etag && { "If-None-Match": etag }) };
      const answer = await fetch(`${href}/columns?${asked}`, { headers, cache: "no-store" });
      if (answer.status === 200 && !answer.redirected) {
        const html = await answer.text();
        if (busy() || before !== shared.moves() || known !== loads) waiting = true;
        else {
          etag = answer.headers.get("ETag") || "";
          patch(new DOMParser().parseFromString(html, "text/html").body);
        }
      }
    } catch {
      waiting = true; // the stream asks again when it is back
    } finally {
      asking = false;
      // A board that takes long to answer is asked less often.
      rest = Date.now() + Math.min(10_000, Math.max(1_000, 3 * (Date.now() - begun)));
    }
    if (waiting && !busy()) refresh();
  }

  const same = (one, other) => one.innerHTML.trim() === other.innerHTML.trim();

  function patch(there) {
    const keys = (root) => [...root.querySelectorAll("[data-stage]")].map((one) => one.dataset.stage).join();
    const note = board.querySelector("[data-left-out]");
    note.replaceChildren(...there.querySelector("[data-left-out]").childNodes);
    const tabs = board.querySelector(".lane-tabs");
    const current = tabs.querySelector("[aria-current]")?.dataset.laneTab;
    const others = there.querySelector(".lane-tabs");
    others.querySelectorAll("button").forEach((one) => {
      one.removeAttribute("aria-current");
      if (one.dataset.laneTab === current) one.setAttribute("aria-current", "true");
    });
    if (!same(tabs, others)) tabs.replaceChildren(...others.childNodes);
    if (keys(board) !== keys(there)) {
      board.querySelector("[data-lanes]").replaceWith(there.querySelector("[data-lanes]"));
      board.querySelectorAll("[data-deal]").forEach(remember);
      lanes().forEach(sortable);
      return;
    }
    const known = new Map([...board.querySelectorAll("[data-deal]")].map((card) => [card.dataset.deal, card]));
    const from = new Map([...known].map(([id, card]) => [id, card.parentElement.dataset.lane]));
    for (const column of there.querySelectorAll("[data-stage]")) {
      const mine = board.querySelector(`[data-stage="${CSS.escape(column.dataset.stage)}"]`);
      patchHead(mine, column);
      patchLane(mine.querySelector("[data-lane]"), column.querySelector("[data-lane]"), known, from);
    }
    for (const card of known.values()) card.remove(); // what is left is not on the board any more
  }

  function patchHead(mine, column) {
    mine.toggleAttribute("data-asks", column.hasAttribute("data-asks"));
    Object.assign(mine.dataset, { name: column.dataset.name });
    mine.setAttribute("style", column.getAttribute("style"));
    const [head, theirs] = [mine, column].map((one) => one.querySelector("[data-lane-head]"));
    if (same(head, theirs)) return;
    const focused = head.contains(document.activeElement);
    head.replaceChildren(...theirs.childNodes);
    if (focused) head.querySelector("[data-quick-add]")?.focus({ preventScroll: true });
  }

  function patchLane(lane, theirs, known, from) {
    let place = lane.firstElementChild;
    const step = () => {
      while (place && !place.matches("[data-deal]")) place = place.nextElementSibling;
    };
    for (const drawn of cards(theirs)) {
      const id = drawn.dataset.deal;
      const old = known.get(id);
      known.delete(id);
      let card = old;
      const source = drawn.outerHTML.trim();
      if (!old || sources.get(old) !== source) {
        const adopted = document.adoptNode(drawn);
        sources.set(adopted, source);
        if (old) {
          if (place === old) place = adopted;
          replace(old, adopted);
        }
        card = adopted;
        if (!old || from.get(id) !== lane.dataset.lane) flash(card);
      }
      step();
      if (card === place) place = card.nextElementSibling;
      else {
        const focused = card.contains(document.activeElement) ? document.activeElement : null;
        lane.insertBefore(card, place && place.parentElement === lane ? place : lane.querySelector(".lane-more"));
        focused?.focus({ preventScroll: true });
      }
    }
    const [line, other] = [lane, theirs].map((one) => one.querySelector(".lane-more"));
    if (line && other) line.dataset.following = other.dataset.following;
    else if (line) line.remove();
    else if (other) lane.append(other);
  }

  Object.assign(shared, { refresh, settle });
  document.addEventListener("live:board", refresh);
  document.addEventListener("live:poll", refresh);
  document.addEventListener("deal:changed", refresh);
  document.addEventListener("visibilitychange", () => !document.hidden && settle());
  setInterval(refresh, 5 * 60 * 1000); // what was due today is late by itself

  // One column at a time on a phone ------------------------------------------------------

  const area = () => board.querySelector("[data-lanes]");
  board.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-lane-tab]");
    if (!tab) return;
    const column = board.querySelector(`[data-stage="${CSS.escape(tab.dataset.laneTab)}"]`);
    area().scrollTo({ left: column.offsetLeft - area().offsetLeft, behavior: calm ? "instant" : "smooth" });
  });
  board.addEventListener("scroll", (event) => {
    if (event.target !== area()) return;
    const width = area().clientWidth;
    const here = [...board.querySelectorAll("[data-stage]")].find((one) => one.offsetLeft - area().offsetLeft + one.offsetWidth / 2 >= area().scrollLeft && one.offsetWidth <= width);
    board.querySelectorAll("[data-lane-tab]").forEach((tab) => {
      const current = tab.dataset.laneTab === here?.dataset.stage;
      if (current && !tab.hasAttribute("aria-current")) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      tab.toggleAttribute("aria-current", current);
      if (current) tab.setAttribute("aria-current", "true");
    });
  }, { capture: true, passive: true });
})();
