// Keys of lists and records: j and k walk, u goes back to the list, e edits the record, "?" tells of all.
(() => {
  const { typing } = window.indexus;
  const dialog = document.getElementById("shortcuts");
  const linkOf = (row) => row?.querySelector("td:not(.row-pick) > a");

  function walk(step) {
    const rows = [...document.querySelectorAll("[data-table] tr[data-row]")];
    const here = rows.indexOf(document.activeElement?.closest("tr[data-row]"));
    const next = here < 0 ? rows[0] : rows[here + step];
    linkOf(next)?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    if (event.key === "?" && dialog && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    if (event.key === "e") {
      const edit = document.querySelector('.record-acts > a.is-primary[href*="/edit/"]');
      if (!edit || document.activeElement?.closest("tr[data-row]")) return; // in a list a cell is edited
      event.preventDefault();
      edit.click();
      return;
    }
    const step = { j: "next", k: "prev", u: "back" }[event.key];
    if (!step) return;
    const place = document.querySelector("[data-place]");
    const link = place?.querySelector(`[data-step="${step}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    } else if (!place && step !== "back" && document.querySelector("[data-table] tr[data-row]")) {
      event.preventDefault();
      walk(step === "next" ? 1 : -1);
    }
  });
  dialog?.addEventListener("click", (event) => event.target === dialog && dialog.close());

  // Back from a record: its row is where it was, and has the focus; the browser's own way to the row would take it away.
  const row = location.hash.startsWith("#row-") ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (row) {
    const arrive = () => {
      row.scrollIntoView({ block: "center" });
      linkOf(row)?.focus({ preventScroll: true });
    };
    if (document.readyState === "complete") arrive();
    else window.addEventListener("load", () => setTimeout(arrive));
  }
})();
