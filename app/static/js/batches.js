// Many records at once: the form shows the chosen fields only, a running batch tells how far it is.
(() => {
  // The form ----------------------------------------------------------------
  const form = document.querySelector("[data-many-form]");
  if (form) {
    const add = form.querySelector("[data-many-add]");
    const select = add.querySelector("select");
    const lines = [...form.querySelectorAll("[data-many-line]")];
    const howOf = (line) => line.querySelector("[data-many-how]");

    function show() {
      for (const line of lines) {
        const how = howOf(line).value;
        line.hidden = how === "";
        if (how) for (const one of line.querySelectorAll("select[data-picker]")) if (!one.tomselect) window.indexus.pick(one);
        line.querySelector("[data-many-value]").hidden = how === "" || how === "clear";
      }
    }
    function offer() {
      const picker = select.tomselect;
      for (const line of lines) {
        const name = line.dataset.manyLine;
        if (howOf(line).value) picker.removeOption(name);
        else picker.addOption({ value: name, text: line.querySelector("label span").textContent });
      }
    }
    form.addEventListener("change", (event) => {
      if (event.target === select) {
        const line = lines.find((one) => one.dataset.manyLine === select.value);
        if (!line) return;
        howOf(line).value = "set";
        line.parentElement.append(line);
        show();
        const control = line.querySelector("[data-many-value] input:not([type=hidden]), [data-many-value] select, [data-many-value] textarea");
        setTimeout(() => {
          select.tomselect.clear(true);
          offer();
          (control?.tomselect || control)?.focus();
        });
      } else if (event.target.matches("[data-many-how]")) {
        show();
        offer();
      }
    });
    add.hidden = false;
    window.indexus.pick(select);
    show();
    form.querySelector('[role="alert"]')?.focus();
  }

  // What is done is not chosen any more.
  document.querySelector("[data-many-run]")?.addEventListener("submit", (event) => {
    const sent = event.target;
    if (sent.dataset.sent) return event.preventDefault();
    sent.dataset.sent = "1";
    const begin = `many:${sent.dataset.manyRun}:`;
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(begin)) sessionStorage.removeItem(key);
  });
  window.addEventListener("pageshow", (event) => {
    const sent = document.querySelector("[data-many-run]");
    if (event.persisted && sent) delete sent.dataset.sent;
  });

  // How far it is -------------------------------------------------------------
  const page = document.querySelector('[data-batch][data-busy="true"]');
  if (!page) return;
  const then = page.dataset.then || page.dataset.batch;
  const bar = page.querySelector("[data-batch-bar]");
  const count = page.querySelector("[data-batch-count]");
  let asking = false;
  let leaving = null; // what is stopped here is not asked for any more: it may be gone before the page is

  async function ask() {
    if (asking || document.hidden || leaving?.signal.aborted) return;
    asking = true;
    leaving = new AbortController();
    try {
      const answer = await window.indexus.quietly(`${page.dataset.batch}/state`, leaving.signal).catch(() => null);
      if (!answer) return;
      if (answer.status === 404) return location.assign(then); // it was cancelled, or replaced
      if (!answer.ok) return;
      const now = await answer.json().catch(() => null);
      if (!now) return;
      bar.value = now.percent;
      count.textContent = `${now.progress} / ${now.total}`;
      if (!now.busy) location.assign(then);
    } finally {
      asking = false;
    }
  }
  window.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    leaving ||= new AbortController();
    leaving.abort();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = null;
  });
  document.addEventListener("live:batches", ask);
  document.addEventListener("live:poll", ask);
  document.addEventListener("visibilitychange", ask);
  setInterval(ask, 4000); // a ping may get lost
})();
