// The forecast: a deal is moved to another month by the mouse, a finger or the keys. The server says how the months
// look then; what is refused goes back.
(() => {
  const { make, icon, toast, word, quietly } = window.indexus;
  const forecast = document.querySelector("[data-forecast]");
  const live = document.querySelector("[data-live]");
  const menu = document.getElementById("month-menu");
  const words = JSON.parse(document.getElementById("forecast-words").textContent);
  const moves = "moves" in forecast.dataset;
  let dragging = false;
  let stale = false; // something changed while a card was held
  let asked = 0;

  const columnOf = (element) => element.closest("[data-month]");
  const columns = () => [...forecast.querySelectorAll("[data-month]")];

  /** Where the columns are asked for: with the filters of the page, and as many cards as they have. */
  function address(page, more = {}) {
    const query = new URLSearchParams(forecast.dataset.query.replace(/^\?/, ""));
    for (const [name, value] of Object.entries(more)) query.append(name, value);
    return `${forecast.dataset.href}/${page}?${query}`;
  }

  function shown(url) {
    const parts = columns().map((column) => [column.dataset.month, column.querySelectorAll("[data-deal]").length]);
    const unfolded = parts.filter(([, cards]) => cards > 30).map(([month, cards]) => `&shown=${month}:${cards}`);
    return url + unfolded.join("");
  }

  // A card that a hand is on stays the card it is: what is new is drawn when the hand has gone.
  const pressed = window.indexus.pressed(forecast, "[data-deal]", settle);
  const inHand = () => dragging || pressed() || Boolean(menu?.matches(":popover-open"));
  function settle() {
    if (stale) refresh();
  }

  /** The columns as they are now; the focus stays on the card it was on. */
  async function refresh(focused = document.activeElement?.closest("[data-deal]")?.dataset.deal) {
    if (inHand()) {
      stale = true;
      return;
    }
    stale = false;
    const turn = ++asked;
    let html;
    try {
      const answer = await quietly(shown(address("columns")));
      if (!answer.ok || turn !== asked) return;
      html = await answer.text();
    } catch {
      return; // the next change, or the clock, asks again
    }
    if (inHand()) {
      stale = true;
      return;
    }
    const tops = new Map(columns().map((column) => [column.dataset.month, column.querySelector("[data-cards]").scrollTop]));
    const left = forecast.scrollLeft;
    forecast.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    forecast.scrollLeft = left;
    for (const column of columns()) column.querySelector("[data-cards]").scrollTop = tops.get(column.dataset.month) || 0;
    sortable();
    if (focused) forecast.querySelector(`[data-deal="${CSS.escape(focused)}"] .forecast-title`)?.focus();
  }

  async function move(card, month) {
    const column = forecast.querySelector(`[data-month="${month}"]`);
    if (!("takes" in column.dataset)) {
      toast(words.nowhere, "red");
      live.textContent = words.nowhere;
      await refresh(card.dataset.deal);
      return;
    }
    card.setAttribute("aria-busy", "true");
    let said;
    let tone = "green";
    try {
      const answer = await fetch(`${forecast.dataset.href}/move`, {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": forecast.dataset.csrf },
        body: JSON.stringify({ deal: card.dataset.deal, month, version: card.dataset.version }),
      });
      const body = await answer.json();
      said = body.said;
      if (!answer.ok) {
        said = Object.values(body.errors || {}).flat().join(" ") || body.message || word("failed");
        tone = "red";
      }
    } catch {
      said = words.lost;
      tone = "red";
    }
    toast(said, tone);
    live.textContent = `${card.dataset.title}: ${said}`;
    await refresh(card.dataset.deal);
  }

  // By mouse and finger ----------------------------------------------------------

  menu?.addEventListener("toggle", (event) => event.newState === "closed" && settle());

  function sortable() {
    if (!moves || !window.Sortable) return;
    for (const column of columns()) {
      Sortable.create(column.querySelector("[data-cards]"), {
        group: { name: "forecast", put: "takes" in column.dataset },
        draggable: "[data-deal]",
        filter: ".forecast-move",
        preventOnFilter: false,
        sort: false,
        delay: 180,
        delayOnTouchOnly: true,
        animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
        ghostClass: "is-ghost",
        onStart() {
          dragging = true;
          forecast.classList.add("is-dragging");
        },
        onEnd({ item, from, to }) {
          dragging = false;
          forecast.classList.remove("is-dragging");
          if (from !== to) move(item, columnOf(to).dataset.month);
          else settle();
        },
      });
    }
  }

  // By the keys -------------------------------------------------------------------

  forecast.addEventListener("keydown", (event) => {
    const card = event.target.closest("[data-deal]");
    if (!card || !moves || !event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    if (card.getAttribute("aria-busy") === "true") return;
    const all = columns();
    const here = all.indexOf(columnOf(card));
    const step = event.key === "ArrowLeft" ? -1 : 1;
    let there = here + step;
    while (all[there] && !("takes" in all[there].dataset)) there += step;
    if (!all[there]) {
      live.textContent = words.nowhere;
      return;
    }
    move(card, all[there].dataset.month);
  });

  let chosen = null;
  forecast.addEventListener("click", async (event) => {
    const more = event.target.closest("[data-more]");
    if (more) {
      more.disabled = true;
      const line = more.parentElement;
      const answer = await fetch(address("more", { month: columnOf(more).dataset.month, after: more.dataset.more })).catch(() => null);
      if (!answer?.ok) {
        more.disabled = false;
        toast(word("failed"), "red");
        return;
      }
      const parsed = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, "text/html");
      const next = parsed.querySelector("[data-deal] .forecast-title");
      line.replaceWith(...parsed.querySelector("ul").children);
      next?.focus();
      return;
    }
    const button = event.target.closest("[data-move-to]");
    if (!button) return;
    chosen = button.closest("[data-deal]");
    const here = columnOf(button);
    menu.replaceChildren(
      ...columns().filter((column) => "takes" in column.dataset).map((column) => {
        const item = make("button", "menu-item", "", { type: "button", role: "menuitem", "data-to": column.dataset.month });
        item.append(make("span", "", column.dataset.label));
        if (column === here) {
          item.setAttribute("aria-current", "true");
          item.append(icon("check"));
        }
        return item;
      }),
    );
    menu.showPopover({ source: button });
    const place = button.getBoundingClientRect();
    Object.assign(menu.style, {
      position: "fixed",
      inset: "auto",
      top: `${Math.min(place.bottom + 4, innerHeight - menu.offsetHeight - 8)}px`,
      left: `${Math.max(8, Math.min(place.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`,
    });
    menu.querySelector("button").focus();
  });

  menu?.addEventListener("click", (event) => {
    const item = event.target.closest("[data-to]");
    if (!item || !chosen) return;
    menu.hidePopover();
    if (columnOf(chosen).dataset.month !== item.dataset.to) move(chosen, item.dataset.to);
  });
  menu?.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    items[(at + items.length) % items.length].focus();
  });

  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => refresh(), 400);
  };
  document.addEventListener("live:board", soon);
  document.addEventListener("live:poll", soon);
  sortable();
})();
