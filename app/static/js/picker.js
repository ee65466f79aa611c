// Selects that search: long choices, several choices, tags, and records found on the server.
(() => {
  const { word } = window.indexus;

  const texts = () => ({
    no_results: () => `<div class="no-results">${word("no_match")}</div>`,
    loading: () => `<div class="no-results">${word("loading")}</div>`,
    not_loading: () => "",
    loading_more: () => `<div class="loading-more-results">${word("loading")}</div>`,
    no_more_results: () => "",
    option_create: (data, escape) => `<div class="create">${word("add")} “${escape(data.input)}”</div>`,
  });

  function address(select, query, page) {
    const url = new URL(select.dataset.href, location.href);
    url.searchParams.set("q", query);
    if (page > 1) url.searchParams.set("page", page);
    return url;
  }

  /** Options of a relation come one page at a time, the first when the field is entered. */
  function relation(select, multiple) {
    const pages = new Map();
    return {
      valueField: "id",
      labelField: "text",
      searchField: ["text"],
      // The server searches; its order and its matches are final.
      score: () => () => 1,
      sortField: [{ field: "$order" }],
      preload: "focus",
      loadThrottle: 200,
      maxOptions: null,
      plugins: multiple ? ["remove_button", "virtual_scroll"] : ["clear_button", "virtual_scroll"],
      firstUrl: (query) => address(select, query, 1).href,
      load(query, done) {
        const url = this.getUrl(query);
        fetch(url, { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
          .then((found) => {
            const page = (pages.get(query) || 1) + 1;
            if (found.more) {
              pages.set(query, page);
              this.setNextUrl(query, address(select, query, page).href);
            }
            done(found.results.map((item) => ({ ...item, id: String(item.id) })));
          })
          .catch(() => {
            done();
            window.indexus.toast(word("failed"), "red");
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

  /** An option is pointed at by moving the mouse, not by options moving below a mouse that rests. */
  function ignoreResting(picker) {
    const point = picker.onOptionHover;
    picker.onOptionHover = function (event, option) {
      if (event.movementX || event.movementY) point.call(this, event, option);
    };
  }

  /** Who types faster than the server answers takes what he typed, not what stood there before. */
  function awaitAnswer(picker) {
    let wanted = null;
    const behind = (typed) => typed !== "" && (picker.loading > 0 || !picker.loadedSearches[typed]);
    const hold = (event) => {
      if (event.key !== "Enter" || !behind(picker.inputValue())) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      wanted = picker.inputValue();
    };
    picker.control_input.addEventListener("keydown", hold, { capture: true });
    picker.on("load", () => {
      if (wanted === null || wanted !== picker.inputValue()) return;
      wanted = null;
      const first = picker.activeOption || picker.dropdown_content.querySelector("[data-selectable]");
      if (first) picker.onOptionSelect(new Event("select"), first);
    });
  }

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
      render: texts(),
      ...kinds[kind](select),
    });
    ignoreResting(picker);
    if (kind === "relation") awaitAnswer(picker);
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
