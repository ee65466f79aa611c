// Talks: what is written goes out in order and is kept until it has arrived; what is new comes by `live:chat`.
(() => {
  const page = document.querySelector("[data-chat]");
  if (!page) return;
  const { make, icon, quietly, pick } = window.indexus;
  const words = JSON.parse(document.getElementById("chat-words").textContent);
  const other = page.dataset.with || "";
  const base = `/chat/${encodeURIComponent(other)}`;
  const find = (what) => page.querySelector(`[data-${what}]`);

  // The list of talks ------------------------------------------------------------

  const picker = pick(page.querySelector("#chat-with"));
  picker.on("item_add", (key) => location.assign(`/chat/${encodeURIComponent(key)}`));
  picker.control_input.autofocus = true; // as the menu opens, so that no key that follows is lost

  const talks = find("talks");
  let pressed = false;
  talks?.addEventListener("pointerdown", () => (pressed = true));
  ["pointerup", "pointercancel"].forEach((end) =>
    document.addEventListener(end, () => setTimeout(() => (pressed = false), 0)),
  );

  async function refreshTalks() {
    if (!talks) return;
    const answer = await quietly(`/chat/talks?with=${encodeURIComponent(other)}`).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = await answer.text();
    // A line that is replaced between press and release would swallow the click.
    while (pressed) await new Promise((done) => setTimeout(done, 50));
    const held = talks.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    talks.innerHTML = fresh;
    find("no-talks").hidden = talks.childElementCount > 0;
    if (held) [...talks.querySelectorAll("a")].find((link) => link.getAttribute("href") === held)?.focus();
  }

  if (!other) {
    document.addEventListener("live:chat", refreshTalks);
    document.addEventListener("live:poll", refreshTalks);
    return;
  }

  // Messages ----------------------------------------------------------------------

  const body = find("body");
  const list = find("messages");
  const unsent = find("unsent");
  const nothing = find("nothing");
  const more = { older: find("older"), newer: find("newer") };
  const down = find("down");
  const near = 80; // px

  const bubbles = () => list.querySelectorAll(".bubble");
  const atEnd = () => more.newer.hidden && body.scrollHeight - body.scrollTop - body.clientHeight < near;

  function toEnd() {
    body.scrollTop = body.scrollHeight;
    down.hidden = true;
  }

  function parsed(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return [...template.content.children].filter((line) => !line.id || !document.getElementById(line.id));
  }

  const dayOf = (line) => list.querySelector(`.talk-day[data-day="${line.dataset.day}"]`);

  /** Messages at the end; gives whether there were any. */
  function append(html) {
    const lines = parsed(html).filter((line) => !line.dataset.day || !dayOf(line));
    const some = lines.some((line) => line.dataset.id);
    if (some) list.append(...lines);
    nothing.hidden = bubbles().length + unsent.childElementCount > 0;
    return some;
  }

  /** Messages at the beginning; what one looks at stays where it is. */
  function prepend(html) {
    const lines = parsed(html);
    const height = body.scrollHeight;
    list.setAttribute("aria-live", "off");
    for (const line of lines) if (line.dataset.day) dayOf(line)?.remove();
    list.prepend(...lines);
    body.scrollTop += body.scrollHeight - height;
    setTimeout(() => list.setAttribute("aria-live", "polite"), 500);
  }

  /** Below the newest message of mine that was read. */
  function markRead(id) {
    list.querySelector(".bubble-read")?.remove();
    const bubble = id && document.getElementById(`m-${id}`);
    if (!bubble) return;
    const mark = make("span", "bubble-read");
    mark.append(icon("check", 12), make("span", "", words.read));
    bubble.querySelector(".bubble-foot").append(mark);
  }

  async function ask(what) {
    const answer = await quietly(`${base}/messages${what}`);
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    return answer.json();
  }

  const busy = { older: false, newer: false };

  async function older() {
    const first = list.querySelector(".bubble");
    if (busy.older || more.older.hidden || !first) return;
    busy.older = true;
    try {
      const found = await ask(`?before=${first.dataset.id}`);
      prepend(found.html);
      more.older.hidden = !found.older;
    } catch {
      window.indexus.toast(window.indexus.word("failed"), "red");
    }
    busy.older = false;
  }

  let again = false;

  /** What was written after the last message here; `all`: to the end, else one page. */
  async function newer(all) {
    if (busy.newer) {
      again = true;
      return;
    }
    busy.newer = true;
    try {
      do {
        again = false;
        const was = atEnd();
        const last = [...bubbles()].at(-1);
        const found = await ask(last ? `?after=${last.dataset.id}` : "");
        const some = append(found.html);
        more.newer.hidden = !found.newer;
        markRead(found.read);
        if (was && all) toEnd();
        else if (some && all) down.hidden = false;
        again ||= all && found.newer;
      } while (again);
    } catch {
      // The next ping or the next look at the clock asks again.
    }
    busy.newer = false;
    seen();
  }

  function fresh() {
    if (more.newer.hidden) newer(true);
    refreshTalks();
  }

  let reading = false;

  /** Tell the server what was on the screen of somebody who is there. */
  async function seen() {
    const unread = [...list.querySelectorAll("[data-new]")];
    if (reading || !unread.length || document.hidden || !document.hasFocus() || !atEnd()) return;
    reading = true;
    const answer = await post("/read", { upto: unread.at(-1).dataset.id }).catch(() => null);
    reading = false;
    if (!answer?.ok) return;
    for (const bubble of unread) bubble.removeAttribute("data-new");
    document.dispatchEvent(new CustomEvent("badge:chat", { detail: (await answer.json()).unread }));
    refreshTalks();
    seen();
  }

  function post(path, values) {
    return fetch(base + path, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": page.dataset.csrf },
      body: new URLSearchParams(values),
      redirect: "error",
      keepalive: true, // whoever leaves the page has still sent it
    });
  }

  more.older.addEventListener("click", older);
  more.newer.addEventListener("click", () => newer(false));
  down.addEventListener("click", () => {
    toEnd();
    seen();
  });
  body.addEventListener("scroll", () => {
    if (body.scrollTop < near) older();
    if (atEnd()) {
      down.hidden = true;
      seen();
    }
  });
  window.addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);
  document.addEventListener("live:chat", fresh);
  document.addEventListener("live:poll", fresh);

  // Writing -----------------------------------------------------------------------

  const composer = find("composer");
  const field = composer?.elements.text;
  const refused = find("refused");
  const draft = `chat-draft-${page.dataset.me}-${other}`;
  const kept = `chat-unsent-${page.dataset.me}-${other}`;
  const queue = [];

  const stored = (name) => {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null; // storage may be forbidden: then nothing outlives the page
    }
  };
  const store = (name, text) => {
    try {
      if (text) sessionStorage.setItem(name, text);
      else sessionStorage.removeItem(name);
    } catch {
      // As above.
    }
  };
  const keep = () => store(kept, queue.length ? JSON.stringify(queue.map(({ id, text }) => ({ id, text }))) : "");

  /** The number of a new message, the same at every try. */
  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function button(text, act) {
    const made = make("button", "link-button", text, { type: "button" });
    made.addEventListener("click", act);
    return made;
  }

  /** A message that has not arrived yet. */
  function draw(item) {
    item.line ||= make("li", "bubble is-mine is-waiting");
    const foot = make("div", "bubble-foot");
    if (item.failed) {
      foot.setAttribute("role", "alert");
      const retry = button(words.again, () => {
        item.failed = "";
        draw(item);
        work();
      });
      const discard = button(words.discard, () => {
        queue.splice(queue.indexOf(item), 1);
        item.line.remove();
        keep();
        work();
        field.focus();
      });
      foot.append(make("span", "", item.failed), retry, discard);
    } else foot.append(make("span", "", words.sending));
    item.line.classList.toggle("is-failed", Boolean(item.failed));
    item.line.replaceChildren(make("div", "bubble-text", item.text, { dir: "auto" }), foot);
    if (!item.line.isConnected) unsent.append(item.line);
    nothing.hidden = true;
  }

  let working = false;

  /** Send what waits, in order; what fails stays, and what comes after it waits. */
  async function work() {
    if (working) return;
    working = true;
    while (queue.length && !queue[0].failed) {
      const item = queue[0];
      const answer = await post("", { id: item.id, text: item.text }).catch(() => null);
      const found = await answer?.json().catch(() => null);
      if (answer?.ok && found) {
        queue.shift();
        item.line.remove();
        append(found.html);
        toEnd();
      } else {
        item.failed = found?.message || words.offline;
        draw(item);
        item.line.scrollIntoView({ block: "nearest" });
      }
      keep();
    }
    working = false;
    refreshTalks();
  }

  function put(text, id = newKey()) {
    const item = { id, text, failed: "" };
    queue.push(item);
    draw(item);
    return item;
  }

  async function send() {
    const text = field.value.trim();
    if (!text || field.getAttribute("aria-invalid")) return;
    if (!more.newer.hidden) await leaveThePast();
    refused.hidden = true;
    put(text);
    keep();
    field.value = "";
    typed();
    toEnd();
    work();
  }

  /** Whoever answers from the middle of an old talk goes on at its end. */
  async function leaveThePast() {
    while (!more.newer.hidden) {
      const before = bubbles().length;
      await newer(false);
      if (bubbles().length === before) break;
    }
  }

  function typed() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
    const over = [...field.value.trim()].length - Number(field.dataset.longest);
    find("count").textContent = over > 0 ? words.too_long.replace("{number}", over) : "";
    if (over > 0) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    store(draft, field.value);
  }

  if (composer) {
    composer.addEventListener("submit", (event) => {
      event.preventDefault();
      send();
      field.focus();
    });
    field.addEventListener("input", typed);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      send();
    });
    field.value ||= stored(draft) || "";
    typed();
    for (const { id, text } of JSON.parse(stored(kept) || "[]")) {
      const item = put(text, id);
      item.failed = words.not_sent;
      draw(item);
    }
    window.addEventListener("online", () => {
      for (const item of queue) if (item.failed === words.offline) item.failed = "";
      queue.forEach(draw);
      work();
    });
    if (window.matchMedia("(pointer: fine)").matches) field.focus({ preventScroll: true });
  }

  markRead(list.dataset.read);
  const target = list.dataset.at && document.getElementById(`m-${list.dataset.at}`);
  if (target) {
    target.classList.add("is-found");
    target.scrollIntoView({ block: "center" });
  } else toEnd();
  seen();
})();
