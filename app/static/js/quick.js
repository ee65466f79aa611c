// A cell of a list is changed in place: double click, the pencil, or Enter, F2 and "e" by keyboard.
// The control, the rules and the rights are those of the form; Enter saves, Escape leaves everything as it was.
(() => {
  const { make, word, toast } = window.indexus;
  let open = null; // { cell, holder, form, before }

  // Every cell that can be changed gets its pencil here: a page has hundreds.
  const pencil = document.getElementById("cell-pencil")?.content.firstElementChild; // an empty list has none
  for (const cell of document.querySelectorAll("td[data-quick]")) {
    const button = pencil.cloneNode(true);
    const word = `${pencil.getAttribute("aria-label")}: ${cell.dataset.label}`;
    button.title = word;
    button.setAttribute("aria-label", `${word}, ${cell.closest("tr").cells[0].querySelector("a").textContent.trim()}`);
    cell.append(button);
  }

  const hrefOf = (cell) => cell.closest("tr").dataset.quickHref + encodeURIComponent(cell.dataset.quick);
  const buttonOf = (cell) => cell.querySelector("[data-quick-start]");
  const snapshot = (form) => new URLSearchParams([...new FormData(form)]).toString();

  function close(focus) {
    if (!open) return;
    const { cell, holder } = open;
    open = null;
    holder.remove();
    cell.classList.remove("is-edited");
    if (focus) buttonOf(cell)?.focus();
  }

  /** The cell as the server draws it now. */
  function draw(cell, html) {
    const button = buttonOf(cell);
    const parsed = new DOMParser().parseFromString(html, "text/html").body;
    cell.replaceChildren(...parsed.childNodes, button);
    cell.classList.toggle("is-empty", !cell.textContent.trim());
  }

  async function post(action, sent) {
    let answer;
    try {
      answer = await fetch(action, { method: "POST", body: new URLSearchParams(sent), headers: { Accept: "application/json" } });
    } catch {
      return { status: 0, said: { message: word("failed") } };
    }
    return { status: answer.status, said: await answer.json().catch(() => ({ message: word("failed") })) };
  }

  function offerUndo(cell, action, csrf, said) {
    toast(said.message, "green", {
      label: word("undo"),
      run: async () => {
        const sent = { csrf_token: csrf, version: said.version, ...said.undo };
        const { status, said: undone } = await post(action, sent);
        if (status === 200) {
          draw(cell, undone.cell);
          toast(word("undone"));
        } else {
          if (undone.cell) draw(cell, undone.cell);
          toast(undone.message || word("failed"), "red");
        }
      },
    });
    if (said.warning) toast(said.warning, "amber");
  }

  function say(form, text) {
    const lines = form.querySelector("[data-said]");
    lines.replaceChildren(make("p", "wrong", text));
    form.querySelector("input:not([type=hidden]), select, textarea")?.setAttribute("aria-invalid", "true");
  }

  async function save() {
    const { cell, form } = open;
    if (form.dataset.busy) return;
    if (snapshot(form) === open.before) return close(true);
    form.dataset.busy = "1";
    const csrf = form.elements.csrf_token.value;
    const { status, said } = await post(form.action, [...new FormData(form)]);
    delete form.dataset.busy;
    if (status === 200) {
      if (open?.cell === cell) close(true);
      draw(cell, said.cell);
      return offerUndo(cell, form.action, csrf, said);
    }
    if (open?.form !== form) return toast(said.message || word("failed"), "red");
    const fields = Object.values(said.errors || {}).flat();
    say(form, fields.join(" ") || said.message || word("failed"));
    if (status === 409) choose(cell, form, said);
    else form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }

  /** Somebody was faster: theirs stands there; mine can be saved over it. */
  function choose(cell, form, said) {
    const acts = form.querySelector(".quick-acts");
    const mine = make("button", "button is-small", word("keep_mine"), { type: "button" });
    const theirs = make("button", "button is-primary is-small", word("take_theirs"), { type: "button" });
    mine.addEventListener("click", () => {
      form.elements.version.value = said.version;
      form.elements.base_values.value = "";
      save();
    });
    theirs.addEventListener("click", () => {
      close(true);
      draw(cell, said.cell);
    });
    acts.replaceChildren(theirs, mine);
    theirs.focus();
  }

  async function start(cell) {
    if (open) {
      if (open.cell === cell) return;
      close(false);
    }
    let answer;
    try {
      answer = await fetch(hrefOf(cell), { headers: { Accept: "text/html, application/json;q=0.5" } });
    } catch {
      return toast(word("failed"), "red");
    }
    if (!answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return toast(page.querySelector("h1, main p")?.textContent.trim() || word("failed"), "red");
    }
    const holder = make("div", "quick");
    holder.append(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
    const form = holder.querySelector("form");
    cell.append(holder);
    cell.classList.add("is-edited");
    const control = form.querySelector("input:not([type=hidden], [type=color]), select, textarea");
    open = { cell, holder, form, before: snapshot(form) };
    control.focus();
    control.select?.();

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      save();
    });
    form.querySelector("[data-quick-cancel]").addEventListener("click", () => close(true));
    holder.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") {
        event.preventDefault();
        close(true);
      } else if (event.key === "Enter" && event.target.matches("select, input[type=checkbox]")) {
        event.preventDefault();
        save();
      }
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-quick-start]");
    if (button) {
      event.preventDefault();
      return start(button.closest("[data-quick]"));
    }
    if (open && !open.holder.contains(event.target)) {
      event.preventDefault();
      event.stopPropagation();
      if (snapshot(open.form) === open.before) close(false);
      else save();
    }
  }, { capture: true });

  // A number that is called, or an address that is written to, by one click: the second one wants to change it.
  let calling = 0;
  document.addEventListener("click", (event) => {
    const link = event.target.closest('td[data-quick] a[href^="tel:"], td[data-quick] a[href^="mailto:"]');
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || !event.detail) return;
    event.preventDefault();
    clearTimeout(calling);
    if (event.detail < 2) calling = setTimeout(() => location.assign(link.href), 260);
  });

  document.addEventListener("dblclick", (event) => {
    clearTimeout(calling);
    const cell = event.target.closest("td[data-quick]");
    if (!cell || open?.holder.contains(event.target)) return;
    event.preventDefault();
    getSelection()?.removeAllRanges();
    start(cell);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || open) return;
    const row = document.activeElement?.closest("tr[data-quick-href]");
    if (!row) return;
    const stops = [row.querySelector("td:first-child > a"), ...row.querySelectorAll("[data-quick-start]")].filter(Boolean);
    const here = stops.indexOf(document.activeElement);
    if (here < 0) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const next = stops[here + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    } else if (event.key === "F2" || event.key === "e") {
      const button = here ? stops[here] : stops[1];
      if (!button) return;
      event.preventDefault();
      start(button.closest("[data-quick]"));
    }
  });

  // The first of two clicks opens nothing: a cell that can be changed waits a moment for the second.
  window.indexus.waitsForSecondClick = (event) => Boolean(event.target.closest("td[data-quick]"));
})();
