// A form: unsaved changes are guarded, saved once, and errors are one key away.
(() => {
  const { word, ask } = window.indexus;
  const form = document.querySelector("form[data-form]");
  if (!form) return;
  const state = form.querySelector("[data-state]");
  const save = form.querySelector('button[type="submit"]');
  let leaving = false;

  const snapshot = () => new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])).toString();
  // Textareas and pickers settle first: a browser may restore values after a reload.
  let before = null;
  requestAnimationFrame(() => (before = snapshot()));
  const changed = () => "dirty" in form.dataset || (before !== null && snapshot() !== before);

  function showState() {
    const now = changed();
    form.classList.toggle("is-changed", now);
    state.textContent = now ? word("unsaved") : "";
  }
  form.addEventListener("input", showState);
  form.addEventListener("change", showState);
  if ("dirty" in form.dataset) showState();

  // Who goes on typing in a field that is asked about means what he types.
  function meanMine(event) {
    const name = event.target.closest("[data-field]")?.dataset.field;
    const asked = name && form.querySelector(`[data-conflict="${CSS.escape(name)}"]`);
    if (!asked) return;
    const mine = asked.querySelector('input[value="mine"]');
    mine.checked = true;
    mine.closest("label").querySelector(".conflict-value").textContent = asked.dataset.below;
  }
  form.addEventListener("input", meanMine);
  form.addEventListener("change", meanMine);

  window.addEventListener("beforeunload", (event) => {
    if (!leaving && changed()) event.preventDefault();
  });

  form.addEventListener("submit", (event) => {
    if (leaving) {
      event.preventDefault();
      return;
    }
    leaving = true;
    save.setAttribute("aria-disabled", "true");
    state.textContent = word("saving");
  });
  // A page from the browser's back cache must be able to save again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    save.removeAttribute("aria-disabled");
    showState();
  });

  async function leave() {
    if (changed()) {
      const agreed = await ask({
        title: word("leave_title"),
        text: word("leave_text"),
        verb: word("leave"),
        back: word("stay"),
      });
      if (!agreed) return;
    }
    leaving = true;
    location.assign(form.dataset.back);
  }

  form.querySelector("[data-cancel]").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    leave();
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      document.activeElement?.blur();
      if (!leaving) form.requestSubmit();
    } else if (event.key === "Escape" && !event.defaultPrevented) {
      // Escape first closes what is open: a menu, a dialog, a list of options.
      if (document.querySelector("dialog[open], [popover]:popover-open, .ts-wrapper.dropdown-active")) return;
      event.preventDefault();
      leave();
    }
  });

  // Errors: the summary is read first, its links go to the field.
  form.querySelector("[data-first]")?.focus();
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-jump]");
    if (!link) return;
    event.preventDefault();
    const field = form.querySelector(`[data-field="${CSS.escape(link.dataset.jump)}"]`);
    field?.scrollIntoView({ block: "center" });
    const select = field?.querySelector("select");
    if (select?.tomselect) select.tomselect.focus();
    else field?.querySelector("input:not([type=hidden], [type=color]), select, textarea")?.focus({ preventScroll: true });
  });

  // Long text grows with its content, up to most of a screen.
  function grow(area) {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, innerHeight * 0.6)}px`;
  }
  for (const area of form.querySelectorAll("textarea[data-grow]")) {
    grow(area);
    area.addEventListener("input", () => grow(area));
  }

  // In code, Tab would leave the field, so indentation is kept by Enter alone.
  for (const area of form.querySelectorAll("textarea[data-code]")) {
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      const line = area.value.slice(0, area.selectionStart).split("\n").pop();
      const indent = line.match(/^\s*/)[0];
      if (!indent) return;
      event.preventDefault();
      area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  for (const box of form.querySelectorAll("[data-color]")) {
    const [swatch, text] = box.querySelectorAll("input");
    swatch.addEventListener("input", () => {
      text.value = swatch.value;
      showState();
    });
    text.addEventListener("input", () => {
      if (/^#[0-9a-f]{6}$/i.test(text.value)) swatch.value = text.value;
    });
  }

  // Day, month and year: a full part hands on to the next.
  for (const group of form.querySelectorAll(".parts")) {
    const parts = [...group.querySelectorAll("input")];
    parts.forEach((part, index) =>
      part.addEventListener("input", (event) => {
        if (event.inputType?.startsWith("insert") && part.value.length === part.maxLength) parts[index + 1]?.select();
      }),
    );
  }
})();
