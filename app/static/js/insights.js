// Sales insights: what is chosen above the tiles is taken at once, and only what says something stands in the address.
(() => {
  const form = document.querySelector("[data-insights]");
  const apply = form.querySelector("[data-apply]");

  for (const select of form.querySelectorAll("select[data-picker]")) {
    const picker = window.indexus.pick(select);
    picker.settings.placeholder = select.dataset.placeholder;
    picker.inputState();
  }
  for (const field of form.querySelectorAll("[data-at-once]")) {
    field.addEventListener("change", () => form.requestSubmit(apply));
  }

  form.addEventListener("submit", () => {
    const own = form.elements.period.value === "custom";
    for (const field of form.elements) {
      const day = field.name === "from" || field.name === "to";
      if (field.name && (field.value === "" || (day && !own))) field.disabled = true;
    }
  });

  // Back in the history the form is as it was sent.
  window.addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
})();
