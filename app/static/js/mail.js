// Writing an e-mail: what follows from the customer, and how it will look. One e-mail: how far it has got.
(() => {
  const form = document.querySelector("form[data-mail]");
  const watched = document.querySelector("[data-watch]");
  if (form) write(form);
  if (watched) watch(watched);

  function write(form) {
    const { customer_id: customer, recipient_email: to, language, subject, content } = form.elements;
    const look = form.querySelector("[data-preview]");
    const frame = look.querySelector("iframe");
    let filled = to.value;
    let asked = 0;

    customer?.addEventListener("change", async () => {
      const chosen = customer.value;
      if (!chosen) return;
      const answer = await fetch(`/mail/customer.json?id=${encodeURIComponent(chosen)}`, {
        headers: { Accept: "application/json" },
      }).catch(() => null);
      const found = answer?.ok && (await answer.json());
      if (customer.value !== chosen) return; // the address of whom was chosen before must not come after
      if (!found) return window.indexus.toast(window.indexus.word("failed"), "red");
      if (!to.value || to.value === filled) {
        to.value = filled = found.recipient_email;
        if (document.activeElement === to) to.select(); // who is about to type writes over it, not behind it
      }
      language.value = found.language;
      show();
    });

    async function show() {
      const mine = ++asked;
      const typed = new FormData(form);
      const answer = await fetch(look.dataset.preview, { method: "POST", body: typed, headers: { Accept: "application/json" } }).catch(() => null);
      const drawn = answer?.ok && (await answer.json());
      if (mine !== asked || !drawn) return;
      const { html, sender } = drawn;
      frame.srcdoc = html;
      look.querySelector("[data-from]").textContent = sender;
    }

    let soon = 0;
    const later = () => {
      clearTimeout(soon);
      soon = setTimeout(show, 500);
    };
    look.hidden = false;
    for (const field of [subject, content]) field.addEventListener("input", later);
    language.addEventListener("change", show);
    show();
  }

  /** Asks more and more seldom; something new is shown by drawing the page again. */
  function watch(box) {
    let wait = 1500;
    const ask = async () => {
      const answer = document.hidden ? null : await fetch(box.dataset.watch, { headers: { Accept: "application/json" } }).catch(() => null);
      if (answer?.ok && (await answer.json()).version !== box.dataset.version) return location.reload();
      wait = Math.min(wait * 1.3, 30_000);
      setTimeout(ask, wait);
    };
    setTimeout(ask, wait);
  }
})();
