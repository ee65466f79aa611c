// The directory of all tables, filtered while typing; how many are left is said, Enter opens the first.
(() => {
  const input = document.querySelector("[data-directory-find]");
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const areas = [...document.querySelectorAll("[data-area]")].map((area) => ({
    area,
    title: plain(area.querySelector("h2").textContent),
    lines: [...area.querySelectorAll("[data-find]")].map((line) => ({ line, text: plain(line.dataset.find) })),
  }));

  input.addEventListener("input", () => {
    const query = plain(input.value.trim());
    let shown = 0;
    for (const { area, title, lines } of areas) {
      const all = title.includes(query);
      const before = shown;
      for (const { line, text } of lines) {
        line.hidden = !(all || text.includes(query));
        if (!line.hidden) shown += 1;
      }
      area.hidden = shown === before;
    }
    document.querySelector("[data-directory-none]").hidden = shown > 0;
    const said = document.querySelector("[data-directory-said]");
    said.textContent = said.dataset.directorySaid.replace("{count}", shown);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") document.querySelector("[data-find]:not([hidden]) a")?.click();
  });
})();
