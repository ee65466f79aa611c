// Search (Ctrl-K): pages of the navigation and every table, filtered while typing, and records, asked from the server.
(() => {
  const { make, icon, word } = window.indexus;
  const dialog = document.getElementById("goto");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector('[role="listbox"]');
  const status = dialog.querySelector("[data-goto-status]");
  const shownPages = 40; // without a line
  const pagesBeside = 4; // beside records
  const pause = 140; // ms between the last key and the question
  let pages = null;
  let records = { line: null, groups: [], said: "" };
  let last = [];
  let state = "idle"; // idle, asking, failed
  let options = [];
  let chosen = 0;
  let moved = false;
  let timer = 0;
  let running = null;
  let firstIsPage = false;
  let pending = null; // Enter was pressed before the answer was there

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const typed = () => input.value.trim().replace(/\s+/g, " ");

  function fromNavigation() {
    return [...document.querySelectorAll(".side a.nav-line")].map((link) => ({
      text: link.textContent.trim(),
      href: link.getAttribute("href"),
      group: link.dataset.nav || "",
      icon: link.dataset.icon || "arrow-right",
    }));
  }

  async function load() {
    pages = fromNavigation();
    draw();
    const known = new Set(pages.map((entry) => entry.href));
    try {
      const answer = await fetch(dialog.dataset.href, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      for (const table of await answer.json()) {
        if (!known.has(table.href)) pages.push({ ...table, icon: table.icon || "table" });
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

  function matchingPages(query, most) {
    return (pages || [])
      .map((entry) => ({ entry, score: rank(entry, query) }))
      .filter((match) => match.score !== null)
      .sort((a, b) => a.score - b.score || a.entry.text.localeCompare(b.entry.text))
      .slice(0, most);
  }

  // Asking -----------------------------------------------------------------

  function ask() {
    clearTimeout(timer);
    running?.abort();
    running = null;
    const line = typed();
    if (!line) {
      records = { line: null, groups: [], said: "" };
      state = "idle";
      return;
    }
    if (records.line === line && state === "idle") return;
    state = "asking";
    timer = setTimeout(() => fetchRecords(line), pause);
  }

  async function fetchRecords(line) {
    const abort = new AbortController();
    running = abort;
    try {
      const address = `${dialog.dataset.find}?${new URLSearchParams({ q: line })}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: abort.signal });
      const told = await answer.json();
      if (abort.signal.aborted) return;
      state = answer.ok ? "idle" : "failed";
      records = answer.ok
        ? { line, groups: told.groups, said: told.said, words: told.words, add: told.add }
        : { line, groups: [], said: told.message || word("failed") };
    } catch (error) {
      if (error.name === "AbortError") return;
      state = "failed";
      records = { line, groups: [], said: word("failed") };
    }
    running = null;
    draw();
    status.textContent = records.said;
    const waited = pending;
    pending = null;
    if (waited && state === "idle") go(0, waited.elsewhere);
  }

  async function fetchLast() {
    try {
      const answer = await fetch(dialog.dataset.find, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      last = (await answer.json()).recent || [];
      if (!typed()) draw();
    } catch {
      // Without what was opened last the box is still of use.
    }
  }

  // Drawing ----------------------------------------------------------------

  /** A text in which the beginnings of the words that were found stand out. */
  function marked(text, words) {
    const span = make("span", "goto-name");
    const letters = [...text];
    const folded = letters.map((letter) => plain(letter) || " ");
    let at = 0;
    let rest = "";
    const flush = () => {
      if (rest) span.append(rest);
      rest = "";
    };
    while (at < letters.length) {
      const start = at === 0 || /[^\p{L}\p{N}]/u.test(letters[at - 1]);
      const ahead = folded.slice(at).join("");
      const hit = start && words.filter((w) => w && ahead.startsWith(w)).sort((a, b) => b.length - a.length)[0];
      if (hit) {
        flush();
        const end = Math.min(letters.length, at + [...hit].length);
        span.append(make("mark", "", letters.slice(at, end).join("")));
        at = end;
      } else {
        rest += letters[at];
        at += 1;
      }
    }
    flush();
    return span;
  }

  function option(href, children, className = "") {
    const line = make("div", className, "", { role: "option", id: `goto-${options.length}`, "data-index": options.length });
    line.append(...children);
    options.push(href);
    return line;
  }

  function group(title, lines) {
    const box = make("div", "goto-group", "", { role: "group", "aria-label": title });
    box.append(make("div", "goto-title", title, { "aria-hidden": "true" }), ...lines);
    return box;
  }

  const pageOption = ({ entry }) =>
    option(entry.href, [icon(entry.icon), make("span", "goto-name", entry.text), make("small", "", entry.group)]);

  function recordOption(hit, kind = "") {
    const why = make("small", "goto-why");
    for (const reason of hit.why || []) {
      why.append(make("span", "", reason.label ? `${reason.label} ${reason.text}` : reason.text));
    }
    if (hit.about) why.append(make("span", "", hit.about));
    if (kind) why.append(make("span", "", kind));
    const parts = [icon(hit.icon), marked(hit.name, records.words || []), why];
    if (!hit.active) parts.splice(2, 0, make("span", "pill goto-ended", word("inactive"), { "data-tone": "grey" }));
    if (hit.country) {
      const land = make("span", "land", "", { title: hit.country_name });
      if (hit.flag) land.append(make("img", "flag", "", { src: hit.flag, width: 16, height: 12, alt: "" }));
      land.append(hit.country);
      parts.push(land);
    }
    return option(hit.href, parts, hit.active ? "" : "is-ended");
  }

  function skeleton() {
    const box = make("div", "goto-waiting", "", { "aria-hidden": "true" });
    for (const width of ["62%", "48%", "55%"]) {
      const bar = make("span");
      bar.style.width = width;
      box.append(bar);
    }
    return box;
  }

  function draw() {
    const line = typed();
    const query = plain(line);
    const keep = moved ? options[chosen] : null;
    options = [];
    const parts = [];
    if (!line) {
      records.words = [];
      if (last.length) parts.push(group(word("opened_last"), last.map((hit) => recordOption(hit, hit.kind))));
      const all = matchingPages("", shownPages);
      if (all.length) parts.push(group(word("pages"), all.map(pageOption)));
    } else {
      const found = matchingPages(query, shownPages);
      const first = found.filter((match) => match.score === 0).slice(0, pagesBeside);
      const others = found.filter((match) => match.score !== 0);
      firstIsPage = first.length > 0;
      if (first.length) parts.push(group(word("pages"), first.map(pageOption)));
      for (const table of records.groups) {
        parts.push(group(table.title, table.hits.map((hit) => recordOption(hit))));
      }
      if (state === "asking" && !records.groups.length) parts.push(skeleton());
      const beside = others.slice(0, pagesBeside);
      if (beside.length) parts.push(group(first.length ? word("more_pages") : word("pages"), beside.map(pageOption)));
      if (state !== "asking" && !records.groups.length) {
        parts.push(make("p", "goto-none", state === "failed" ? records.said : `${word("not_found")} ${word("quoted").replace("{name}", () => line)}`));
      }
      const everything = `${dialog.dataset.all}?${new URLSearchParams({ q: line })}`;
      const all = option(everything, [icon("list-search"), make("span", "goto-name", word("all_results"))], "goto-all");
      parts.push(all);
      // Whom nobody knows yet may be added; never by an Enter that was quicker than the answer.
      if (state === "idle") {
        for (const form of records.add || []) {
          parts.push(option(form.href, [icon("plus"), make("span", "goto-name", form.text)], "goto-all"));
        }
      }
    }
    list.replaceChildren(...parts);
    list.setAttribute("aria-busy", String(state === "asking"));
    const again = keep ? options.indexOf(keep) : -1;
    chosen = again >= 0 ? again : 0;
    mark();
  }

  function mark() {
    const lines = list.querySelectorAll('[role="option"]');
    lines.forEach((line, index) => line.setAttribute("aria-selected", String(index === chosen)));
    const line = lines[chosen];
    if (chosen === 0) list.scrollTop = 0;
    else line?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", line?.id || "");
  }

  // Moving -----------------------------------------------------------------

  function open() {
    if (dialog.open) return;
    dialog.showModal();
    input.value = "";
    status.textContent = "";
    moved = false;
    ask();
    input.focus();
    if (pages) draw();
    else load();
    fetchLast();
  }

  function go(index, elsewhere) {
    const href = options[index];
    if (!href) return;
    if (elsewhere) window.open(href, "_blank", "noopener");
    else {
      dialog.close();
      location.assign(href);
    }
  }

  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    running?.abort();
    running = null;
    state = "idle";
    pending = null;
    records = { line: null, groups: [], said: "" };
  });
  input.addEventListener("input", () => {
    moved = false;
    pending = null;
    ask();
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      event.preventDefault();
      moved = true;
      chosen = (chosen + step + options.length) % options.length;
      mark();
    } else if (event.key === "Escape") {
      event.preventDefault(); // of a search field it would only empty it
      dialog.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const elsewhere = event.ctrlKey || event.metaKey;
      // What is still shown belongs to what was typed before.
      if (state === "asking" && !moved && !firstIsPage) pending = { elsewhere };
      else go(chosen, elsewhere);
    }
  });
  list.addEventListener("click", (event) => {
    const line = event.target.closest('[role="option"]');
    if (line) go(Number(line.dataset.index), event.ctrlKey || event.metaKey);
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
