// A new related record, added in its tab: a short form there, errors in place, the list anew when it is done.
// What was typed into it is not lost without a question.
(() => {
  const { ask, pick, toast, word } = window.indexus;
  const place = (panel) => panel.querySelector("[data-short-place]");
  const opener = (panel) => panel.querySelector("[data-short]");
  const snapshot = (form) => new URLSearchParams([...new FormData(form)].map(([n, v]) => [n, String(v)])).toString();
  let before = null; // what the open form held when it was drawn empty

  function changed() {
    const form = document.querySelector("form[data-short-form]");
    return form !== null && form.ariaBusy !== "true" && snapshot(form) !== before;
  }

  async function mayClose() {
    if (!changed()) return true;
    return ask({ title: word("leave_title"), text: word("leave_text"), verb: word("leave"), back: word("stay") });
  }

  window.addEventListener("beforeunload", (event) => {
    if (changed()) event.preventDefault();
  });

  function put(panel, html, again = false) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    const form = parsed.querySelector("form[data-short-form]");
    if (!form) throw new Error("not a form");
    place(panel).replaceChildren(document.adoptNode(form));
    form.querySelectorAll("select[data-picker]").forEach(pick);
    if (!again) before = snapshot(form);
    opener(panel)?.setAttribute("aria-expanded", "true");
    // What is wrong comes first, then what is still empty.
    const fields = [...(form.querySelector(".has-error") || form).querySelectorAll(".field [name]:not([type=hidden], [type=checkbox])")];
    const first = fields.find((field) => !field.value) || fields[0];
    if (first?.tomselect) first.tomselect.focus();
    else first?.focus();
  }

  async function close(panel) {
    if (!(await mayClose())) return;
    place(panel).replaceChildren();
    opener(panel)?.setAttribute("aria-expanded", "false");
    opener(panel)?.focus();
  }

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-short]");
    const panel = event.target.closest(".tab-panel");
    if (event.target.closest("[data-short-close]")) return close(panel);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (place(panel).firstChild) return close(panel);
    // One form at a time: its fields have names of the page.
    if (!(await mayClose())) return;
    document.querySelectorAll("[data-short-place]").forEach((other) => other.replaceChildren());
    try {
      const answer = await fetch(link.dataset.short, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) throw new Error(String(answer.status));
      put(panel, await answer.text());
    } catch {
      location.assign(link.href);
    }
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form[data-short-form]");
    if (!form) return;
    if (event.key === "Escape" && !event.defaultPrevented && !form.querySelector(".ts-wrapper.dropdown-active")) {
      event.preventDefault();
      close(form.closest(".tab-panel"));
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-short-form]");
    if (!form) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const panel = form.closest(".tab-panel");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-Requested-With": "fetch" },
      });
      if (answer.status === 201) {
        const made = await answer.json();
        toast(made.said);
        document.dispatchEvent(new CustomEvent("past:changed")); // a note that was added is the latest
        await window.indexus.reloadTab(panel);
        opener(panel)?.focus();
      } else if (answer.headers.get("Content-Type")?.startsWith("text/html")) {
        put(panel, await answer.text(), true);
      } else {
        throw new Error(String(answer.status));
      }
    } catch {
      // The form stays as it is; its key lets it be sent again without making two.
      form.ariaBusy = "false";
      toast(word("failed_save"), "red");
    }
  });
})();
