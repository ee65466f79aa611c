// The bell: its number is live, its newest notifications are loaded when it is opened.
(() => {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const { make, icon, toast, word, quietly } = window.indexus;
  const words = JSON.parse(document.getElementById("bell-words").textContent);
  const menu = document.getElementById("bell");
  const list = menu.querySelector("[data-bell-list]");
  const count = bell.querySelector("[data-bell-count]");
  const token = menu.querySelector('[name="csrf_token"]').value;
  const spoken = document.querySelector("[data-bell-said]");
  const isOpen = () => menu.matches(":popover-open");
  let unread = null;

  function ring(told) {
    count.textContent = told.count;
    count.hidden = !told.unread;
    bell.title = told.said;
    bell.setAttribute("aria-label", `${words.label}: ${told.said}`);
    // Only what is new is said aloud, not that one has read something.
    if (unread !== null && told.unread > unread) spoken.textContent = told.said;
    unread = told.unread;
  }

  function lineOf(item) {
    const line = make("li", `bell-line${item.read ? "" : " is-unread"}${item.gone ? " is-gone" : ""}`, "", { "data-id": item.id });
    const link = make("a", "bell-link", "", { href: item.href });
    const sign = make("span", "notice-icon", "", item.tone ? { "data-tone": item.tone } : {});
    sign.append(icon(item.icon, 18));
    const text = make("span", "bell-text");
    const title = make("span", "bell-title");
    if (!item.read) title.append(make("span", "unseen", `${words.unread}: `));
    title.append(item.title);
    text.append(title);
    if (item.about) text.append(make("strong", "", item.about));
    const below = [item.more, item.when].filter(Boolean).join(" · ");
    text.append(make("small", "", below, { title: item.moment }));
    link.append(sign, text);
    const away = make("button", "button is-plain is-small is-square", "", {
      type: "button", "aria-label": `${words.dismiss}: ${item.title}`, title: words.dismiss,
    });
    away.append(icon("x", 14));
    away.addEventListener("click", () => dismiss(item, line));
    line.append(link, away);
    return line;
  }

  function empty() {
    const box = make("li", "empty is-small");
    box.append(icon("bell", 28), make("strong", "", words.empty), make("p", "", words.empty_text));
    return box;
  }

  function draw(items) {
    const here = document.activeElement?.closest(".bell-line")?.dataset.id;
    list.replaceChildren(...(items.length ? items.map(lineOf) : [empty()]));
    if (here) list.querySelector(`[data-id="${CSS.escape(here)}"] a`)?.focus();
  }

  function waiting() {
    const bones = [0, 1, 2].map(() => {
      const line = make("li", "bell-line");
      line.append(make("span", "bone"));
      return line;
    });
    list.replaceChildren(...bones);
    list.setAttribute("aria-busy", "true");
  }

  async function ask() {
    const full = isOpen();
    try {
      const answer = await quietly(bell.dataset.href + (full ? "?list=1" : ""));
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const told = await answer.json();
      ring(told);
      if (told.items && isOpen()) draw(told.items);
    } catch {
      // The number stays as it was until the next time; an open list says that it could not be loaded.
      if (full && list.hasAttribute("aria-busy")) {
        const box = make("li", "empty is-small", word("failed"));
        const again = make("button", "button is-small", word("retry"), { type: "button" });
        again.addEventListener("click", open);
        box.append(again);
        list.replaceChildren(box);
      }
    } finally {
      if (full) list.removeAttribute("aria-busy");
    }
  }

  async function send(path) {
    const answer = await fetch(path, {
      method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token },
    });
    if (!answer.ok) {
      const found = await answer.json().catch(() => ({}));
      toast(found.message || word("failed"), "red");
      return false;
    }
    ring(await answer.json());
    return true;
  }

  async function dismiss(item, line) {
    const next = (line.nextElementSibling || line.previousElementSibling)?.querySelector("a");
    if (!(await send(`/notifications/${item.id}/dismiss`))) return;
    line.remove();
    (next || bell).focus();
    if (!list.childElementCount) draw([]);
    toast(words.dismissed, "green", {
      label: words.undo,
      beside: menu,
      run: async () => {
        if (!(await send(`/notifications/${item.id}/restore`))) return;
        await ask();
        const back = isOpen() && list.querySelector(`[data-id="${CSS.escape(item.id)}"] a`);
        (back || bell).focus();
      },
    });
  }

  function open() {
    waiting();
    ask();
  }

  menu.addEventListener("toggle", (event) => event.newState === "open" && open());
  menu.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const here = links.indexOf(document.activeElement);
    const next = { ArrowDown: here + 1, ArrowUp: here - 1 }[event.key];
    if (next === undefined || !links.length) return;
    event.preventDefault();
    links[(next + links.length) % links.length].focus();
  });
  menu.querySelector("[data-bell-read-all]").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send("/notifications/read")) ask();
  });
  document.addEventListener("live:notifications", ask);
  document.addEventListener("live:poll", ask);
  // A page that comes back from the browser's memory shows an old number.
  window.addEventListener("pageshow", (event) => event.persisted && ask());
  unread = Number.parseInt(count.textContent, 10) || 0;
  window.indexus.bell = { ask, send };
})();
