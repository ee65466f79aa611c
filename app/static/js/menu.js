// Popover menus: placed at their button, walked with the arrow keys.
(() => {
  const { preference, prefer } = window.indexus;

  function place(menu) {
    const button = document.querySelector(`[popovertarget="${menu.id}"]`);
    if (!button) return;
    const at = button.getBoundingClientRect();
    const own = menu.getBoundingClientRect();
    const edge = 8;
    const room = document.documentElement.clientWidth;
    let left = at.left;
    // A menu at the right of the page opens to the left.
    if (left + own.width > room - edge) left = at.right - own.width;
    left = Math.max(edge, Math.min(left, room - own.width - edge));
    let top = at.bottom + 4;
    if (top + own.height > innerHeight - edge && at.top - own.height - 4 > edge) top = at.top - own.height - 4;
    menu.style.left = `${left}px`;
    menu.style.top = `${Math.max(edge, top)}px`;
  }

  const items = (menu) => [...menu.querySelectorAll(".menu-item")].filter((item) => item.offsetParent !== null);

  for (const menu of document.querySelectorAll("[popover]")) {
    const button = document.querySelector(`[popovertarget="${menu.id}"]`);
    menu.addEventListener("toggle", (event) => {
      const open = event.newState === "open";
      button?.setAttribute("aria-expanded", String(open));
      if (!open) return;
      place(menu);
      // This event comes a moment later: who is in the menu by then stays where he is.
      if (menu.getAttribute("role") !== "menu" || menu.contains(document.activeElement)) return;
      const list = items(menu);
      (list.find((item) => item.getAttribute("aria-checked") === "true") || list[0])?.focus({ preventScroll: true });
    });
    if (menu.getAttribute("role") !== "menu") continue;
    menu.addEventListener("keydown", (event) => {
      const list = items(menu);
      const here = list.indexOf(document.activeElement);
      const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: list.length - 1 }[event.key];
      if (event.key === "Tab") menu.hidePopover();
      if (next === undefined || list.length === 0) return;
      event.preventDefault();
      list[(next + list.length) % list.length].focus();
    });
  }
  window.addEventListener("resize", () => document.querySelectorAll("[popover]:popover-open").forEach(place));

  function showChoices() {
    for (const button of document.querySelectorAll("[data-prefer]")) {
      const chosen = String(preference(button.dataset.prefer) === button.dataset.value);
      button.setAttribute(button.getAttribute("role") === "menuitemradio" ? "aria-checked" : "aria-pressed", chosen);
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-prefer]");
    if (!button) return;
    prefer(button.dataset.prefer, button.dataset.value);
    showChoices();
    button.closest("[popover]")?.hidePopover();
  });
  showChoices();
})();
