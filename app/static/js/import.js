// From a file to records: dropping a file, reading it otherwise at once, and only one start.
(() => {
  const first = document.querySelector("[data-first]");
  if (first) first.focus();

  const drop = document.querySelector("[data-drop]");
  if (drop) {
    const input = drop.querySelector("input[type=file]");
    const state = drop.querySelector("[data-state]");
    const button = drop.querySelector("button");

    function check() {
      const file = input.files[0];
      const large = file && file.size > Number(drop.dataset.most);
      if (large) state.dataset.tone = "red";
      else delete state.dataset.tone;
      state.textContent = large ? drop.dataset.tooLarge : "";
      button.disabled = Boolean(large);
    }
    input.addEventListener("change", check);
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.add("is-over");
      });
    }
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("is-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      const one = new DataTransfer();
      one.items.add(event.dataTransfer.files[0]);
      input.files = one.files;
      check();
      button.focus();
    });
    drop.addEventListener("submit", () => {
      button.setAttribute("aria-disabled", "true");
      state.textContent = drop.dataset.busy;
    });
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      button.removeAttribute("aria-disabled");
      check();
    });
  }

  const reading = document.querySelector("[data-rereads]");
  if (reading) {
    reading.querySelector("[data-reread]")?.setAttribute("hidden", "");
    reading.addEventListener("change", () => reading.requestSubmit());
  }

  const columns = document.querySelector("[data-columns]");
  if (columns) {
    const words = JSON.parse(columns.dataset.words);
    const targets = [...columns.querySelectorAll("[data-target]")];
    const key = columns.elements.key;
    const part = columns.querySelector("[data-key-part]");
    const filled = columns.querySelector("[data-filled-part]");
    const missing = columns.querySelector("[data-missing]");

    function show() {
      const used = targets.map((one) => one.value).filter(Boolean);
      for (const one of targets) one.toggleAttribute("data-ignored", !one.value);
      columns.querySelector("[data-mapped]").textContent = words.mapped
        .replace("{count}", used.length)
        .replace("{all}", targets.length);
      const known = columns.querySelector("[data-known]:checked")?.value || "create";
      part.hidden = known === "create";
      filled.hidden = known === "new";
      const without = words.required.filter(([, names]) => !names.some((name) => used.includes(name)));
      missing.hidden = known === "update" || !without.length;
      missing.querySelector("span").textContent = words.missing.replace("{fields}", without.map(([label]) => label).join(", "));
      const offered = [...key.options].filter((one) => one.value);
      for (const one of offered) one.disabled = !used.includes(one.value);
      const free = offered.filter((one) => !one.disabled);
      if (key.selectedOptions[0]?.disabled) key.value = "";
      if (!key.value && free.length) key.value = free[0].value;
    }
    columns.addEventListener("change", show);
    show();
  }

  const run = document.querySelector("[data-once]");
  if (run) {
    const button = run.querySelector("[data-run]");
    const leave = run.querySelector("[data-leave-out]");
    const blocked = button.disabled;
    const follow = () => (button.disabled = blocked || Boolean(leave && !leave.checked));
    leave?.addEventListener("change", follow);
    follow();
    let sent = false;
    run.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
      button.setAttribute("aria-disabled", "true");
    });
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      sent = false;
      button.removeAttribute("aria-disabled");
    });
  }
})();
