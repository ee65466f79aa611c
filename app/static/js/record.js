// A record: tabs with their address, panels loaded on demand, empty fields folded.
(() => {
  const { make, word } = window.indexus;

  const fold = document.querySelector("[data-fold]");
  fold?.addEventListener("click", () => {
    const sections = document.querySelector("[data-sections]");
    const open = sections.classList.toggle("show-empty");
    const text = fold.querySelector("span");
    fold.dataset.closed ||= text.textContent;
    text.textContent = open ? word("hide_empty") : fold.dataset.closed;
    fold.setAttribute("aria-expanded", String(open));
  });

  // Long texts show their beginning.
  const LONG = 260;
  for (const text of document.querySelectorAll(".value [data-long]")) {
    if (text.scrollHeight <= LONG + 60) continue;
    text.classList.add("is-cut");
    const more = make("button", "button is-plain is-small no-print", word("show_all"), { type: "button", "aria-expanded": "false" });
    more.addEventListener("click", () => {
      const cut = text.classList.toggle("is-cut");
      more.textContent = word(cut ? "show_all" : "show_less");
      more.setAttribute("aria-expanded", String(!cut));
    });
    text.after(more);
  }

  document.querySelector("[data-print]")?.addEventListener("click", (event) => {
    event.currentTarget.closest("[popover]")?.hidePopover();
    print();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await copy(button.dataset.copy);
    window.indexus.toast(button.dataset.copied);
  });

  /** Outside of HTTPS a browser has no clipboard for scripts, but copies what is marked. */
  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = make("textarea", "unseen");
    const before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    before?.focus();
  }

  const bar = document.querySelector("[data-tabs]");
  if (!bar) return;
  const tabs = [...bar.querySelectorAll('[role="tab"]')];
  const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

  async function fetched(href) {
    const answer = await fetch(href, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const body = parsed.querySelector("[data-tab-body]");
    if (!body) throw new Error("not a tab");
    return document.adoptNode(body);
  }

  async function load(panel) {
    const href = panel.dataset.load;
    if (!href) return;
    delete panel.dataset.load;
    try {
      panel.replaceChildren(await fetched(href));
    } catch {
      panel.dataset.load = href;
      const box = make("div", "empty is-small");
      const retry = make("button", "button", word("retry"), { type: "button" });
      retry.addEventListener("click", () => load(panel));
      box.append(make("strong", "", word("failed")), retry);
      panel.replaceChildren(box);
    }
  }

  // The next page of a timeline goes below the one that is there; a day that goes on stays one day.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-older]");
    if (!link) return;
    event.preventDefault();
    if (link.ariaBusy === "true") return;
    link.ariaBusy = "true";
    try {
      const body = await fetched(link.getAttribute("href"));
      const days = link.closest("[data-tab-body]").querySelector("[data-days]");
      const first = body.querySelector("[data-days] [data-day]");
      const last = days.lastElementChild;
      const next = first?.querySelector("a, li");
      if (first && first.dataset.day === last.dataset.day) {
        last.querySelector("ol").append(...first.querySelectorAll("li"));
        first.remove();
      }
      days.append(...body.querySelectorAll("[data-day]"));
      const more = body.querySelector("a[data-older]");
      if (more) link.replaceWith(more);
      else link.remove();
      if (more) more.focus({ preventScroll: true });
      else if (next?.matches("a")) next.focus({ preventScroll: true });
    } catch {
      link.ariaBusy = "false";
      window.indexus.toast(word("failed"), "red");
    }
  });

  // Beside the record stands the latest, where there is room for it.
  const rail = document.querySelector("[data-rail]");
  const room = matchMedia("(min-width: 1200px)");
  let railAsked = 0;

  async function drawRail() {
    if (!rail?.isConnected || !room.matches) return;
    const mine = ++railAsked;
    const body = await fetched(rail.dataset.rail).catch(() => null);
    if (mine !== railAsked) return; // a later change reads it all
    if (body) rail.replaceChildren(body);
    rail.previousElementSibling.hidden = !rail.firstChild;
  }
  drawRail();
  room.addEventListener("change", () => !rail?.firstChild && drawRail());

  /** The rows of a tab anew, and how many there are everywhere that it is said. */
  window.indexus.reloadTab = async (panel) => {
    const key = panel.id.replace("panel-", "");
    panel.dataset.load = `${location.pathname}/tab/${key}`;
    await load(panel);
    const count = panel.querySelector("[data-tab-body]")?.dataset.count || "";
    for (const line of [document.getElementById(`tab-${key}`), document.querySelector(`[data-tab-open="${CSS.escape(key)}"]`)]) {
      line?.querySelector(".count")?.remove();
      line?.classList.remove("is-none");
      if (count && count !== "0") line?.append(make("span", "count", count));
    }
  };

  // What is told of the past is out of date once anything of the record was written on this page.
  function drawPast() {
    for (const key of ["timeline", "history"]) {
      const panel = document.getElementById(`panel-${key}`);
      if (!panel) continue;
      panel.dataset.load = `${location.pathname}/${key}`;
      if (!panel.hidden) load(panel);
    }
    drawRail();
  }
  document.addEventListener("past:changed", drawPast);

  // What was changed on the page itself: tabs that were loaded are out of date as well.
  document.addEventListener("record:changed", () => {
    for (const tab of tabs) {
      const key = tab.id.replace("tab-", "");
      if (!["details", "timeline", "history"].includes(key)) window.indexus.reloadTab(panelOf(tab));
    }
    drawPast();
  });

  // Older and newer entries take the place of the ones shown.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-panel]");
    const panel = link?.closest(".tab-panel");
    if (!panel) return;
    event.preventDefault();
    panel.dataset.load = link.getAttribute("href");
    load(panel);
  });

  function show(tab, remember) {
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
      panelOf(other).hidden = !on;
    }
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    load(panelOf(tab));
    if (remember) history.replaceState(history.state, "", tab.id === "tab-details" ? location.pathname + location.search : `#${tab.id}`);
  }

  bar.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) show(tab, true);
  });
  bar.addEventListener("keydown", (event) => {
    const here = tabs.indexOf(document.activeElement);
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined || here < 0) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    tab.focus();
    show(tab, true);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tab-open]");
    if (!button) return;
    const tab = document.getElementById(`tab-${button.dataset.tabOpen}`);
    show(tab, true);
    tab.focus({ preventScroll: true });
  });

  const fromAddress = () => tabs.find((tab) => `#${tab.id}` === location.hash);
  window.addEventListener("hashchange", () => show(fromAddress() || tabs[0], false));
  if (fromAddress()) show(fromAddress(), false);
})();
