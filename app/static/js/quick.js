// A cell of a list, or a value of a record (values.js), is changed in place: double click, the pencil, or Enter, F2
// and, in a list, "e" by keyboard.
// The control, the rules and the rights are those of the form; Enter saves, Escape leaves everything as it was.
// The last change is taken back by its button or by Ctrl+Z.
(() => {
  const { make, word, toast, typing } = window.indexus;
  const CONTROL = "select, input:not([type=hidden], [type=color]), textarea";
  let open = null; // { cell, holder, form, before }
  let takeBack = null; // the last change
  let asked = 0; // editors, one of which is open

  // Every cell that can be changed gets its pencil here: a page has hundreds.
  const pencil = document.getElementById("cell-pencil")?.content.firstElementChild; // an empty list has none
  const labelOf = (cell) => cell.dataset.label ?? cell.previousElementSibling.textContent.trim();
  for (const cell of document.querySelectorAll("[data-quick-href] [data-quick]")) {
    const button = pencil.cloneNode(true);
    const word = `${pencil.getAttribute("aria-label")}: ${labelOf(cell)}`;
    const row = cell.closest("tr");
    button.title = word;
    button.setAttribute("aria-label", row ? `${word}, ${row.cells[0].querySelector("a").textContent.trim()}` : word);
    cell.append(button);
  }

  const hrefOf = (cell) => cell.closest("[data-quick-href]").dataset.quickHref + encodeURIComponent(cell.dataset.quick);
  const buttonOf = (cell) => cell.querySelector("[data-quick-start]");
  const snapshot = (form) => new URLSearchParams([...new FormData(form)]).toString();

  /** A searching select hides the plain one that it stands for. */
  function enter(form) {
    const control = form.querySelector(CONTROL);
    (control.tomselect || control).focus();
    if (!control.tomselect) control.select?.();
  }

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
    const focused = document.activeElement === button; // what is moved loses the focus
    const parsed = new DOMParser().parseFromString(html, "text/html").body;
    cell.replaceChildren(...parsed.childNodes, button);
    cell.classList.toggle("is-empty", !cell.textContent.trim());
    if (focused) button.focus();
  }

  /** The cell after an answer; a record has more that says the same (values.js). */
  function redraw(cell, html) {
    draw(cell, html);
    cell.dispatchEvent(new CustomEvent("quick:drawn", { bubbles: true }));
  }
  Object.assign(window.indexus, { drawCell: draw, editCell: (cell) => start(cell) });

  async function post(action, sent) {
    let answer;
    try {
      answer = await fetch(action, { method: "POST", body: new URLSearchParams(sent), headers: { Accept: "application/json" } });
    } catch {
      return { status: 0, said: { message: word("failed") } };
    }
    return { status: answer.status, said: await answer.json().catch(() => ({ message: word("failed") })) };
  }

  /** What the server says of a refusal: of the field itself, or of all. */
  const refusal = (said) => Object.values(said.errors || {}).flat().join(" ") || said.message || word("failed");

  function offerUndo(cell, action, csrf, said, tone = "green") {
    const undo = async () => {
      if (takeBack === undo) takeBack = null;
      line?.remove();
      const { status, said: undone } = await post(action, { csrf_token: csrf, ...said.undo });
      if (undone.cell) redraw(cell, undone.cell);
      if (status === 200) toast(undone.message);
      else if (status) toast(refusal(undone), "red");
      else offerUndo(cell, action, csrf, { ...said, message: refusal(undone), warning: "" }, "red"); // nobody heard it
    };
    takeBack = undo;
    const line = toast(said.message, tone, { label: word("undo"), title: "Ctrl+Z", run: undo });
    if (said.warning) toast(said.warning, "amber");
  }

  function say(form, text) {
    const lines = form.querySelector("[data-said]");
    lines.replaceChildren(make("p", "wrong", text));
    const control = form.querySelector(CONTROL);
    (control.tomselect?.control_input || control).setAttribute("aria-invalid", "true");
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
      redraw(cell, said.cell);
      return offerUndo(cell, form.action, csrf, said);
    }
    if (open?.form !== form) return toast(refusal(said), "red");
    say(form, refusal(said));
    if (status === 409) choose(cell, form, said);
    else enter(form);
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
      redraw(cell, said.cell);
    });
    acts.replaceChildren(theirs, mine);
    theirs.focus();
  }

  window.addEventListener("beforeunload", (event) => {
    if (open && snapshot(open.form) !== open.before) event.preventDefault();
  });

  async function start(cell) {
    if (open) {
      if (open.cell === cell) return;
      close(false);
    }
    const mine = ++asked;
    let answer, html;
    try {
      answer = await fetch(hrefOf(cell), { headers: { Accept: "text/html, application/json;q=0.5" } });
      html = await answer.text();
    } catch {
      return toast(word("failed"), "red");
    }
    if (mine !== asked) return; // another cell, or the same once more, was asked for meanwhile
    const drawn = new DOMParser().parseFromString(html, "text/html");
    if (!answer.ok) return toast(drawn.querySelector("h1, main p")?.textContent.trim() || word("failed"), "red");
    const holder = make("div", "quick");
    holder.append(...drawn.body.childNodes);
    const form = holder.querySelector("form");
    cell.append(holder);
    cell.classList.add("is-edited");
    for (const select of form.querySelectorAll("select[data-picker]")) {
      const picker = window.indexus.pick(select);
      picker.on("dropdown_open", (dropdown) => dropdown.scrollIntoView({ block: "nearest" }));
    }
    holder.scrollIntoView({ block: "nearest" });
    open = { cell, holder, form, before: snapshot(form) };
    enter(form);

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
    // A missing record is made in a dialog beside the cell, which stays open.
    if (open && !open.holder.contains(event.target) && !event.target.closest("dialog")) {
      event.preventDefault();
      event.stopPropagation();
      if (window.indexus.picking(open.form).length) open.form.requestSubmit();
      else if (snapshot(open.form) === open.before) close(false);
      else save();
    }
  }, { capture: true });

  // A number that is called, or an address that is written to, by one click: the second one wants to change it.
  let calling = 0;
  document.addEventListener("click", (event) => {
    const link = event.target.closest(':is(td, dd)[data-quick] :is(a[href^="tel:"], a[href^="mailto:"])');
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || !event.detail) return;
    event.preventDefault();
    clearTimeout(calling);
    if (event.detail < 2) calling = setTimeout(() => location.assign(link.href), 260);
  });

  document.addEventListener("dblclick", (event) => {
    clearTimeout(calling);
    const cell = event.target.closest(":is(td, dd)[data-quick]");
    if (!cell || open?.holder.contains(event.target)) return;
    event.preventDefault();
    getSelection()?.removeAllRanges();
    start(cell);
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "z") return;
    if (!takeBack || open || typing(event)) return;
    event.preventDefault();
    takeBack();
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
