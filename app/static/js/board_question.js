// What a stage asks for before a card comes into it: a dialog with the inputs of the form, and the move with the answers.
(() => {
  const { make, pick, board: shared } = window.indexus;
  if (!shared) return;
  const { board, words, post } = shared;
  const { href } = board.dataset;
  const dialog = document.getElementById("move-dialog");
  const form = dialog?.querySelector("form");

  /** Ask for what the stage needs, and send the move with it. Null when the person thinks better of it. */
  async function question(body) {
    let answer;
    try {
      const asked = new URLSearchParams({ deal: body.deal, stage: body.stage });
      answer = await fetch(`${href}/ask?${asked}`, { headers: { Accept: "application/json, text/html" } });
    } catch {
      return { status: 0, said: { message: words.lost } };
    }
    if (answer.status === 204) {
      const result = await post(body);
      return { ...result, told: true };
    }
    if (answer.redirected) return { status: 401, said: { message: words.out } };
    if (!answer.ok) return { status: answer.status, said: await answer.json().catch(() => ({})) };
    form.innerHTML = await answer.text();
    form.querySelectorAll("select[data-picker]").forEach(pick);
    dialog.showModal();
    const first = form.querySelector("textarea, input:not([type=hidden]), select");
    (first?.tomselect || first)?.focus();

    return new Promise((resolve) => {
      let busy = false;
      const done = (result) => {
        form.onsubmit = form.onclick = form.onkeydown = dialog.onclose = null;
        if (dialog.open) dialog.close();
        resolve(result);
      };
      dialog.onclose = () => done(null);
      form.onclick = (event) => {
        if (event.target.closest("[data-cancel]")) done(null);
        const reason = event.target.closest("[data-reason]");
        if (!reason) return;
        const field = form.elements.lost_reason;
        field.value = reason.textContent;
        field.focus();
      };
      form.onkeydown = (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
      };
      form.onsubmit = async (event) => {
        event.preventDefault();
        if (busy) return;
        busy = true;
        const values = Object.fromEntries([...new FormData(form)].filter(([name]) => !name.endsWith("-shown")));
        const result = await post({ ...body, values });
        busy = false;
        if (result.status !== 422 && result.status !== 0) return done(result);
        explain(result.said);
      };
    });
  }

  /** What is wrong, at its field or below all of them. */
  function explain(said) {
    const general = [];
    form.querySelectorAll("[data-field]").forEach((field) => {
      field.classList.remove("has-error");
      field.querySelector("[data-said]").replaceChildren();
    });
    let first = null;
    for (const [name, errors] of Object.entries(said.errors || {})) {
      const field = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
      if (!field) {
        general.push(...errors);
        continue;
      }
      field.classList.add("has-error");
      field.querySelector("[data-said]").replaceChildren(...errors.map((text) => make("p", "wrong", text)));
      const control = field.querySelector("select, input:not([type=hidden]), textarea");
      (control.tomselect?.control_input || control).setAttribute("aria-invalid", "true");
      first ||= control.tomselect || control;
    }
    if (!said.errors) general.push(said.message || words.refused);
    const line = form.querySelector("[data-wrong]");
    line.textContent = general.join(" ");
    line.hidden = !general.length;
    first?.focus();
  }

  Object.assign(shared, { question });
})();
