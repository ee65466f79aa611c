// The permission matrix: changes are collected, shown with their effect, and saved together.
(() => {
  const page = document.querySelector("[data-rights]");
  if (!page) return;
  const { make, icon, toast, typing } = window.indexus;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const catalogue = read("rights-catalogue");
  const words = read("rights-words");
  const locked = page.hasAttribute("data-locked");
  const STATES = ["editable", "readonly", "hidden"];
  const ASPECTS = ["visible", "add", "edit"];
  const all = (selector, from = page) => [...from.querySelectorAll(selector)];
  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_match, name) => values[name]);
  const count = (number, one, many) => (number === 1 ? words[one] : say(many, { number }));
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  /** What the server has, and what is changed here: "module:what:name" to its new value. */
  let state = read("rights-state");
  const pending = new Map();

  const keyOf = (module, what, name = "") => `${module}:${what}:${name}`;
  const stored = (module, what, name = "") => {
    if (what === "remove") return false;
    if (what === "field") return state.fields[module]?.[name] || "editable";
    return (state.modules[module] || [false, false, false])[ASPECTS.indexOf(what)];
  };
  const value = (module, what, name = "") => {
    const key = keyOf(module, what, name);
    return pending.has(key) ? pending.get(key).to : stored(module, what, name);
  };

  function put(module, what, to, name = "") {
    const key = keyOf(module, what, name);
    if (to === stored(module, what, name)) pending.delete(key);
    else pending.set(key, { module, what, name, to });
  }

  /** Who may add or edit sees; what is not seen is neither added to nor edited. */
  function set(module, what, to, name = "") {
    put(module, what, to, name);
    const others = ["add", "edit"].filter((aspect) => rows.get(module).querySelector(`[data-what="${aspect}"]`));
    // Shown again, it is as it was.
    if (what === "visible") others.forEach((aspect) => put(module, aspect, to && stored(module, aspect)));
    if ((what === "add" || what === "edit") && to) put(module, "visible", true);
  }

  // Drawing ------------------------------------------------------------------

  const rows = new Map(all("[data-row]").map((row) => [row.dataset.row, row]));
  const find = page.querySelector("[data-find]");
  const bar = page.querySelector("[data-bar]");
  let only = "all";

  function drawFields(module) {
    const place = rows.get(module).querySelector(".matrix-fields > td");
    if (!place || place.childElementCount) return;
    const { label, fields } = catalogue[module];
    const list = make("div", "field-list", "", { role: "group", "aria-label": say("fields_of", { module: label }) });
    let table = "";
    for (const [key, text, inside, fixed] of fields) {
      if (inside !== table) list.append(make("h4", "", (table = inside)));
      const line = make("div", "field-line", "", { "data-field": key });
      const name = make("span", "field-name", text, fixed ? { title: words.fixed } : {});
      if (fixed) name.append(icon("lock", 12));
      const choice = make("div", "segments", "", { role: "radiogroup", "aria-label": inside ? `${inside}: ${text}` : text });
      for (const right of STATES) {
        const segment = make("label", `is-${right}`);
        const radio = make("input", "unseen", "", { type: "radio", name: `${module}:${key}`, value: right });
        radio.disabled = locked;
        segment.append(radio, make("span", "", words[right === "editable" && fixed ? "readonly" : right]));
        // What no form changes is either read or hidden.
        if (fixed && right === "readonly") continue;
        choice.append(segment);
      }
      line.append(name, choice);
      list.append(line);
    }
    place.append(make("p", "field-note", words.module_hidden), list);
    drawModule(module);
  }

  function drawModule(module) {
    const row = rows.get(module);
    const shown = value(module, "visible");
    row.classList.toggle("is-off", !shown);
    for (const box of row.querySelectorAll("[data-what]")) {
      box.checked = value(module, box.dataset.what);
      box.closest(".switch").classList.toggle("is-changed", pending.has(keyOf(module, box.dataset.what)));
    }
    const limits = { readonly: 0, hidden: 0 };
    for (const [key] of catalogue[module].fields) {
      const right = value(module, "field", key);
      if (right !== "editable") limits[right] += 1;
    }
    const note = row.querySelector("[data-limits]");
    note.replaceChildren();
    if (limits.hidden) note.append(make("span", "pill", count(limits.hidden, "one_hidden", "hidden_many"), { "data-tone": "red" }));
    if (limits.readonly) note.append(make("span", "pill", count(limits.readonly, "one_readonly", "readonly_many"), { "data-tone": "amber" }));
    if (!note.childElementCount && catalogue[module].fields.length) {
      note.append(make("span", "quiet", say("all_fields", { number: catalogue[module].fields.length })));
    }
    for (const line of row.querySelectorAll("[data-field]")) {
      const key = line.dataset.field;
      const right = value(module, "field", key);
      const fixed = line.querySelector('[value="readonly"]') === null;
      for (const radio of line.querySelectorAll("input")) {
        radio.checked = radio.value === (fixed && right === "readonly" ? "editable" : right);
      }
      line.classList.toggle("is-changed", pending.has(keyOf(module, "field", key)));
    }
  }

  function drawBar() {
    for (const button of all("[data-remove]")) {
      const gone = pending.has(keyOf(button.dataset.remove, "remove", button.dataset.name));
      button.setAttribute("aria-pressed", String(gone));
      button.querySelector("span").textContent = gone ? words.undo : words.remove;
      button.closest("li").classList.toggle("is-changed", gone);
    }
    if (!bar) return;
    bar.hidden = pending.size === 0;
    bar.querySelector("[data-count]").textContent = count(pending.size, "one_change", "changes");
    if (pending.size) askEffects();
    else showEffects(false);
  }

  function draw() {
    for (const module of rows.keys()) drawModule(module);
    drawBar();
    filter();
  }

  // Finding ------------------------------------------------------------------

  function fold(module, open) {
    const button = rows.get(module).querySelector("[data-fold]");
    if (!button) return;
    if (open) drawFields(module);
    button.setAttribute("aria-expanded", String(open));
    rows.get(module).querySelector(".matrix-fields").hidden = !open;
  }

  const changedIn = (module) => [...pending.values()].some((change) => change.module === module);
  const limited = (module) =>
    value(module, "visible") && catalogue[module].fields.some(([key]) => value(module, "field", key) !== "editable");
  const wanted = {
    all: () => true,
    given: (module) => value(module, "visible"),
    limited,
    changed: changedIn,
  };

  function filter() {
    const query = plain(find.value.trim());
    let any = false;
    for (const [module, row] of rows) {
      const { label, fields } = catalogue[module];
      const named = plain(`${label} ${module}`).includes(query);
      const hits = query ? fields.filter(([key, text, inside]) => plain(`${inside} ${text} ${key}`).includes(query)) : [];
      row.hidden = !(wanted[only](module) && (named || hits.length));
      any ||= !row.hidden;
      if (query && hits.length && !named) {
        fold(module, true);
        row.dataset.opened = "";
      } else if ("opened" in row.dataset) {
        fold(module, false);
        delete row.dataset.opened;
      }
      const keys = new Set(hits.map(([key]) => key));
      for (const line of row.querySelectorAll("[data-field]")) {
        line.hidden = query !== "" && !named && !keys.has(line.dataset.field);
      }
      for (const title of row.querySelectorAll(".field-list h4")) {
        let next = title.nextElementSibling;
        while (next?.hidden) next = next.nextElementSibling;
        title.hidden = !next || next.tagName === "H4";
      }
    }
    for (const group of all("[data-group]")) {
      let next = group.nextElementSibling;
      while (next && next.hidden && !next.hasAttribute("data-group")) next = next.nextElementSibling;
      group.hidden = !next || next.hasAttribute("data-group");
    }
    page.querySelector("[data-none]").hidden = any;
    page.querySelector(".matrix").hidden = !any;
  }

  // Asking the server --------------------------------------------------------

  async function send(path, body) {
    const answer = await fetch(`/rights/${page.dataset.role}${path}`, {
      method: body ? "POST" : "GET",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": page.dataset.csrf },
      body: body && JSON.stringify(body),
    });
    const found = await answer.json().catch(() => ({}));
    return { status: answer.status, ok: answer.ok, found };
  }

  const changes = () => [...pending.values()];
  const effects = bar?.querySelector("[data-effects]");
  const summary = bar?.querySelector("[data-summary]");
  let asked = 0;
  let waiting = 0;

  function askEffects() {
    clearTimeout(waiting);
    summary.textContent = words.looking;
    const mine = ++asked;
    waiting = setTimeout(async () => {
      const { ok, found } = await send("/preview", { changes: changes() }).catch(() => ({ ok: false, found: {} }));
      if (mine !== asked) return;
      if (!ok) {
        summary.textContent = found.message || window.indexus.word("failed");
        return;
      }
      drawEffects(found);
    }, 250);
  }

  function drawEffects(found) {
    const parts = [];
    if (found.gaining) parts.push(say("gaining", { number: found.gaining }));
    if (found.losing) parts.push(say("losing", { number: found.losing }));
    summary.textContent = parts.join(" · ") || (found.people ? words.no_effect : words.nobody);
    effects.replaceChildren(
      ...found.changes.map((change) => {
        const item = make("div", "effect", "", { "data-key": change.key });
        item.append(make("strong", "", change.text));
        for (const line of change.lines) item.append(make("p", "", line.text, { "data-tone": line.tone }));
        if (!change.lines.length) item.append(make("p", "", words.nobody, { "data-tone": "grey" }));
        return item;
      }),
    );
  }

  function showEffects(open) {
    if (!bar) return;
    effects.hidden = !open;
    bar.querySelector("[data-show-effects]").setAttribute("aria-expanded", String(open));
  }

  /** Take back what is refused; the rest stays as it is, not saved. */
  function snapBack(keys) {
    for (const key of keys.length ? keys : [...pending.keys()]) {
      const change = pending.get(key);
      pending.delete(key);
      if (!change || !rows.has(change.module)) continue;
      const row = rows.get(change.module);
      row.classList.add("is-refused");
      setTimeout(() => row.classList.remove("is-refused"), 2500);
    }
  }

  /** Go on from what the server has now; what is changed here stays changed. */
  function goOnFrom(newer) {
    state = newer;
    for (const { module, what, name, to } of changes()) put(module, what, to, name);
    const there = new Set(newer.unknown.map((row) => keyOf(row.module, "remove", row.name)));
    for (const item of all("[data-unknown] li")) item.hidden = !there.has(item.dataset.key);
    for (const [key, change] of pending) if (change.what === "remove" && !there.has(key)) pending.delete(key);
    const section = page.querySelector("[data-unknown]");
    if (section) section.hidden = there.size === 0;
  }

  let saving = false;
  async function save() {
    if (saving || !pending.size) return;
    saving = true;
    const sent = new Map(pending);
    const button = bar.querySelector("[data-save]");
    button.setAttribute("aria-disabled", "true");
    try {
      const { ok, status, found } = await send("/save", { version: state.version, changes: changes() });
      if (ok) {
        // What was changed, or changed back, while this was being saved is not saved yet.
        const since = [...sent.values()].map((change) => ({ ...change, now: value(change.module, change.what, change.name) }));
        for (const [key, change] of sent) if (pending.get(key)?.to === change.to) pending.delete(key);
        goOnFrom(found.state);
        for (const { module, what, name, to, now } of since) if (now !== to) put(module, what, now, name);
        toast(words.saved);
      } else if (status === 409) {
        const newer = await send("/state.json");
        if (newer.ok) goOnFrom(newer.found);
        toast(words.newer, "red");
      } else {
        const keys = found.refused || [];
        if (status < 500) snapBack(keys);
        toast(`${words.not_saved}: ${found.message || window.indexus.word("failed")}`, "red");
      }
    } catch {
      toast(`${words.not_saved}: ${window.indexus.word("failed")}`, "red");
    } finally {
      saving = false;
      button.removeAttribute("aria-disabled");
      draw();
    }
  }

  async function copy(role, name) {
    const answer = await fetch(`/rights/${role}/state.json`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return toast(window.indexus.word("failed"), "red");
    const other = await answer.json();
    pending.clear();
    for (const [module, { fields }] of Object.entries(catalogue)) {
      const there = other.modules[module] || [false, false, false];
      ASPECTS.forEach((what, at) => {
        if (what === "visible" || rows.get(module).querySelector(`[data-what="${what}"]`)) put(module, what, there[at]);
      });
      for (const [key] of fields) put(module, "field", other.fields[module]?.[key] || "editable", key);
    }
    draw();
    toast(say(pending.size ? "copied" : "copied_nothing", { name }));
  }

  // Listening ----------------------------------------------------------------

  page.addEventListener("change", (event) => {
    const box = event.target;
    const module = box.closest("[data-row]")?.dataset.row;
    if (!module) return;
    if (box.dataset.what) set(module, box.dataset.what, box.checked);
    else if (box.type === "radio") set(module, "field", box.value, box.closest("[data-field]").dataset.field);
    drawModule(module);
    drawBar();
  });

  page.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    let button;
    if ((button = at("[data-fold]"))) fold(button.dataset.fold, button.getAttribute("aria-expanded") !== "true");
    else if ((button = at("[data-only]"))) {
      only = button.dataset.only;
      for (const other of all("[data-only]")) other.setAttribute("aria-pressed", String(other === button));
      filter();
    } else if ((button = at("[data-unfold]"))) {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      for (const [module, row] of rows) if (!row.hidden) fold(module, open);
      filter();
    } else if ((button = at("[data-remove]"))) {
      const key = keyOf(button.dataset.remove, "remove", button.dataset.name);
      if (pending.has(key)) pending.delete(key);
      else pending.set(key, { module: button.dataset.remove, what: "remove", name: button.dataset.name, to: null });
      drawBar();
    } else if ((button = at("[data-copy]"))) {
      button.closest("[popover]").hidePopover();
      copy(button.dataset.copy, button.dataset.name);
    } else if (at("[data-undo]")) {
      pending.clear();
      draw();
    } else if (at("[data-save]")) save();
    else if ((button = at("[data-show-effects]"))) showEffects(button.getAttribute("aria-expanded") !== "true");
  });

  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !find.value) return;
    event.preventDefault();
    find.value = "";
    filter();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
    } else if (event.key === "/" && !typing(event)) {
      event.preventDefault();
      find.focus();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (pending.size) event.preventDefault();
  });

  draw();
  // An address such as #m-customers or #f-customers.email leads to the line itself.
  const [, kind, module, name] = location.hash.match(/^#([mf])-([^.]+)\.?(.*)$/) || [];
  if (rows.has(decodeURIComponent(module || ""))) {
    fold(module, kind === "f");
    const row = rows.get(module);
    const line = kind === "f" && [...row.querySelectorAll("[data-field]")].find((l) => l.dataset.field === decodeURIComponent(name));
    (line || row).scrollIntoView({ block: "center" });
    (line || row).classList.add("is-found");
  }
})();
