// Pages about tasks: dialogs for one task, forms that are answered in place, filters that apply at once.
(() => {
  const { word, toast, typing } = window.indexus;
  document.documentElement.classList.add("js");

  /** Send a form; gives what the server says. Throws its sentence when it refuses. */
  async function send(form) {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    const fields = Object.values(said.errors || {}).flat();
    throw new Error(fields.length ? fields.join(" ") : said.message || word("failed"));
  }
  window.indexus.send = send;

  // Pickers outside of whole forms.
  document.querySelectorAll("select[data-picker]").forEach((select) => {
    const picker = window.indexus.pick(select);
    if (!select.dataset.placeholder) return;
    picker.settings.placeholder = select.dataset.placeholder;
    picker.inputState();
  });

  document.querySelectorAll("form[data-send]").forEach((form) => {
    const wrong = form.querySelector("[data-wrong]");
    const button = form.querySelector('button[type="submit"]');
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.sending) return;
      form.dataset.sending = "1";
      button.setAttribute("aria-disabled", "true");
      if (wrong) wrong.hidden = true;
      try {
        const said = await send(form);
        if (said.href) location.assign(said.href);
        else {
          // What comes next is another form, not the one that was sent.
          history.replaceState({ ...history.state, formKeys: null }, "");
          location.reload();
        }
      } catch (refused) {
        delete form.dataset.sending;
        button.removeAttribute("aria-disabled");
        if (!wrong) return toast(refused.message, "red");
        wrong.textContent = refused.message;
        wrong.hidden = false;
        form.querySelector("[data-first], [data-quick-title]")?.focus();
      }
    });
  });

  // Somebody else works on the same task: it is said, and what is being typed stays.
  const news = document.querySelector("[data-task-news]");
  async function look() {
    if (document.querySelector("form[data-sending]")) return; // the page is drawn anew in a moment
    const href = `${news.dataset.taskNews}?version=${encodeURIComponent(news.dataset.version)}`;
    const answer = await window.indexus.quietly(href).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const { said } = await answer.json();
    news.querySelector("[data-said]").textContent = said;
    news.firstElementChild.hidden = !said;
  }
  if (news) {
    document.addEventListener("live:tasks", look);
    document.addEventListener("live:poll", look);
  }

  /** The dialog of an act, for the task of a button. */
  function open(button) {
    const dialog = document.getElementById(`dialog-${button.dataset.act}`);
    if (!dialog) return;
    const form = dialog.querySelector("form");
    button.closest("[popover]")?.hidePopover();
    if (button.dataset.act !== "repeat") form.reset();
    form.action = button.dataset.href;
    dialog.querySelector("[data-about]").textContent = button.dataset.title;
    dialog.querySelector("[data-wrong]").hidden = true;
    const due = dialog.querySelector('[name="due_date"]');
    if (due) due.value = button.dataset.due || "";
    const select = dialog.querySelector("select[data-base]");
    if (select) {
      select.dataset.href = `${select.dataset.base}?task=${encodeURIComponent(button.dataset.task)}`;
      select.tomselect.clear(true);
      select.tomselect.clearOptions();
      select.tomselect.loadedSearches = {};
    }
    dialog.showModal();
    if (select) select.tomselect.focus();
    else dialog.querySelector("[data-first], select, input:not([type=hidden])")?.focus();
  }
  window.indexus.openTask = open;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) return open(button);
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    const before = event.target.closest("[data-before]");
    if (!before) return;
    const when = new Date(`${before.dataset.due}:00Z`);
    when.setUTCMinutes(when.getUTCMinutes() - Number(before.dataset.before));
    before.closest("form").elements.remind_at.value = when.toISOString().slice(0, 16);
  });
  document.querySelectorAll(".task-dialog").forEach((dialog) => {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) dialog.querySelector("form").requestSubmit();
    });
  });

  // What a repetition needs beside its kind.
  document.querySelectorAll("[data-repeat]").forEach((box) => {
    const every = box.querySelector('[name="every"]');
    every.addEventListener("change", () => {
      for (const part of box.querySelectorAll("[data-for]")) {
        part.hidden = part.dataset.for === "any" ? !every.value : part.dataset.for !== every.value;
      }
    });
  });

  // Filters: the address says them, without those that say nothing.
  const filters = document.querySelector("form[data-filters]");
  function apply() {
    const said = [...new FormData(filters)].filter(([, value]) => value !== "");
    location.assign(`${location.pathname}${said.length ? `?${new URLSearchParams(said)}` : ""}`);
  }
  filters?.addEventListener("change", apply);
  filters?.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });

  const quick = document.querySelector("[data-quick-title]");
  document.addEventListener("keydown", (event) => {
    if (!quick || event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    event.preventDefault();
    quick.focus();
  });
})();
