// The question before something is deleted, deactivated or left unsaved.
(() => {
  const { word } = window.indexus;
  const dialog = document.getElementById("confirm");
  const yes = dialog.querySelector('[value="yes"]');
  const no = dialog.querySelector('[value="no"]');
  let answer = null;

  /** Ask; resolves to true or false. Focus starts on the safe answer and returns afterwards. */
  window.indexus.ask = ({ title, text, verb, back, danger = true }) => {
    const before = document.activeElement;
    dialog.querySelector("#confirm-title").textContent = title;
    dialog.querySelector("#confirm-text").textContent = text || "";
    yes.textContent = verb;
    yes.className = `button ${danger ? "is-danger" : "is-primary"}`;
    no.textContent = back || word("cancel");
    dialog.showModal();
    no.focus();
    return new Promise((resolve) => {
      answer = (value) => {
        answer = null;
        if (dialog.open) dialog.close();
        if (before instanceof HTMLElement) before.focus();
        resolve(value);
      };
    });
  };

  yes.addEventListener("click", () => answer?.(true));
  no.addEventListener("click", () => answer?.(false));
  dialog.addEventListener("close", () => answer?.(false));
  dialog.addEventListener("click", (event) => event.target === dialog && answer?.(false));

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-delete]");
    const form = document.getElementById("delete-form");
    if (!button || !form) return;
    button.closest("[popover]")?.hidePopover();
    const agreed = await window.indexus.ask({
      title: `${button.dataset.verb || form.dataset.title}: ${button.dataset.name}?`,
      text: button.dataset.text ?? form.dataset.text,
      verb: button.dataset.verb || form.dataset.title,
    });
    if (!agreed) return;
    form.action = button.dataset.delete;
    form.elements.version.value = button.dataset.version || "";
    if (form.elements.back) {
      form.elements.back.value = button.dataset.back || "";
      form.elements.back.disabled = !button.dataset.back;
    }
    form.submit();
  });
})();
