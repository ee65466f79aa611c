// "Go to" (Ctrl-K): every entry of the navigation and every table, filtered while typing.
(() => {
  const { make, icon, word } = window.indexus;
  const dialog = document.getElementById("goto");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector('[role="listbox"]');
  const shown = 40;
  let entries = null;
  let matches = [];
  let chosen = 0;

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function fromNavigation() {
    return [...document.querySelectorAll(".side a.nav-line")].map((link) => ({
      text: link.textContent.trim(),
      href: link.getAttribute("href"),
      group: link.dataset.nav || "",
      icon: link.dataset.icon || "arrow-right",
    }));
  }

  async function load() {
    entries = fromNavigation();
    draw();
    const known = new Set(entries.map((entry) => entry.href));
    try {
      const answer = await fetch(dialog.dataset.href, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      for (const table of await answer.json()) {
        if (!known.has(table.href)) entries.push({ ...table, icon: table.icon || "table" });
      }
      draw();
    } catch {
      // The navigation alone is still a list to choose from.
    }
  }

  /** Lower is better; null is no match. A hit at the start of a word wins. */
  function rank(entry, query) {
    if (!query) return entry.group ? 1 : 0;
    const text = plain(entry.text);
    const at = text.indexOf(query);
    if (at === 0) return 0;
    if (at > 0) return text[at - 1] === " " ? 1 : 2;
    if (plain(entry.group).includes(query)) return 3;
    if (plain(entry.href).includes(query)) return 4;
    return null;
  }

  function draw() {
    const query = plain(input.value.trim());
    matches = entries
      .map((entry) => ({ entry, score: rank(entry, query) }))
      .filter((match) => match.score !== null)
      .sort((a, b) => a.score - b.score || a.entry.text.localeCompare(b.entry.text))
      .slice(0, shown)
      .map((match) => match.entry);
    chosen = 0;
    list.replaceChildren(
      ...matches.map((entry, index) => {
        const option = make("div", "", "", { role: "option", id: `goto-${index}`, "data-index": index });
        option.append(icon(entry.icon), make("span", "", entry.text), make("small", "", entry.group));
        return option;
      }),
    );
    if (matches.length === 0) list.append(make("p", "empty is-small", word("no_match")));
    mark();
  }

  function mark() {
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    const option = matches.length ? list.children[chosen] : null;
    option?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option?.id || "");
  }

  function open() {
    if (dialog.open) return;
    dialog.showModal();
    input.value = "";
    input.focus();
    if (entries) draw();
    else load();
  }

  function go(index, elsewhere) {
    const entry = matches[index];
    if (!entry) return;
    if (elsewhere) window.open(entry.href, "_blank", "noopener");
    else {
      dialog.close();
      location.assign(entry.href);
    }
  }

  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && matches.length) {
      event.preventDefault();
      chosen = (chosen + step + matches.length) % matches.length;
      mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(chosen, event.ctrlKey || event.metaKey);
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) go(Number(option.dataset.index), event.ctrlKey || event.metaKey);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.querySelectorAll("[data-goto-open]").forEach((button) => button.addEventListener("click", open));
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
})();
