// What every page needs: words, icons, toasts, and the sidebar.
(() => {
  const root = document.documentElement;
  const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

  /** A text in the language of the page. */
  const word = (key) => words[key] || key;

  /** An element with a class, text and attributes. */
  function make(tag, className, text, attributes) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    return element;
  }

  /** An icon of the sprite. */
  function icon(name, size = 16) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "glyph");
    svg.setAttribute("width", size);
    svg.setAttribute("height", size);
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${root.dataset.sprite}#${name}`);
    svg.append(use);
    return svg;
  }

  /** Whether a key press belongs to a field that is being filled. */
  const typing = (event) =>
    event.target instanceof Element &&
    event.target.closest("input, textarea, select, [contenteditable], dialog[open], [popover]:popover-open") !== null;

  Object.assign(window.indexus, { word, make, icon, typing });

  /** Tells whether a pointer is down on one of these elements; `gone` is called when it is not any more. */
  window.indexus.pressed = (root, selector, gone) => {
    let down = false;
    root.addEventListener("pointerdown", (event) => {
      if (event.target.closest(selector)) down = true;
    });
    for (const end of ["pointerup", "pointercancel"]) {
      window.addEventListener(end, () => {
        if (!down) return;
        down = false;
        gone();
      }, true);
    }
    return () => down;
  };

  // Toasts leave by themselves, but not while somebody reads them.
  const toasts = document.getElementById("toasts");

  function watch(line) {
    let timer = setTimeout(() => line.remove(), 6000);
    line.addEventListener("pointerenter", () => clearTimeout(timer));
    line.addEventListener("pointerleave", () => {
      timer = setTimeout(() => line.remove(), 2500);
    });
    line.querySelector("[data-dismiss]")?.addEventListener("click", () => line.remove());
  }

  /** Say something in passing; `act` ({ label, title, run }) offers what can be done about it. A click on it
      leaves the popover `act.beside` open. Gives the line. */
  window.indexus.toast = (text, tone = "green", act = null) => {
    if (!toasts) return null;
    const line = make("div", "toast-line", "", { "data-tone": tone });
    const close = make("button", "", "", { type: "button", "data-dismiss": "", "aria-label": word("close") });
    close.append(icon("x", 14));
    line.append(icon(tone === "red" ? "alert-circle" : "circle-check"), make("span", "", text));
    if (act) {
      const button = make("button", "toast-act", act.label, { type: "button", title: act.title || "" });
      // What opens a popover does not close it.
      if (act.beside) Object.assign(button, { popoverTargetElement: act.beside, popoverTargetAction: "show" });
      button.addEventListener("click", () => {
        line.remove();
        act.run();
      });
      line.append(button);
    }
    line.append(close);
    toasts.append(line);
    watch(line);
    return line;
  };
  toasts?.querySelectorAll(".toast-line").forEach(watch);

  // "Back" draws a form anew, but it is the one that was sent: its key stays with the entry of the history.
  const keys = [...document.querySelectorAll('input[name="form_key"]')];
  const kept = history.state?.formKeys;
  if (kept?.length === keys.length) keys.forEach((field, index) => (field.value = kept[index]));
  else if (keys.length) history.replaceState({ ...history.state, formKeys: keys.map((field) => field.value) }, "");

  // The sidebar: narrow or wide on a desk, a drawer on a phone.
  const side = document.getElementById("side");
  if (!side) return;
  const opener = document.querySelector("[data-drawer-open]");
  let veil = null;

  function close() {
    if (!veil) return;
    document.body.classList.remove("is-drawn");
    veil.remove();
    veil = null;
    document.querySelector(".main").inert = false;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  }

  function open() {
    veil = make("div", "side-veil");
    veil.addEventListener("click", close);
    document.body.append(veil);
    document.body.classList.add("is-drawn");
    document.querySelector(".main").inert = true;
    opener.setAttribute("aria-expanded", "true");
    side.querySelector("[data-drawer-close]").focus();
  }

  opener?.addEventListener("click", open);
  side.querySelector("[data-drawer-close]")?.addEventListener("click", close);
  side.addEventListener("keydown", (event) => event.key === "Escape" && close());
  side.querySelector("[data-side-toggle]")?.addEventListener("click", () => {
    window.indexus.prefer("side", window.indexus.preference("side") === "narrow" ? "wide" : "narrow");
  });
  side.addEventListener("click", (event) => {
    const summary = event.target.closest("summary");
    if (summary && root.dataset.side === "narrow" && window.matchMedia("(min-width: 901px)").matches) {
      window.indexus.prefer("side", "wide");
      if (summary.parentElement.open) event.preventDefault();
    }
  });
  // The line of this page comes into sight; `scrollIntoView` would make Tab go on from there.
  const body = side.querySelector(".side-body");
  const below = body && side.querySelector('[aria-current="page"]')?.getBoundingClientRect().bottom - body.getBoundingClientRect().bottom;
  if (below > 0) body.scrollTop += below + 8;
})();
