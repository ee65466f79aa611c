// Selects that search: long choices, several choices, tags, and records found on the server.
(() => {
  const { word } = window.indexus;

  const texts = (missing) => ({
    no_results: () => `<div class="no-results">${word("no_match")}</div>`,
    loading: () => `<div class="no-results">${word("loading")}</div>`,
    not_loading: () => "",
    loading_more: () => `<div class="loading-more-results">${word("loading")}</div>`,
    no_more_results: () => "",
    // An option like the others for who listens; Tom Select gives those a role and an id, this one it does not.
    option_create(data, escape) {
      const text = `${word(missing ? "create" : "add")} ${word("quoted").replace("{name}", () => escape(data.input))}`;
      return `<div class="create" role="option" id="${this.inputId}-create">${text}</div>`;
    },
  });

  function address(select, query, page) {
    const url = new URL(select.dataset.href, location.href);
    url.searchParams.set("q", query);
    if (page > 1) url.searchParams.set("page", page);
    return url;
  }

  /** An answer that comes after its question was typed over shows nothing, and may be asked for again. */
  function drop(picker, query) {
    delete picker.loadedSearches[query];
    picker.loading = Math.max(picker.loading - 1, 0);
    if (!picker.loading) picker.wrapper.classList.remove(picker.settings.loadingClass);
  }

  /** The first question is empty and comes when the field is entered: it must not take the turn of what is typed. */
  function askedFor(picker, query) {
    const typed = picker.inputValue();
    if (query !== "" || typed === "") return query;
    delete picker.loadedSearches[query];
    picker.loadedSearches[typed] = true;
    return typed;
  }

  /** Options of a relation come one page at a time, the first when the field is entered. */
  function relation(select, multiple) {
    const answers = new Map(); // ids by what was typed
    const missing = select.dataset.addHref && window.indexus.makeMissing;
    return {
      // Who may add to the other table makes a missing record without leaving the form.
      create: missing && ((typed, done) => missing(select, typed).then((made) => done(made ? { ...made, id: String(made.id) } : false))),
      persist: true,
      valueField: "id",
      labelField: "text",
      searchField: ["text"],
      // The server searches; its order and its matches are final. What is chosen already is no match by that.
      score: (query) => (item) => (!answers.has(query) || answers.get(query).has(String(item.id)) ? 1 : 0),
      sortField: [{ field: "$order" }],
      preload: "focus",
      loadThrottle: 200,
      maxOptions: null,
      plugins: multiple ? ["remove_button", "virtual_scroll"] : ["clear_button", "virtual_scroll"],
      firstUrl: (query) => address(select, query, 1).href,
      load(asked, done) {
        const query = askedFor(this, asked);
        const url = this.getUrl(query);
        fetch(url, { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
          .then((found) => {
            if (query !== this.inputValue() && query !== this.late?.query) return drop(this, query);
            const page = Number(new URL(url).searchParams.get("page")) || 1;
            const ids = new Set(page > 1 ? answers.get(query) : []);
            found.results.forEach((item) => ids.add(String(item.id)));
            answers.set(query, ids);
            this.loadedSearches = { [query]: true }; // the options of other answers are gone: they are asked for anew
            if (found.more) this.setNextUrl(query, address(select, query, page + 1).href);
            done(found.results.map((item) => ({ ...item, id: String(item.id) })));
            this.trigger("answer", query, [...ids]);
          })
          .catch(() => {
            done();
            window.indexus.toast(word("failed"), "red");
            this.trigger("unanswered");
          });
      },
    };
  }

  const kinds = {
    choice: () => ({ plugins: ["clear_button"], maxOptions: null, searchField: ["text"] }),
    choices: () => ({ plugins: ["remove_button"], maxOptions: null, hideSelected: true }),
    tags: () => ({ plugins: ["remove_button"], create: true, createOnBlur: true, persist: false, hideSelected: true }),
    relation: (select) => relation(select, select.multiple),
  };

  /** Who types faster than the server answers takes what he typed, also when he has gone on to the next field. */
  function awaitAnswer(picker) {
    let shown = "";
    const settle = () => {
      picker.late?.arrive();
      picker.late = null;
    };
    const hold = (event) => {
      const typed = picker.inputValue();
      if (event.key === "Escape") settle();
      if (event.key !== "Enter" || typed === "" || typed === shown) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      settle();
      picker.late = { query: typed };
      picker.late.arrived = new Promise((arrive) => (picker.late.arrive = arrive));
    };
    picker.control_input.addEventListener("keydown", hold, { capture: true });
    picker.on("type", (typed) => typed !== picker.late?.query && settle());
    picker.on("item_add", settle);
    picker.on("unanswered", settle);
    picker.on("answer", (query, ids) => {
      shown = query;
      if (picker.late?.query !== query) return;
      if (query === picker.inputValue()) {
        const first = picker.activeOption || picker.dropdown_content.querySelector("[data-selectable]");
        if (first) picker.onOptionSelect(new Event("select"), first);
      } else if (ids.length) picker.addItem(ids[0]);
      else window.indexus.toast(`${word("no_match")} ${word("quoted").replace("{name}", () => query)}`, "red");
      settle();
    });
  }

  /** Pickers of a form whose choice is still on its way. */
  window.indexus.picking = (form) =>
    [...form.querySelectorAll("select.tomselected")].map((select) => select.tomselect).filter((picker) => picker?.late);

  // What is sent meanwhile waits for what was chosen.
  window.addEventListener(
    "submit",
    (event) => {
      const late = window.indexus.picking(event.target);
      if (!late.length) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { target: form, submitter } = event;
      Promise.all(late.map((picker) => picker.late.arrived)).then(() => form.isConnected && form.requestSubmit(submitter));
    },
    { capture: true },
  );

  /** Turn a select with data-picker into a searching one. */
  window.indexus.pick = (select) => {
    if (select.tomselect) return select.tomselect;
    const kind = select.dataset.picker;
    const picker = new TomSelect(select, {
      placeholder: kind === "tags" ? "" : word("search"),
      hidePlaceholder: true,
      // Opened by a click, by typing or by the down key: passing through with Tab opens nothing.
      openOnFocus: false,
      closeAfterSelect: !select.multiple,
      onItemAdd() {
        this.setTextboxValue("");
        if (select.multiple && kind !== "tags") this.refreshOptions();
      },
      refreshThrottle: 0,
      render: texts(Boolean(select.dataset.addHref)),
      ...kinds[kind](select),
    });
    select.setAttribute("aria-hidden", "true"); // the picker stands in its place, with its label
    if (kind === "relation") awaitAnswer(picker);
    // An option that is taken away stays named as the active one: who listens would be led to nothing.
    picker.on("dropdown_close", () => picker.control_input.removeAttribute("aria-activedescendant"));
    // Tom Select names its own input; the description and the error belong to it as well.
    for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
      if (select.hasAttribute(name)) picker.control_input.setAttribute(name, select.getAttribute(name));
    }
    // By keyboard, Backspace clears; the cross is for the mouse and no stop on the way.
    const clear = picker.control.parentElement.querySelector(".clear-button");
    clear?.setAttribute("title", word("clear"));
    clear?.setAttribute("aria-label", word("clear"));
    clear?.setAttribute("tabindex", "-1");
    return picker;
  };

  document.querySelectorAll("form[data-form] select[data-picker]").forEach(window.indexus.pick);
})();
