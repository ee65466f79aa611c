// Beside the board: a deal in a drawer whose address can be passed on, and new deals from the top of a column.
(() => {
  const { make, icon, word, toast, typing, pick, board: shared } = window.indexus;
  if (!shared) return;
  const { staying, typedSince } = window.indexus.dealForms;
  const { board, words, tell, fresh, cardOf, linkOf, justDropped, carrying } = shared;
  const drawer = document.getElementById("deal-drawer");
  const body = drawer.querySelector("[data-drawer-body]");
  const whole = drawer.querySelector("[data-drawer-whole]");

  // The drawer --------------------------------------------------------------------------

  let shown = "";
  const wanted = () => new URLSearchParams(location.hash.slice(1)).get("deal") || "";

  async function show(id) {
    shown = id;
    drawer.hidden = false;
    document.body.classList.add("has-drawer");
    board.querySelectorAll(".is-open").forEach((one) => one.classList.remove("is-open"));
    cardOf(id)?.classList.add("is-open");
    whole.href = `/deals/show/${encodeURIComponent(id)}`;
    body.setAttribute("aria-busy", "true");
    drawer.focus({ preventScroll: true });
    const href = `/pipeline/deals/${encodeURIComponent(id)}/panel`;
    const answer = await fetch(href, { headers: { Accept: "text/html" } }).catch(() => null);
    const html = answer?.ok && !answer.redirected ? await answer.text() : "";
    if (shown !== id) return;
    body.removeAttribute("aria-busy");
    const panel = html ? new DOMParser().parseFromString(html, "text/html").querySelector("[data-deal-panel]") : null;
    whole.hidden = Boolean(panel); // it leads there itself
    body.replaceChildren(panel ? document.adoptNode(panel) : summary(id));
  }

  /** What the card says, where the panel does not come. */
  function summary(id) {
    const card = cardOf(id);
    const article = make("article", "deal-summary", "", { "data-deal": id });
    if (!card) {
      article.append(make("p", "quiet", words.closed));
      return article;
    }
    article.append(make("h2", "", card.dataset.title));
    for (const line of card.querySelectorAll(".deal-customer, .deal-value, .deal-next, .deal-days, .pill")) {
      article.append(make("p", "", line.title || line.textContent.trim()));
    }
    return article;
  }

  function hide() {
    if (drawer.hidden) return;
    const card = cardOf(shown);
    drawer.hidden = true;
    whole.hidden = false;
    body.replaceChildren();
    document.body.classList.remove("has-drawer");
    board.querySelectorAll(".is-open").forEach((one) => one.classList.remove("is-open"));
    shown = "";
    if (card) linkOf(card).focus({ preventScroll: true });
  }

  function follow() {
    const id = wanted();
    if (!id) hide();
    else if (id !== shown) show(id);
  }

  function leave() {
    if (history.state?.drawer) history.back();
    else {
      history.replaceState({ ...history.state }, "", location.pathname + location.search);
      follow();
    }
  }

  board.addEventListener("click", (event) => {
    const card = event.target.closest("[data-deal]");
    if (!card || event.target.closest("button") || event.defaultPrevented) return;
    const link = event.target.closest("[data-open]");
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link) event.preventDefault();
    if (justDropped() || carrying() || String(getSelection())) return;
    const opened = Boolean(shown);
    const href = `${location.pathname}${location.search}#deal=${encodeURIComponent(card.dataset.deal)}`;
    if (opened) history.replaceState({ ...history.state }, "", href);
    else history.pushState({ ...history.state, drawer: true }, "", href);
    follow();
  });
  drawer.querySelector("[data-drawer-shut]").addEventListener("click", leave);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || drawer.hidden || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], [popover]:popover-open, .dropdown-active")) return;
    if (carrying()) return;
    leave();
  });
  window.addEventListener("popstate", follow);
  window.addEventListener("hashchange", follow);
  follow();

  // New deals -----------------------------------------------------------------------------

  const template = document.getElementById("quick-add");
  if (!template) return;

  /** What makes a form happen once however often it is sent. */
  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  function open(column) {
    const lane = column.querySelector("[data-lane]");
    const there = board.querySelector(".deal-new");
    if (there?.parentElement === lane) return there.querySelector("[name=title]").focus();
    there?.remove();
    const line = template.content.firstElementChild.cloneNode(true);
    lane.prepend(line);
    lane.scrollTop = 0;
    const form = line.querySelector("form");
    form.elements.form_key.value = newKey();
    form.querySelectorAll("select[data-picker]").forEach(pick);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, column);
    });
    form.querySelector("[data-cancel]").addEventListener("click", () => close(line, column));
    line.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !line.querySelector(".dropdown-active")) {
        event.stopPropagation();
        close(line, column);
      }
    });
    form.elements.title.focus({ preventScroll: true });
    column.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function close(line, column) {
    line.remove();
    column.querySelector("[data-quick-add]")?.focus();
  }

  async function send(form, column) {
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    const sent = new FormData(form);
    const [since, stayed] = [typedSince(form), staying()];
    sent.set("stage", column.dataset.stage);
    let status = 0;
    let said = { message: word("failed_save") };
    try {
      const answer = await fetch(`${board.dataset.href}/add${board.dataset.query}`, { method: "POST", body: new URLSearchParams(sent), headers: { Accept: "application/json" } });
      if (answer.redirected) said = { message: words.out };
      else {
        status = answer.status;
        said = await answer.json();
      }
    } catch {
      // said already that it could not be saved
    }
    delete form.dataset.busy;
    form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
    const lines = form.querySelector("[data-said]");
    lines.replaceChildren();
    if (status === 201) {
      const card = said.card && fresh(said.card);
      if (card && !cardOf(said.id)) form.closest(".deal-new").after(card);
      const late = since(); // the next one is begun already
      form.reset();
      form.querySelectorAll("select").forEach((one) => one.tomselect?.clear());
      form.elements.form_key.value = newKey();
      for (const [name, value] of late) form.elements[name].value = value;
      if (stayed()) form.elements.title.focus();
      if (!card) toast(said.said);
      tell(said.said);
      shared.refresh();
      return;
    }
    refuse(form, lines, said, column, stayed());
  }

  /** Say what is wrong; with `lead` the first field takes the focus. */
  function refuse(form, lines, said, column, lead) {
    const errors = Object.entries(said.errors || { "": [said.message || word("failed_save")] });
    let first = null;
    let outside = false;
    for (const [name, texts] of errors) {
      const field = name && form.elements[name];
      lines.append(...texts.map((text) => make("p", "wrong", text)));
      if (!field) outside = outside || Boolean(name);
      else {
        (field.tomselect?.control_input || field).setAttribute("aria-invalid", "true");
        first ||= field.tomselect || field;
      }
    }
    if (outside) {
      // The stage asks for more than there is room for here.
      const asked = new URLSearchParams({ pipeline_id: board.dataset.href.split("/").pop(), stage_id: column.dataset.stage });
      for (const name of ["title", "customer_id", "value"]) if (form.elements[name]?.value) asked.set(name, form.elements[name].value);
      const link = make("a", "", words.whole_form, { href: `/deals/add?${asked}` });
      lines.append(make("p"));
      lines.lastElementChild.append(icon("external-link", 13), link);
    }
    if (lead) (first || form.elements.title).focus();
  }

  board.addEventListener("click", (event) => {
    const button = event.target.closest("[data-quick-add]");
    if (button) open(button.closest("[data-stage]"));
  });
  const firstOpen = () => board.querySelector("[data-quick-add]")?.closest("[data-stage]");
  document.querySelector("[data-add-deal]")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !firstOpen()) return;
    event.preventDefault();
    open(firstOpen());
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || typing(event) || !firstOpen()) return;
    event.preventDefault();
    open(firstOpen());
  });
})();
