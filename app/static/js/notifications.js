// The page of notifications: filters act at once, lines leave without a new page and can be called back.
(() => {
  const { toast, bell } = window.indexus;
  for (const form of document.querySelectorAll("[data-submit-on-change]")) {
    form.querySelector('[type="submit"]').hidden = true;
    form.addEventListener("change", () => {
      for (const field of form.elements) field.disabled = field.disabled || (field.name && !field.value);
      form.submit();
    });
  }
  if (!bell) return;
  const words = JSON.parse(document.getElementById("bell-words").textContent);

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-notice-act]");
    if (!form) return;
    event.preventDefault();
    const line = form.closest("[data-notice]");
    const key = line.dataset.notice;
    if (!(await bell.send(form.getAttribute("action")))) return;
    if (form.dataset.noticeAct === "read") {
      line.classList.remove("is-unread");
      line.querySelector(".notice-text .unseen")?.remove();
      line.querySelector("a").focus();
      form.remove();
      return;
    }
    const next = (line.nextElementSibling || line.previousElementSibling)?.querySelector("a");
    line.hidden = true;
    (next || document.getElementById("content")).focus();
    if (form.dataset.noticeAct !== "dismiss") return;
    toast(words.dismissed, "green", {
      label: words.undo,
      run: async () => {
        if (!(await bell.send(`/notifications/${key}/restore`))) return;
        line.hidden = false;
        line.querySelector("a").focus();
      },
    });
  });
})();
