// A record that is missing in a picker is made beside it: its form opens in a dialog, and what was typed around it stays.
(() => {
  const { ask, make, word, toast } = window.indexus;
  const PREFIX = "p-"; // ids of the panel are apart from those of the page

  function renamed(root) {
    for (const element of root.querySelectorAll("[id], [for], [aria-describedby], [aria-labelledby]")) {
      for (const name of ["id", "for", "aria-describedby", "aria-labelledby"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.split(" ").map((part) => PREFIX + part).join(" "));
      }
    }
  }

  /** The address of the form, filled with what was typed: the last part of a name takes the rest. */
  function address(select, typed) {
    const url = new URL(select.dataset.addHref, location.href);
    const names = (select.dataset.addName || "").split(" ").filter(Boolean);
    const words = typed.trim().split(/\s+/);
    names.forEach((name, index) => {
      const text = index === names.length - 1 ? words.slice(index).join(" ") : words[index] || "";
      if (text) url.searchParams.set(name, text);
    });
    const country = select.form.querySelector("[data-country] select:not([data-picker=relation])")?.value;
    if (country && select.dataset.addCountry) url.searchParams.set(select.dataset.addCountry, country);
    return url;
  }

  /** Open the form; resolves to the new record ({ id, text }), or to null when it was left. */
  window.indexus.makeMissing = (select, typed) =>
    new Promise((resolve) => {
      const dialog = make("dialog", "dialog panel-dialog", "", { "aria-labelledby": `${PREFIX}panel-title` });
      let before = "";
      let made = null;
      const formOf = () => dialog.querySelector("form");
      const snapshot = () => new URLSearchParams([...new FormData(formOf())].map(([n, v]) => [n, String(v)])).toString();

      function draw(html) {
        const body = new DOMParser().parseFromString(html, "text/html").body;
        renamed(body);
        dialog.replaceChildren(...body.childNodes);
        const form = formOf();
        for (const one of form.querySelectorAll("select[data-picker]")) {
          delete one.dataset.addHref; // one panel at a time
          window.indexus.pick(one);
        }
        window.indexus.foldFields?.(form);
        window.indexus.watchForm?.(form);
        form.addEventListener("submit", (event) => {
          event.preventDefault();
          send();
        });
        form.querySelector("[data-panel-cancel]").addEventListener("click", leave);
        enter(form);
      }

      /** What is wrong comes first, then what must be filled and is empty, then what was typed already. */
      function enter(form) {
        const control = "input:not([type=hidden], [type=color]), select, textarea";
        const must = [...form.querySelectorAll('[aria-required="true"]')].find((field) => field.matches(control) && !field.value);
        const named = form.elements[(select.dataset.addName || "").split(" ")[0]];
        const field = form.querySelector(".has-error")?.querySelector(control) || must || named || form.querySelector(control);
        (field?.tomselect || field)?.focus();
      }

      async function call(url, options) {
        try {
          return await fetch(url, { ...options, headers: { "X-Panel": "1", ...(options?.headers || {}) } });
        } catch {
          return null;
        }
      }

      async function send() {
        const form = formOf();
        if (form.dataset.busy) return;
        form.dataset.busy = "1";
        const answer = await call(form.action, { method: "POST", body: new FormData(form) });
        delete form.dataset.busy;
        if (answer?.ok) {
          made = await answer.json();
          dialog.close();
        } else if (answer?.status === 422) draw(await answer.text());
        else toast(word("failed"), "red");
      }

      async function leave() {
        if (snapshot() !== before) {
          const agreed = await ask({ title: word("leave_title"), text: word("leave_text"), verb: word("leave"), back: word("stay") });
          if (!agreed) return;
        }
        dialog.close();
      }

      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        leave();
      });
      dialog.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
          event.preventDefault();
          formOf().requestSubmit();
        }
      });
      for (const kind of ["input", "change"]) dialog.addEventListener(kind, (event) => event.stopPropagation());
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(made);
      });

      call(address(select, typed)).then(async (answer) => {
        if (!answer?.ok) {
          toast(word("failed"), "red");
          return resolve(null);
        }
        // Beside the page's own form, not inside of it: forms do not nest.
        document.body.append(dialog);
        draw(await answer.text());
        dialog.showModal();
        enter(formOf()); // what is not shown yet takes no focus
        before = snapshot();
      });
    });
})();
