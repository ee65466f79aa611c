// Automation: the form of a rule shows what belongs to the choices, says the rule in words, and tries it out.
(() => {
  const { word, pick } = window.indexus;
  for (const form of document.querySelectorAll("[data-submit-on-change]")) {
    form.querySelector('[type="submit"]').hidden = true;
    for (const select of form.querySelectorAll("select[data-picker]")) {
      const picker = pick(select);
      picker.settings.placeholder = select.dataset.placeholder;
      picker.inputState();
    }
    // Back in the history the form is as it was sent.
    window.addEventListener("pageshow", () => {
      for (const field of form.elements) field.disabled = false;
    });
    form.addEventListener("change", () => {
      for (const field of form.elements) field.disabled = field.disabled || (field.name && !field.value);
      form.submit();
    });
  }

  const form = document.querySelector("form[data-rule]");
  if (!form) return;
  const words = JSON.parse(document.getElementById("automation-words").textContent);
  const list = form.querySelector("[data-conditions]");
  const none = form.querySelector("[data-no-conditions]");
  const said = form.querySelector("[data-conditions-said]");

  /** The nodes of a piece of HTML that our own server has drawn. */
  const nodesOf = (html) => [...new DOMParser().parseFromString(html, "text/html").body.childNodes];

  // Blocks and controls that belong to a choice ------------------------------------
  function fold() {
    for (const block of form.querySelectorAll("[data-block]")) {
      block.hidden = form.elements[block.dataset.block].value !== block.dataset.of;
    }
    for (const held of form.querySelectorAll("[data-shown-by]")) {
      const by = form.elements[held.dataset.shownBy];
      held.hidden = !held.dataset.shownFor.split(" ").includes(by.value) && !held.classList.contains("has-error");
    }
    const mail = document.querySelector("[data-mail]");
    mail.hidden = form.elements.action.value !== "send_email";
  }

  // What the rule says --------------------------------------------------------------
  const sentence = document.querySelector("[data-sentence-text]");
  const mailBody = document.querySelector("[data-mail-body]");
  let timer = 0;
  let turn = 0;
  async function say() {
    const mine = ++turn;
    try {
      const answer = await fetch(form.dataset.sentence, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      if (!answer.ok || mine !== turn) return;
      const found = await answer.json();
      if (mine !== turn) return;
      if (sentence.textContent !== found.sentence) sentence.textContent = found.sentence;
      form.elements.name.placeholder = found.name;
      mailBody.replaceChildren(...nodesOf(found.mail));
    } catch {
      // What stands there is what was last known.
    }
  }
  function sayLater() {
    clearTimeout(timer);
    timer = setTimeout(say, 300);
  }

  // Conditions ------------------------------------------------------------------------
  let next = Math.max(-1, ...[...list.children].map((row) => Number(row.dataset.index))) + 1;

  /** A condition as the server draws it for these choices; null when it cannot be reached. */
  async function drawn(index, choices) {
    const address = new URL(form.dataset.conditionHref, location.href);
    for (const [name, value] of Object.entries({ index, pipeline_id: form.elements.pipeline_id.value, ...choices })) {
      address.searchParams.set(name, value);
    }
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(answer.status);
      const row = nodesOf(await answer.text()).find((node) => node.nodeType === Node.ELEMENT_NODE);
      return document.importNode(row, true);
    } catch {
      window.indexus.toast(words.failed, "red");
      return null;
    }
  }

  function dress(row) {
    for (const select of row.querySelectorAll("select[data-picker]")) pick(select);
  }

  function count() {
    none.hidden = list.children.length > 0;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  form.querySelector("[data-add-condition]")?.addEventListener("click", async () => {
    const row = await drawn(next, {});
    if (!row) return;
    next += 1;
    list.append(row);
    dress(row);
    row.querySelector('[data-part="field"]').focus();
    said.textContent = said.dataset.added;
    count();
  });

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    const row = button.closest("[data-condition]");
    const beside = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    (beside?.querySelector("[data-remove]") || form.querySelector("[data-add-condition]")).focus();
    said.textContent = said.dataset.removed;
    count();
  });

  // The choice itself stays as it is: somebody may be typing in it. What hangs on it is drawn anew.
  list.addEventListener("change", async (event) => {
    const part = event.target.dataset?.part;
    if (!part) return;
    const row = event.target.closest("[data-condition]");
    const asked = (row.asked = (row.asked || 0) + 1);
    const value = (name) => row.querySelector(`[data-part="${name}"]`)?.value || "";
    const other = await drawn(row.dataset.index, { field: value("field"), op: part === "op" ? value("op") : "" });
    if (!other || !row.isConnected || row.asked !== asked) return;
    const [mine, theirs] = [row, other].map((one) => one.querySelector(".condition-value"));
    if (part === "field") {
      row.querySelector('[data-part="op"]')?.remove();
      const op = other.querySelector('[data-part="op"]');
      if (op) event.target.after(op);
    }
    // Another operator that takes the same kind of value keeps what was typed.
    if (part === "field" || mine?.dataset.kind !== theirs?.dataset.kind) {
      mine?.remove();
      if (theirs) row.querySelector("[data-remove]").before(theirs);
      dress(row);
    }
    row.classList.remove("has-error");
    row.querySelector(".said").replaceChildren();
    sayLater();
  });

  // Placeholders go where the cursor is -----------------------------------------------
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const field = document.getElementById(button.dataset.into);
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Another pipeline has other stages: the form is drawn anew with what was typed.
  form.elements.pipeline_id.addEventListener("change", (event) => {
    event.stopPropagation();
    form.elements.redraw.disabled = false;
    form.requestSubmit();
  });

  form.addEventListener("change", () => {
    fold();
    sayLater();
  });
  form.addEventListener("input", sayLater);
  fold();

  // Trying it out ---------------------------------------------------------------------
  /** Ask the server about the rule as it stands in the form, and show the answer in `body`. */
  async function ask(href, body, waiting, more, again) {
    const line = window.indexus.make("div", "waiting-line");
    line.append(window.indexus.make("span", "quiet", waiting), document.createElement("progress"));
    line.querySelector("progress").setAttribute("aria-label", waiting);
    body.replaceChildren(line);
    body.setAttribute("aria-busy", "true");
    const data = new FormData(form);
    for (const [name, value] of Object.entries(more)) data.set(name, value);
    const mine = (body.turn = (body.turn || 0) + 1);
    let found;
    try {
      const answer = await fetch(href, { method: "POST", body: data });
      const text = await answer.text();
      if (mine !== body.turn) return;
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      found = nodesOf(text);
    } catch {
      if (mine !== body.turn) return;
      const wrong = window.indexus.make("p", "wrong", "", { role: "alert" });
      wrong.append(window.indexus.icon("alert-circle", 14), window.indexus.make("span", "", words.failed));
      const button = window.indexus.make("button", "button is-small", words.again, { type: "button" });
      button.addEventListener("click", again);
      found = [wrong, button];
    }
    body.removeAttribute("aria-busy");
    body.replaceChildren(...found);
  }

  const deal = document.querySelector("[data-dry]");
  if (!deal) return;
  pick(deal);
  const dryBody = document.querySelector("[data-dry-body]");
  const dry = () => (deal.value ? ask(deal.dataset.dry, dryBody, words.dry, { deal_id: deal.value }, dry) : dryBody.replaceChildren());
  deal.addEventListener("change", () => {
    dry();
    // The option that was chosen is gone with its list: who listens would be led to nothing.
    setTimeout(() => deal.tomselect.control_input.removeAttribute("aria-activedescendant"));
  });
  form.addEventListener("change", () => deal.value && setTimeout(dry, 350));

  const backButton = document.querySelector("[data-back-test]");
  const backBody = document.querySelector("[data-back-body]");
  const back = () => ask(backButton.dataset.backTest, backBody, words.working, {}, back);
  backButton.addEventListener("click", back);
})();
