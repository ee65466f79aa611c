// The directory of all tables, filtered while typing; Enter opens the first.
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
    let any = false;
    for (const { area, title, lines } of areas) {
      const all = title.includes(query);
      let some = false;
      for (const { line, text } of lines) {
        line.hidden = !(all || text.includes(query));
        some ||= !line.hidden;
      }
      area.hidden = !some;
      any ||= some;
    }
    document.querySelector("[data-directory-none]").hidden = any;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") document.querySelector("[data-find]:not([hidden]) a")?.click();
  });
})();
