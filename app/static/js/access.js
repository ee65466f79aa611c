// Log in, password and error pages: show a password, submit once, go back.
(() => {
  for (const button of document.querySelectorAll("[data-reveal]")) {
    const input = document.getElementById(button.dataset.reveal);
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
      button.querySelector("use").setAttribute("href", `${document.documentElement.dataset.sprite}#${shown ? "eye-off" : "eye"}`);
      input.focus();
    });
  }

  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      form.querySelector('[type="submit"]').setAttribute("aria-disabled", "true");
    });
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      delete form.dataset.sent;
      form.querySelector('[type="submit"]').removeAttribute("aria-disabled");
    });
  }

  const back = document.querySelector("[data-back]");
  if (back && history.length > 1) {
    back.hidden = false;
    back.addEventListener("click", () => history.back());
  }
  const reload = document.querySelector("[data-reload]");
  if (reload) {
    reload.hidden = false;
    reload.addEventListener("click", () => location.reload());
  }
})();
