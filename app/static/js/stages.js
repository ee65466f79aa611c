// The stages of a pipeline: put in order, added, removed, and what follows from each change, before it is saved.
(() => {
  const list = document.querySelector("[data-stages]");
  const form = list?.closest("form");
  if (!form) return;
  const { make } = window.indexus;
  const says = form.querySelector("[data-says]");
  const strip = form.querySelector("[data-strip]");
  const blank = form.querySelector("[data-blank]");
  const adder = form.querySelector("[data-add-stage]");
  const rows = () => [...list.querySelectorAll(":scope > [data-stage]")];
  const gone = (row) => row.querySelector("[data-gone]").value === "1";
  const staying = () => rows().filter((row) => !gone(row));
  const part = (row, name) => row.querySelector(`[data-${name}]`);
  const nameOf = (row) => part(row, "name")?.value.trim() || "–";
  const kindOf = (row) => part(row, "kind-of")?.value || row.dataset.kind || "open";
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const HEX = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i;
  const changed = () => form.dispatchEvent(new Event("input"));

  // Colours -------------------------------------------------------------------

  /** Brightness as eyes see it, 0 to 1; see WCAG 2, relative luminance. */
  function brightness(hex) {
    const long = hex.length === 4 ? hex.replace(/[^#]/g, "$&$&") : hex;
    const [r, g, b] = [1, 3, 5].map((at) => {
      const share = parseInt(long.slice(at, at + 2), 16) / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  /** Whether the colour is seen (3:1) on the grounds of the light and of the dark page. */
  const seen = (hex) => 1.05 / (brightness(hex) + 0.05) >= 3 && (brightness(hex) + 0.05) / 0.0567 >= 3;

  function drawColor(row) {
    const hex = part(row, "hex")?.value.trim();
    if (hex === undefined) return;
    const known = HEX.test(hex);
    part(row, "swatch").style.backgroundColor = known ? hex : "";
    part(row, "faint").hidden = !known || seen(hex);
    for (const pick of row.querySelectorAll("[data-pick]")) {
      pick.setAttribute("aria-pressed", String(pick.dataset.pick === hex.toLowerCase()));
    }
  }

  // Drawing ---------------------------------------------------------------------

  function drawTargets(row) {
    const target = part(row, "target");
    if (!target) return;
    const chosen = target.value;
    const others = staying().filter((other) => other !== row && !("leaving" in other.dataset));
    target.replaceChildren(target.options[0], ...others.map((other) => new Option(nameOf(other), other.dataset.stage)));
    target.value = others.some((other) => other.dataset.stage === chosen) ? chosen : "";
    const to = others.find((other) => other.dataset.stage === target.value);
    const lost = gone(row) && to !== undefined && kindOf(to) === "lost";
    part(row, "reason").hidden = !lost;
  }

  function drawRow(row) {
    const going = gone(row);
    const kind = kindOf(row);
    const chance = part(row, "chance-of");
    row.classList.toggle("is-going", going);
    for (const called of row.querySelectorAll("[data-called]")) called.textContent = nameOf(row);
    if (part(row, "going")) part(row, "going").hidden = !going;
    if (chance && !chance.disabled) {
      if (kind !== "open") {
        if (!chance.readOnly) chance.dataset.before = chance.value;
        chance.value = kind === "won" ? "100" : "0";
      } else if (chance.readOnly) chance.value = chance.dataset.before ?? "0";
      chance.readOnly = kind !== "open";
    }
    const becomes = part(row, "becomes");
    if (becomes) {
      const follows = !going && kind !== row.dataset.kind && Number(row.dataset.total) > 0;
      becomes.hidden = !follows;
      for (const one of ["won", "open", "lost"]) part(row, `becomes-${one}`).hidden = kind !== one;
      const follow = part(row, "follow");
      if (follow) {
        const offered = !going && kind === "open" && row.dataset.kind === "open" && Number(row.dataset.open) > 0 && chance?.value !== row.dataset.chance;
        follow.hidden = !offered;
        follow.querySelector("input").disabled = !offered;
      }
    }
    drawTargets(row);
    // One reason is asked for, by whichever question is open.
    for (const reason of row.querySelectorAll("[data-reason-of]")) reason.disabled = reason.closest("[hidden]") !== null;
    for (const control of row.querySelectorAll("[data-grip], [data-up], [data-down]")) control.disabled = going;
    const needed = part(row, "needed");
    if (needed) {
      const labels = [...row.querySelectorAll("[data-needs] input:checked")].map((box) => box.closest("label").textContent.trim());
      needed.textContent = labels.join(", ") || list.dataset.nothing;
    }
    drawColor(row);
  }

  function draw() {
    const here = staying();
    for (const row of rows()) drawRow(row);
    here.forEach((row, place) => {
      if (part(row, "up")) part(row, "up").disabled = place === 0;
      if (part(row, "down")) part(row, "down").disabled = place === here.length - 1;
    });
    strip.replaceChildren(
      ...here.map((row) => {
        const step = make("li", kindOf(row) === "open" ? "" : `is-${kindOf(row)}`);
        const color = make("i");
        color.style.backgroundColor = part(row, "swatch")?.style.backgroundColor || "";
        step.append(color, make("span", "", nameOf(row)));
        return step;
      }),
    );
    if (adder) adder.disabled = here.length >= Number(list.dataset.most);
  }

  // Order -----------------------------------------------------------------------

  function tell(row) {
    const here = staying();
    says.textContent = filled(list.dataset.moved, { name: nameOf(row), place: here.indexOf(row) + 1, all: here.length });
  }

  /** Move a stage to a place among those that stay. */
  function move(row, place) {
    const here = staying();
    const from = here.indexOf(row);
    const to = Math.max(0, Math.min(place, here.length - 1));
    if (from < 0 || from === to) return;
    if (to < from) here[to].before(row);
    else here[to].after(row);
    draw();
    tell(row);
    changed();
  }

  list.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = grip.closest("[data-stage]");
    const at = staying().indexOf(row);
    const next = { ArrowUp: at - 1, ArrowLeft: at - 1, ArrowDown: at + 1, ArrowRight: at + 1, Home: 0, End: Infinity }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    move(row, next);
    grip.focus();
  });

  // By mouse, pen or finger: the row follows the pointer, the others make room.
  let carried = null;
  let before = null;
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button !== 0) return;
    carried = grip.closest("[data-stage]");
    before = rows();
    carried.classList.add("is-dragged");
    grip.setPointerCapture(event.pointerId);
  });
  list.addEventListener("pointermove", (event) => {
    if (!carried) return;
    const edge = 60;
    const scroller = document.querySelector("#content");
    if (event.clientY < edge + 48) scroller.scrollBy(0, -8), window.scrollBy(0, -8);
    if (event.clientY > innerHeight - edge - 56) scroller.scrollBy(0, 8), window.scrollBy(0, 8);
    const others = rows().filter((row) => row !== carried);
    const under = others.find((row) => {
      const box = row.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    if (under === undefined) list.append(carried);
    else if (carried.nextElementSibling !== under) under.before(carried);
  });
  function drop(keep) {
    if (!carried) return;
    const row = carried;
    carried.classList.remove("is-dragged");
    carried = null;
    if (!keep) list.append(...before);
    const moved = rows().some((one, place) => one !== before[place]);
    draw();
    if (!moved) return;
    tell(row);
    changed();
  }
  list.addEventListener("pointerup", () => drop(true));
  list.addEventListener("pointercancel", () => drop(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !carried) return;
    event.preventDefault();
    drop(false);
  }, true);

  // Buttons ---------------------------------------------------------------------

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const row = button?.closest("[data-stage]");
    if (!row) return;
    const at = staying().indexOf(row);
    if (button.matches("[data-up], [data-down]")) {
      move(row, button.matches("[data-up]") ? at - 1 : at + 1);
      (button.disabled ? part(row, "grip") : button).focus();
    } else if (button.matches("[data-pick]")) {
      part(row, "hex").value = button.dataset.pick;
      part(row, "color-box").open = false;
      part(row, "color-box").querySelector("summary").focus();
      draw();
      changed();
    } else if (button.matches("[data-drop]")) {
      remove(row);
    } else if (button.matches("[data-keep]")) {
      part(row, "gone").value = "";
      draw();
      says.textContent = filled(list.dataset.kept, { name: nameOf(row) });
      part(row, "drop").focus();
      changed();
    }
  });

  function remove(row) {
    says.textContent = filled(list.dataset.removed, { name: nameOf(row) });
    if (part(row, "going")) {
      part(row, "gone").value = "1";
      draw();
      (part(row, "target") || part(row, "keep")).focus();
    } else {
      // A stage that was only just added is simply no more.
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      draw();
      (next ? part(next, "drop") : adder)?.focus();
    }
    changed();
  }

  let added = rows().length;
  adder?.addEventListener("click", () => {
    const key = `new-${Date.now().toString(36)}${(added += 1)}`;
    const holder = document.createElement("template");
    holder.innerHTML = blank.innerHTML.replaceAll("new-0", key);
    const row = holder.content.querySelector("[data-stage]");
    const picks = [...row.querySelectorAll("[data-pick]")];
    if (picks.length) part(row, "hex").value = picks[rows().length % picks.length].dataset.pick;
    // A new step comes before what closes a deal.
    const closing = staying().find((other) => kindOf(other) !== "open");
    if (closing) closing.before(row);
    else list.append(row);
    draw();
    part(row, "name").focus();
    tell(row);
    changed();
  });

  // A palette is closed by a click beside it and by Escape.
  document.addEventListener("click", (event) => {
    for (const box of form.querySelectorAll("[data-color-box][open]")) if (!box.contains(event.target)) box.open = false;
  });
  form.addEventListener("keydown", (event) => {
    const box = event.key === "Escape" && event.target.closest("[data-color-box][open]");
    if (!box) return;
    event.preventDefault();
    event.stopPropagation();
    box.open = false;
    box.querySelector("summary").focus();
  });

  const active = form.querySelector("[data-active]");
  const resting = form.querySelector("[data-resting]");
  list.addEventListener("input", draw);
  list.addEventListener("change", draw);
  active?.addEventListener("change", () => {
    if (resting) resting.hidden = active.checked;
  });
  // What could not be saved is shown: folds open where something is wrong.
  for (const wrong of list.querySelectorAll("details [aria-invalid]")) wrong.closest("details").open = true;
  draw();
})();
