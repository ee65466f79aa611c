// One deal, on its page or in a panel beside the board: its stage, products, activities and contract are changed in
// place. Every change is one form that the server answers with a sentence; then the parts are drawn anew.
// After a change `deal:changed` bubbles from the panel (or from the document's content).
(() => {
  const { ask, make, toast, word } = window.indexus;
  const { CONTROL, clean, complain, keeping, refusal, send, staying, typedSince } = window.indexus.dealForms;

  const panelOf = (element) => element.closest?.("[data-deal-panel]");
  /** What is drawn anew together: the panel, or the content of the page. */
  const scopeOf = (element) => panelOf(element) || document.getElementById("content");
  const addressOf = (scope) =>
    scope.matches("[data-deal-panel]")
      ? `/pipeline/deals/${encodeURIComponent(scope.dataset.deal)}/panel`
      : location.pathname + location.search;

  async function fetched(href) {
    const answer = await fetch(href, { headers: { "X-Requested-With": "fetch" } });
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) {
      throw new Error(parsed.querySelector(".fault p, main p")?.textContent.trim() || word("failed"));
    }
    return parsed;
  }

  /** Send the form once at a time; gives what the server said, or null for a refusal that was told. */
  async function submit(form) {
    if (form.ariaBusy === "true") return null;
    form.ariaBusy = "true";
    clean(form);
    const stayed = staying();
    const { ok, status, said } = await send(form.action, new FormData(form));
    form.ariaBusy = "false";
    if (ok) return said;
    complain(form, said, stayed());
    if (status === 409) redraw(scopeOf(form.opener || form));
    return null;
  }

  // Drawing anew ------------------------------------------------------------------------------

  const partsIn = (root) => [...root.querySelectorAll("[data-deal-part]")];
  const nameOf = (part) => part.dataset.dealPart;

  /** The values of the record as they are now, with the pencils that are there. */
  function drawValues(fresh) {
    const labels = new Map();
    for (const value of fresh.querySelectorAll(".sections > .section > .values > .value")) {
      labels.set(value.querySelector("dt").textContent, value);
    }
    for (const value of document.querySelectorAll(".sections > .section > .values > .value")) {
      const now = labels.get(value.querySelector("dt").textContent);
      const [cell, drawn] = [value.querySelector("dd"), now?.querySelector("dd")];
      if (!drawn || cell.classList.contains("is-edited")) continue;
      value.className = now.className;
      if (cell.querySelector("[data-quick-start]")) window.indexus.drawCell(cell, drawn.innerHTML);
      else cell.replaceChildren(...document.importNode(drawn, true).childNodes);
    }
    const [head, said] = [document.querySelector(".record-name"), fresh.querySelector(".record-name")];
    if (head && said) head.replaceWith(document.adoptNode(said));
    const version = fresh.querySelector("[data-delete]")?.dataset.version;
    const remove = document.querySelector("[data-delete]");
    if (remove && version) remove.dataset.version = version;
  }

  /** Draw the parts as they are now. What is being typed into a form stays, unless that was `sent`. */
  async function redraw(scope, sent = null, focus = "") {
    if (!scope?.isConnected) return;
    let fresh;
    try {
      fresh = await fetched(addressOf(scope));
    } catch (failed) {
      toast(failed.message, "red");
      return;
    }
    const found = new Map(partsIn(fresh).map((part) => [nameOf(part), part]));
    for (const part of partsIn(scope)) {
      if (nameOf(part) === "composer" && !(sent && part.contains(sent))) continue;
      const now = found.get(nameOf(part));
      const keep = keeping(part, sent);
      if (now) part.replaceWith(document.adoptNode(now));
      else part.remove();
      if (now) keep(now);
    }
    const panel = scope.matches("[data-deal-panel]");
    if (!panel) drawValues(fresh);
    wake(scope);
    if (focus && (document.activeElement === document.body || !document.activeElement)) {
      const target = scope.querySelector(focus);
      if (target && !target.matches("button, a, input, select, textarea")) target.tabIndex = -1;
      target?.focus({ preventScroll: true });
    }
  }

  async function changed(scope, sent, focus) {
    await redraw(scope, sent, focus);
    if (!scope.matches("[data-deal-panel]")) document.dispatchEvent(new CustomEvent("record:changed"));
    const deal = scope.dataset.deal || scope.querySelector("[data-deal]")?.dataset.deal;
    scope.dispatchEvent(new CustomEvent("deal:changed", { bubbles: true, detail: { deal } }));
  }

  // Stages --------------------------------------------------------------------------------------

  async function move(scope, stage, seen) {
    const form = scope.querySelector("[data-move-form]");
    if (!form || form.ariaBusy === "true") return;
    form.elements.stage_id.value = stage;
    form.elements.seen.value = seen;
    form.ariaBusy = "true";
    const { ok, status, said } = await send(form.action, new FormData(form));
    form.ariaBusy = "false";
    if (ok) return moved(scope, said);
    if (status === 422 && said.errors && !said.errors.stage_id) {
      // Somebody emptied a field meanwhile, or the stage asks for more now: it is asked for.
      return openDialog(`${form.action}?${new URLSearchParams({ stage_id: stage, seen })}`, form);
    }
    toast(refusal(said), "red");
    redraw(scope, null, ".deal-path");
  }

  function moved(scope, said) {
    const undo = said.undo && { label: word("undo"), run: () => move(scope, said.undo.stage_id, said.undo.seen) };
    toast(said.said, "green", undo);
    return changed(scope, null, ".deal-path");
  }

  // Dialogs ---------------------------------------------------------------------------------------

  /** Open the form at an address; what was done with it is drawn around `opener`. */
  async function openDialog(href, opener) {
    if (opener.ariaBusy === "true") return;
    opener.ariaBusy = "true";
    await dialogAt(href, opener).finally(() => (opener.ariaBusy = null));
  }

  async function dialogAt(href, opener) {
    const scope = scopeOf(opener);
    const line = opener.closest("[id]")?.id;
    let form;
    try {
      form = document.adoptNode((await fetched(href)).querySelector("form[data-deal-dialog]"));
    } catch (failed) {
      return toast(failed.message, "red");
    }
    const dialog = make("dialog", "dialog deal-dialog", "", { "aria-labelledby": "deal-dialog-title" });
    form.opener = opener;
    dialog.append(form);
    document.body.append(dialog);
    form.querySelectorAll("select[data-picker]").forEach(window.indexus.pick);
    const start = snapshot(form);
    let left = false;

    async function leave() {
      if (left) return;
      if (snapshot(form) !== start) {
        const agreed = await ask({ title: word("leave_title"), text: word("leave_text"), verb: word("leave"), back: word("stay") });
        if (!agreed) return;
      }
      left = true;
      dialog.close();
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const said = await submit(form);
      if (!said) return;
      left = true;
      dialog.close();
      if (said.undo !== undefined && form.elements.stage_id) return moved(scope, said);
      told(said, opener);
      await changed(scope, null, line ? `#${CSS.escape(line)}` : "h2");
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) leave();
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      leave();
    });
    dialog.addEventListener("keydown", (event) => {
      const [key, held] = [event.key.toLowerCase(), event.ctrlKey || event.metaKey];
      if (held && (key === "s" || key === "enter")) {
        event.preventDefault();
        event.stopPropagation();
        form.requestSubmit();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (opener.isConnected) opener.focus();
    });
    dialog.showModal();
    const fields = [...form.querySelectorAll(`.field ${CONTROL.split(", ").join(", .field ")}`)];
    const first = fields.find((field) => field.getAttribute("aria-required") === "true" && !field.value) || fields[0];
    (first?.tomselect || first)?.focus();
  }

  const snapshot = (form) => new URLSearchParams([...new FormData(form)].map(([n, v]) => [n, String(v)])).toString();

  /** The sentence of what was done, with the way to what came of it. */
  function told(said, opener) {
    const label = opener?.dataset?.open || opener?.closest?.("[data-open]")?.dataset.open;
    toast(said.said, "green", said.open && label ? { label, run: () => location.assign(said.open) } : null);
  }

  // What is clicked, typed and sent -----------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const mover = event.target.closest("[data-move]");
    if (mover) {
      if (mover.dataset.asks) openDialog(mover.dataset.asks, mover);
      else move(scopeOf(mover), mover.dataset.move, mover.dataset.seen);
      return;
    }
    const opener = event.target.closest("[data-dialog]");
    if (opener) openDialog(opener.dataset.dialog, opener);
    const before = event.target.closest("[data-remind]");
    if (before) remind(before);
  });

  /** A reminder some minutes before the due time, on the same clock. */
  function remind(button) {
    const { due_at: due, reminder_at: reminder } = button.closest("form").elements;
    if (!due.value) return due.focus();
    const when = new Date(`${due.value}:00Z`);
    when.setUTCMinutes(when.getUTCMinutes() - Number(button.dataset.remind));
    reminder.value = when.toISOString().slice(0, 16);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest?.("form[data-deal-send], form[data-contract]");
    if (!form) return;
    event.preventDefault();
    const scope = scopeOf(form);
    if (form.dataset.ask) {
      const agreed = await ask({ title: form.dataset.askTitle, text: form.dataset.ask, verb: form.dataset.verb });
      if (!agreed) return;
    }
    if ("contract" in form.dataset) return start(form, scope);
    const [since, stayed] = [typedSince(form), staying()];
    const said = await submit(form);
    if (!said) return;
    told(said, form);
    const [late, here] = [since(), stayed()];
    const composed = "composer" in form.dataset;
    const part = form.closest("[data-deal-part]");
    const focus = composed ? '[data-composer] [name="subject"]' : `[data-deal-part="${part?.dataset.dealPart}"] h2, [data-deal-part="${part?.dataset.dealPart}"] h3`;
    await changed(scope, form, focus);
    const next = scope.querySelector(`form[action="${CSS.escape(form.getAttribute("action"))}"]`);
    for (const [name, value] of next ? late : []) next.elements[name].value = value;
    if (composed && here) scope.querySelector('[data-composer] [name="subject"]')?.focus();
  });

  /** What can be chosen is asked only where there is a choice. */
  async function start(form, scope) {
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const { ok, said } = await send(form.action, new FormData(form));
    form.ariaBusy = "false";
    if (!ok && (said.errors?.template_id || said.errors?.billing_details_id)) return openDialog(form.action, form.querySelector("button"));
    if (!ok) return toast(refusal(said), "red");
    told(said, form);
    await changed(scope, null, '[data-deal-part="links"] h2');
  }

  document.addEventListener("focusin", (event) => {
    event.target.closest("[data-composer].is-folded")?.classList.remove("is-folded");
  });

  document.addEventListener("change", (event) => {
    const next = event.target.closest("[data-next]");
    if (next) {
      const fields = next.closest("form").querySelector("[data-next-fields]");
      fields.hidden = fields.disabled = !next.checked;
      if (next.checked) fields.querySelector('[name="next_subject"]')?.focus();
    }
    const composer = event.target.closest("[data-composer]");
    if (composer && event.target.name === "type") fit(composer);
    const line = event.target.closest("form[data-price]");
    if (line && event.target.name === "product_id") price(line);
    if (line && event.target.name === "price") delete line.dataset.filled;
  });

  /** A note is not planned: what planning needs is neither asked nor sent. */
  function fit(composer) {
    const note = composer.elements.type.value === "note";
    composer.dataset.type = composer.elements.type.value;
    for (const part of composer.querySelectorAll("[data-planned]")) {
      part.hidden = note;
      part.querySelectorAll("input, select").forEach((field) => (field.disabled = note));
    }
    composer.querySelector("[data-for-plan]").hidden = note;
    composer.querySelector("[data-for-note]").hidden = !note;
  }

  /** The price of the chosen product, unless somebody typed one. */
  async function price(form) {
    const { product_id: product, price: amount } = form.elements;
    if (!amount || (amount.value && !form.dataset.filled)) return;
    amount.value = "";
    clean(form);
    const asked = product.value;
    if (!asked) return;
    const answer = await fetch(`${form.dataset.price}?${new URLSearchParams({ product_id: asked })}`).catch(() => null);
    const found = answer?.ok && (await answer.json());
    // Somebody may have typed a price, or chosen another product, while this was on its way.
    if (!found || amount.value || product.value !== asked) return;
    amount.value = found.price;
    if (document.activeElement === amount) amount.select(); // who is about to type writes over it, not behind it
    if (found.price) form.dataset.filled = "1";
    if (found.said) complain(form, { errors: { price: [found.said] } }, false);
  }

  // Waking ---------------------------------------------------------------------------------------------

  /** Pickers, and what is loaded late, of what has just been drawn. */
  function wake(root) {
    root.querySelectorAll("[data-deal-send] select[data-picker]").forEach(window.indexus.pick);
    for (const composer of root.querySelectorAll("[data-composer]")) {
      fit(composer);
      // One line until somebody begins to write.
      if (!composer.elements.subject.value) composer.classList.add("is-folded");
    }
    const current = root.querySelector(".deal-step.is-current");
    const path = current?.parentElement;
    if (path) path.scrollLeft = current.offsetLeft - (path.clientWidth - current.clientWidth) / 2;
    const latest = root.querySelector("[data-deal-latest]");
    if (latest) {
      fetched(latest.dataset.dealLatest).then(
        (parsed) => {
          const body = document.adoptNode(parsed.querySelector("[data-tab-body]"));
          body.querySelector(".tab-more")?.remove();
          latest.replaceChildren(body);
        },
        () => latest.closest(".deal-latest").remove()
      );
    }
  }
  window.indexus.wakeDeal = wake;

  // A field that is changed where it is read may move the deal, or change what it is worth.
  document.addEventListener("quick:drawn", (event) => {
    const content = document.getElementById("content");
    if (event.target.closest?.("[data-quick-href^='/deals/field/']") && content.querySelector("[data-deal-part]")) {
      redraw(content);
    }
  });

  const content = document.getElementById("content");
  if (content?.querySelector("[data-deal-part]")) {
    wake(content);
    const wanted = /^#activity-/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (wanted) wanted.focus();
  }

  // A panel comes whenever the board opens one.
  new MutationObserver((records) => {
    for (const record of records) {
      for (const node of record.addedNodes) {
        if (!(node instanceof Element)) continue;
        const panel = node.matches("[data-deal-panel]") ? node : node.querySelector("[data-deal-panel]");
        if (panel) wake(panel);
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
})();
