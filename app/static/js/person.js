// The pages about one person's rights: all countries at once; the fields of the table one asks about.
(() => {
  const box = document.querySelector("[data-countries]");
  if (box) {
    const all = box.querySelector("[data-all]");
    const each = [...box.querySelectorAll('[name="countries"]')];
    all.addEventListener("change", () => each.forEach((tick) => (tick.checked = all.checked)));
    box.addEventListener("change", () => (all.checked = each.every((tick) => tick.checked)));
  }

  const form = document.querySelector("[data-why]");
  if (!form) return;
  const { table, record, field } = form.elements;

  let turn = 0;
  async function offer() {
    const mine = ++turn;
    const address = new URL(form.dataset.fields, location.href);
    address.searchParams.set("table", table.value);
    address.searchParams.set("record", record.value);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const found = answer.ok && (await answer.json());
    if (!found || mine !== turn) return;
    if (found.table) table.value = found.table;
    const before = field.value;
    field.replaceChildren(field.options[0], ...found.fields.map(([key, label]) => new Option(label, key)));
    field.value = found.fields.some(([key]) => key === before) ? before : "";
  }

  table.addEventListener("change", () => {
    record.value = "";
    offer();
  });
  record.addEventListener("change", offer);
})();
