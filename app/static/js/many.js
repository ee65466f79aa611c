// Choosing rows of a list: ticks, "x", Shift for ranges, all of the page, all that match. It lasts while one pages.
(() => {
  const { make, typing } = window.indexus;
  const bar = document.getElementById("many");
  const table = document.querySelector("[data-table] table");
  if (!bar || !table) return;
  const words = JSON.parse(bar.dataset.words);
  const said = bar.querySelector("[data-many-count]");
  const allButton = bar.querySelector("[data-many-all]");
  const boxes = [...table.querySelectorAll("input.pick")];
  const rowOf = (box) => box.closest("tr");
  const total = Number(bar.dataset.total) || 0;

  // Ids of one list, whatever its page, order and page size.
  const query = new URLSearchParams(bar.elements.query.value);
  for (const name of ["page", "page_size", "order"]) query.delete(name);
  const place = `many:${bar.dataset.tableName}:${query}`;
  const kept = JSON.parse(sessionStorage.getItem(place) || "{}");
  const chosen = new Set(kept.ids || []);
  let all = Boolean(kept.all);
  let last = null;

  const head = make("input", "tick pick", "", { type: "checkbox", "aria-label": words.page, title: words.page });
  table.querySelector("thead th").prepend(head);

  function show() {
    for (const box of boxes) {
      box.checked = all || chosen.has(box.value);
      rowOf(box).classList.toggle("is-chosen", box.checked);
    }
    const here = boxes.filter((box) => box.checked).length;
    head.checked = here > 0 && here === boxes.length;
    head.indeterminate = here > 0 && here < boxes.length;
    const count = all ? total : chosen.size;
    const number = count.toLocaleString(document.documentElement.lang || "en");
    bar.hidden = count === 0;
    const text = all ? words.all.replace("{number}", number) : count === 1 ? words.one : words.some.replace("{number}", number);
    if (said.textContent !== text) said.textContent = count ? text : "";
    allButton.hidden = all || !head.checked || total <= boxes.length;
    if (count) sessionStorage.setItem(place, JSON.stringify(all ? { all } : { ids: [...chosen] }));
    else sessionStorage.removeItem(place);
  }

  function tick(box, on) {
    if (all) {
      all = false; // of all that match one is taken out: what is on this page stays
      for (const other of boxes) chosen.add(other.value);
    }
    if (on) chosen.add(box.value);
    else chosen.delete(box.value);
  }

  function range(from, to, on) {
    const ends = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
    for (const box of boxes.slice(ends[0], ends[1] + 1)) tick(box, on);
  }

  table.addEventListener("click", (event) => {
    const box = event.target.closest("input.pick");
    if (!box || box === head) return;
    if (event.shiftKey && last) range(last, box, box.checked);
    else tick(box, box.checked);
    last = box;
    show();
  });
  head.addEventListener("change", () => {
    const on = head.checked;
    if (all && !on) {
      all = false;
      chosen.clear();
    }
    for (const box of boxes) tick(box, on);
    show();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = document.activeElement?.closest("tr[data-row]");
    const box = row?.querySelector("input.pick");
    if (!box || (typing(event) && document.activeElement !== box)) return;
    if (event.key.toLowerCase() === "x") {
      event.preventDefault();
      const on = !box.checked;
      if (event.shiftKey && last) range(last, box, true);
      else tick(box, on);
      last = box;
      show();
    } else if (event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      // list.js has moved on, or does so now: both rows belong to the range.
      const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
      for (const one of [box, next?.querySelector("input.pick")]) if (one) tick(one, true);
      last = next?.querySelector("input.pick") || box;
      show();
    }
  }, true);

  allButton.addEventListener("click", () => {
    all = true;
    chosen.clear();
    show();
    bar.querySelector('[type="submit"]')?.focus();
  });
  bar.querySelector("[data-many-none]").addEventListener("click", () => {
    all = false;
    chosen.clear();
    show();
    head.focus();
  });

  bar.addEventListener("submit", (event) => {
    bar.elements.ids.value = all ? "" : [...chosen].join(",");
    bar.elements.all.value = all ? "1" : "";
    bar.elements.expected.value = all ? String(total) : "";
    bar.elements.field.value = event.submitter?.dataset.field || "";
  });
  show();
  window.addEventListener("pageshow", (event) => event.persisted && show());
})();
