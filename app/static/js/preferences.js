// What a person chose for this browser: theme, row height, width of the sidebar.
// Runs before the first paint, so that nothing flashes or jumps.
(() => {
  const root = document.documentElement;
  const known = {
    theme: ["auto", "light", "dark"],
    density: ["normal", "compact", "comfortable"],
    side: ["wide", "narrow"],
  };
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function read(name) {
    let value = null;
    try {
      value = localStorage.getItem("indexus." + name);
    } catch {
      // Storage may be forbidden; the default is fine.
    }
    return known[name].includes(value) ? value : known[name][0];
  }

  function show() {
    const theme = read("theme");
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    root.dataset.density = read("density");
    root.dataset.side = read("side");
  }

  function write(name, value) {
    try {
      localStorage.setItem("indexus." + name, value);
    } catch {
      root.dataset[name === "theme" ? "bsTheme" : name] = value;
      return;
    }
    const before = root.dataset.bsTheme;
    show();
    if (root.dataset.bsTheme !== before) document.dispatchEvent(new CustomEvent("themechange"));
  }

  dark.addEventListener("change", () => {
    show();
    document.dispatchEvent(new CustomEvent("themechange"));
  });
  window.addEventListener("storage", show);
  show();
  window.indexus = { preference: read, prefer: write };
})();
