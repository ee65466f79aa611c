// Forms about a deal while their answers are on the way: sent as they are, refused at their fields. What somebody types
// meanwhile stays, and nobody is taken from where he has gone.
(() => {
  const { make, toast, word } = window.indexus;
  const CONTROL = "select, input:not([type=hidden], [type=radio], [type=checkbox]), textarea";

  /** Send a form; gives { ok, status, said }. */
  async function send(action, sent) {
    try {
      const answer = await fetch(action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      return { ok: answer.ok, status: answer.status, said: await answer.json().catch(() => ({})) };
    } catch {
      return { ok: false, status: 0, said: { message: word("failed_save") } };
    }
  }

  /** What a refusal says: at each field, else together. */
  const refusal = (said) => Object.values(said.errors || {}).flat().join(" ") || said.message || word("failed_save");

  function clean(form) {
    form.querySelectorAll("[data-said]").forEach((place) => place.replaceChildren());
    form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
    const wrong = form.querySelector("[data-wrong]");
    if (wrong) wrong.hidden = true;
  }

  /** Say at each field what is wrong with it; the rest below. With `lead` the first one takes the focus. */
  function complain(form, said, lead) {
    const rest = [];
    let first = null;
    for (const [name, sentences] of Object.entries(said.errors || {})) {
      const place = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
      const lines = place?.querySelector("[data-said]");
      if (!lines || !place.checkVisibility()) {
        rest.push(...sentences);
        continue;
      }
      lines.replaceChildren(...sentences.map((sentence) => make("p", "wrong", sentence)));
      const control = place.querySelector(CONTROL);
      (control?.tomselect?.control_input || control)?.setAttribute("aria-invalid", "true");
      first = first || control;
    }
    if (!said.errors) rest.push(said.message || word("failed_save"));
    const wrong = form.querySelector("[data-wrong]");
    if (rest.length && wrong) {
      wrong.textContent = rest.join(" ");
      wrong.hidden = false;
    } else if (rest.length) toast(rest.join(" "), "red");
    if (lead) (first?.tomselect || first)?.focus();
  }

  // Late answers --------------------------------------------------------------------------------

  /** Gives a question for later: is the focus still where it is now, or nowhere? */
  function staying() {
    const at = document.activeElement;
    return () => document.activeElement === at || !document.activeElement || document.activeElement === document.body;
  }

  /** Gives a question for later: which texts of the form are others than now, as [name, value]? */
  function typedSince(form) {
    const texts = [...form.querySelectorAll("input[name]:not([type=hidden], [type=radio], [type=checkbox]), textarea[name]")];
    const now = new Map(texts.map((field) => [field, field.value]));
    return () => texts.filter((field) => field.value !== now.get(field)).map((field) => [field.name, field.value]);
  }

  /** Whether somebody has filled something in. */
  const begun = (form) =>
    [...form.elements].some((field) =>
      field.matches("select")
        ? [...field.options].some((option) => option.selected !== option.defaultSelected && option.value)
        : field.matches("input[name]:not([type=hidden]), textarea[name]") &&
          (field.value !== field.defaultValue || field.checked !== field.defaultChecked),
    );

  /** Forms in `part` in which something is begun, but for the one that was `sent`: gives what puts them into its heir. */
  function keeping(part, sent) {
    const forms = [...part.querySelectorAll("form[data-deal-send]")].filter((form) => form !== sent && begun(form));
    const at = document.activeElement;
    const [from, to] = at?.matches?.("input[type=text], input:not([type]), textarea") ? [at.selectionStart, at.selectionEnd] : [];
    return (heir) => {
      for (const form of forms) {
        const fresh = heir.querySelector(`form[action="${CSS.escape(form.getAttribute("action"))}"]`);
        if (!fresh) continue;
        fresh.replaceWith(form);
        if (!form.contains(at)) continue;
        at.focus({ preventScroll: true });
        if (from !== undefined) at.setSelectionRange(from, to);
      }
    };
  }

  window.indexus.dealForms = { CONTROL, clean, complain, keeping, refusal, send, staying, typedSince };
})();
