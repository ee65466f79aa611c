// What is kept for a list: columns and their order, the way it is sorted, saved searches.
(() => {
  const { toast } = window.indexus;
  const columns = document.querySelector("[data-columns]");
  const views = document.querySelector("[data-views]");
  const token = (columns || views)?.querySelector('[name="csrf_token"]')?.value;
  const table = location.pathname.split("/")[1];

  function post(href, values) {
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    return fetch(href, { method: "POST", headers, body: new URLSearchParams(values), keepalive: true });
  }

  // The chooser: the order of the lines is the order of the columns.
  if (columns) {
    const list = columns.querySelector(".column-list");
    const said = columns.querySelector("[data-column-said]");
    const lines = () => [...list.children];
    let dragged = null;

    columns.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (!button) return;
      const line = button.closest("li");
      const shown = lines().filter((one) => !one.hidden);
      const there = shown[shown.indexOf(line) + Number(button.dataset.move)];
      if (!there) return;
      if (button.dataset.move === "1") there.after(line);
      else there.before(line);
      button.focus();
      line.scrollIntoView({ block: "nearest" });
      const number = lines().indexOf(line) + 1;
      said.textContent = columns.dataset.moved.replace("{name}", line.dataset.column).replace("{number}", number);
    });
    list.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("li");
      dragged?.classList.add("is-dragged");
      event.dataTransfer.effectAllowed = "move";
    });
    list.addEventListener("dragover", (event) => {
      const over = event.target.closest("li");
      if (!dragged || !over) return;
      event.preventDefault();
      if (over === dragged) return;
      const box = over.getBoundingClientRect();
      if (event.clientY > box.top + box.height / 2) over.after(dragged);
      else over.before(dragged);
    });
    list.addEventListener("drop", (event) => event.preventDefault());
    list.addEventListener("dragend", () => {
      dragged?.classList.remove("is-dragged");
      dragged = null;
    });
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    columns.querySelector("[data-column-find]").addEventListener("input", (event) => {
      const wanted = plain(event.target.value.trim());
      for (const line of lines()) line.hidden = !plain(line.dataset.column).includes(wanted);
      const said = columns.querySelector("[data-column-said]");
      said.textContent = said.dataset.found.replace("{count}", lines().filter((line) => !line.hidden).length);
    });
    columns.querySelector("[data-column-find]").addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }

  // Without an open search, how one sorts and how long a page is stays for the next time.
  const opened = new URLSearchParams(location.search).get("view");
  if (token && (!opened || opened === "all")) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-table] thead a, #view-menu a, #size-menu a");
      if (!link) return;
      const name = link.closest("#size-menu") ? "page_size" : "order";
      const value = new URL(link.href).searchParams.get(name);
      // The page goes on meanwhile: what is not kept is only asked for again.
      if (value) post(`/lists/${table}/remember`, { [name]: value }).catch(() => {});
    });
  }

  if (!views) return;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-link]");
    if (!button) return;
    button.closest("[popover]")?.hidePopover();
    const href = new URL(button.dataset.copyLink, location.href).href;
    try {
      await navigator.clipboard.writeText(href);
      toast(views.dataset.said);
    } catch {
      // Without the right to the clipboard the link is shown to be copied by hand.
      prompt(button.textContent.trim(), href);
    }
  });

  // A deleted search can be brought back from the list one is on then.
  const KEPT = "indexus.search.undo";
  views.querySelector("[data-delete-search]")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await post(event.target.action, {});
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      toast(body.message || answer.statusText, "red");
      return;
    }
    sessionStorage.setItem(KEPT, JSON.stringify({ said: body.said, undo: body.undo }));
    location.assign(body.href);
  });
  const left = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  if (left) {
    sessionStorage.removeItem(KEPT);
    toast(left.said, "green", {
      label: views.dataset.undo,
      run: async () => {
        const answer = await post("/searches/restore", { undo: left.undo });
        if (answer.ok) location.assign(answer.url);
        else toast((await answer.json().catch(() => ({}))).message || answer.statusText, "red");
      },
    });
  }
})();
