// Tables: the whole row opens the record, arrows walk, "/" searches.
(() => {
  const { typing } = window.indexus;
  const interactive = "a, button, input, select, textarea, label, summary, .quick";
  const linkOf = (row) => row.querySelector("td:first-child > a");

  let opening = 0;
  document.addEventListener("dblclick", () => clearTimeout(opening));
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row || event.target.closest(interactive) || event.defaultPrevented) return;
    // Somebody who marks text to copy it does not want to leave.
    if (String(getSelection())) return;
    const link = linkOf(row);
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else if (!window.indexus.waitsForSecondClick?.(event)) location.assign(link.href);
    else if (event.detail < 2) opening = setTimeout(() => location.assign(link.href), 260);
  });
  document.addEventListener("auxclick", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row || event.button !== 1 || event.target.closest(interactive)) return;
    window.open(linkOf(row).href, "_blank", "noopener");
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = document.activeElement?.closest("tr[data-row]");
    if (step && row) {
      const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
      if (!next) return;
      event.preventDefault();
      linkOf(next).focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
      return;
    }
    if (typing(event)) return;
    if (step && document.querySelector("[data-table]")) {
      const first = document.querySelector("[data-table] tr[data-row]");
      if (!first || (document.activeElement !== document.body && !document.activeElement.matches("[data-table], main"))) return;
      event.preventDefault();
      linkOf(first).focus();
    }
    if (event.key === "/") {
      const search = document.querySelector("[data-find] input[type=search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  const area = document.querySelector("[data-table]");
  area?.addEventListener("scroll", () => area.classList.toggle("is-scrolled", area.scrollLeft > 0), { passive: true });

  // An emptied search is a search for everything, without "q=" in the address.
  document.querySelector("[data-find]")?.addEventListener("submit", (event) => {
    const search = event.target.elements.q;
    search.value = search.value.trim();
    if (!search.value) search.disabled = true;
    setTimeout(() => (search.disabled = false));
  });
})();
