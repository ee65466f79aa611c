// A form is checked field by field while it is being filled: by the server, with the rules that saving has.
(() => {
  const { icon, word } = window.indexus;
  const PAUSE = 150; // ms: who leaves one field for the next by one key asks once

  /** Show what the server says of a field, in the lines it has for that. */
  function show(holder, said) {
    const lines = holder.querySelector("[data-said]");
    if (!lines) return;
    const before = lines.textContent;
    const drawn = [
      ...said.errors.map((text) => ["wrong", "alert-circle", text]),
      ...said.warnings.map((text) => ["odd", "alert-triangle", text]),
    ].map(([kind, glyph, text]) => {
      const line = window.indexus.make("p", kind);
      line.append(icon(glyph, 14), window.indexus.make("span", "", text));
      return line;
    });
    if (drawn.map((line) => line.textContent).join("") !== before) lines.replaceChildren(...drawn);
    holder.classList.toggle("has-error", said.errors.length > 0);
    for (const control of holder.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      if (said.errors.length) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }

  window.indexus.watchForm = (form) => {
    const asked = new Set();
    let timer = 0;
    let turn = 0;

    async function check() {
      const names = [...asked];
      asked.clear();
      const sent = new FormData(form);
      const then = new Map(names.map((name) => [name, sent.get(name)]));
      for (const name of names) sent.append("checked", name);
      const mine = ++turn;
      let answer;
      try {
        answer = await fetch(form.dataset.check, {
          method: "POST",
          body: new URLSearchParams([...sent].filter(([, value]) => typeof value === "string")),
          headers: { Accept: "application/json" },
        });
      } catch {
        return; // saving will say it
      }
      if (!answer.ok) return;
      const { fields } = await answer.json();
      for (const [name, said] of Object.entries(fields)) {
        const holder = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
        // What was typed on meanwhile is asked about again, and that answer counts.
        if (!holder || new FormData(form).get(name) !== then.get(name) || (asked.has(name) && mine !== turn)) continue;
        show(holder, said);
        const control = form.elements.namedItem(name);
        if (said.value !== null && control instanceof HTMLInputElement && document.activeElement !== control) {
          control.value = said.value;
          control.title = word("tidied");
        }
      }
    }

    function ask(names) {
      for (const name of names) asked.add(name);
      clearTimeout(timer);
      timer = setTimeout(check, PAUSE);
    }

    form.addEventListener("change", (event) => {
      const holder = event.target.closest("[data-field]");
      if (!holder) return;
      const names = [holder.dataset.field];
      if (holder.dataset.beside) names.push(holder.dataset.beside);
      // In another country other rules hold for everything that has a rule.
      if (holder.hasAttribute("data-country")) {
        for (const other of form.querySelectorAll("[data-ruled]")) {
          if (new FormData(form).get(other.dataset.field)) names.push(other.dataset.field);
        }
      }
      ask(names);
    });
  };

  const form = document.querySelector("form[data-form][data-check]");
  if (form) window.indexus.watchForm(form);
})();
