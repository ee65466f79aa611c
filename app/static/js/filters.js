// The filter builder of a list: column, condition, value; "Apply" is an address.
(() => {
  const { make, icon, word, pick } = window.indexus;
  const form = document.querySelector("[data-filters]");
  const { columns, asked } = JSON.parse(document.getElementById("filterables").textContent);
  const { keep, query, chips } = asked;
  const lines = form.querySelector("[data-filter-lines]");
  const menu = document.getElementById("filter-menu");

  const types = { date: "date", datetime: "date", partial_date: "date", integer: "number", decimal: "number", money: "number" };

  function dropdown(options, label) {
    const select = make("select", "input", "", { "aria-label": label });
    for (const [value, text] of options) select.append(new Option(text, value));
    return select;
  }

  function textInput(column, label) {
    const input = make("input", "input", "", { type: types[column.kind] || "text", "aria-label": label, autocomplete: "off" });
    if (input.type === "number") input.step = "any";
    return input;
  }

  /** The control for a value; fills `holder` and returns a function that reads it as a list. */
  function valueControl(column, operator, holder, given) {
    holder.replaceChildren();
    if (operator.takes === "none") return () => ["1"];
    const several = operator.takes === "many";

    if (operator.takes === "range") {
      const ends = [word("from"), word("to")].map((label, index) => {
        const input = textInput(column, label);
        input.placeholder = label;
        input.value = given[index]?.[0] || "";
        return input;
      });
      holder.append(...ends);
      return () => (ends.some((input) => input.value) ? [ends.map((input) => input.value.trim()).join("..")] : []);
    }
    if (operator.takes === "span") {
      const select = dropdown(operator.choices.map((choice) => [choice.value, choice.label]), word("value"));
      if (given.length) select.value = given[0][0];
      holder.append(select);
      return () => [select.value];
    }
    if (column.options_href || column.choices.length || several) {
      const select = make("select", "", "", { "aria-label": word("value") });
      select.multiple = several;
      if (!several) select.append(new Option("", ""));
      for (const choice of column.choices) select.append(new Option(choice.label, choice.value));
      for (const [value, text] of given) {
        const there = [...select.options].find((option) => option.value === value);
        if (there) there.selected = true;
        else select.append(new Option(text, value, true, true));
      }
      if (column.options_href) select.dataset.href = column.options_href;
      select.dataset.picker = column.options_href ? "relation" : column.choices.length ? (several ? "choices" : "choice") : "tags";
      holder.append(select);
      if (!several && !column.options_href && column.choices.length <= 10) {
        select.className = "input";
        return () => [select.value].filter(Boolean);
      }
      const picker = pick(select);
      return () => [].concat(picker.getValue()).filter(Boolean);
    }
    const input = textInput(column, word("value"));
    input.value = given[0]?.[0] || "";
    holder.append(input);
    return () => [input.value.trim()].filter(Boolean);
  }

  function addLine(focus, chip = null) {
    const line = make("div", "filter-line");
    const holder = make("div", "filter-values");
    const remove = make("button", "button is-plain is-square", "", { type: "button", "aria-label": word("remove"), title: word("remove") });
    remove.append(icon("x", 14));
    const columnSelect = dropdown(columns.map((column) => [column.name, column.label]), word("column"));
    let operatorSelect = dropdown([], word("condition"));
    let read = () => [];

    const column = () => columns.find((one) => one.name === columnSelect.value);
    const operator = () => column().operators.find((one) => one.name === operatorSelect.value);

    function drawValue(given = []) {
      read = valueControl(column(), operator(), holder, given);
    }
    function drawOperators(begin = null) {
      const fresh = dropdown(column().operators.map((one) => [one.name, one.label]), word("condition"));
      operatorSelect.replaceWith(fresh);
      operatorSelect = fresh;
      operatorSelect.addEventListener("change", () => drawValue());
      if (begin) operatorSelect.value = begin.operator;
      drawValue(begin ? begin.values : []);
    }

    line.append(columnSelect, operatorSelect, holder, remove);
    lines.append(line);
    columnSelect.addEventListener("change", () => drawOperators());
    if (chip) columnSelect.value = chip.column;
    remove.addEventListener("click", () => {
      line.remove();
      if (!lines.children.length) addLine(true);
    });
    line.pairs = () => {
      const name = `_flt_${operatorSelect.value}_${columnSelect.value}`;
      return read().map((value) => [name, value]);
    };
    drawOperators(chip);
    if (focus) columnSelect.focus();
  }

  // A click on a filter in force opens it here; what is applied then takes its place.
  let changing = null;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chip]");
    if (!button) return;
    changing = chips[Number(button.dataset.chip)];
    lines.replaceChildren();
    addLine(false, changing);
    menu.showPopover();
  });

  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && changing) {
      changing = null;
      lines.replaceChildren();
    }
    if (event.newState === "open" && !lines.children.length) addLine(false);
    if (event.newState === "open") lines.querySelector("select")?.focus();
  });
  form.querySelector("[data-filter-add]").addEventListener("click", () => addLine(true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pairs = keep.filter(([name]) => name !== "q" && name !== changing?.parameter);
    if (query) pairs.push(["q", query]);
    const added = [...lines.children].flatMap((line) => line.pairs());
    if (!added.length) {
      lines.querySelector(".filter-values input, .filter-values select")?.focus();
      return;
    }
    const known = new Set(pairs.map((pair) => pair.join("=")));
    pairs.push(...added.filter((pair) => !known.has(pair.join("="))));
    location.assign(`${location.pathname}?${new URLSearchParams(pairs)}`);
  });
})();
