// The tiles of the home page: each loads its own numbers when it comes near, so that a slow one keeps nobody waiting.
(() => {
  const { make, word, figure } = window.indexus;
  const board = document.getElementById("board");
  const words = JSON.parse(document.getElementById("home-words").textContent);
  const drawn = new Map();

  /** Only what is drawn can be saved as a picture. */
  function offerPicture(tile, offered) {
    const button = tile.querySelector("[data-picture]");
    if (button) button.hidden = !offered;
  }

  function say(tile, sentence, retry) {
    offerPicture(tile, false);
    const state = make("div", "tile-said");
    state.setAttribute("role", "status");
    state.append(make("span", "", sentence));
    if (retry) {
      const button = make("button", "button is-small", word("retry"), { type: "button" });
      button.addEventListener("click", () => load(tile));
      state.append(button);
    }
    tile.querySelector("[data-body]").replaceChildren(state);
  }

  function notes(data) {
    if (!data.notes.length) return [];
    const list = make("ul", "tile-notes");
    for (const note of data.notes) {
      const line = make("li");
      line.append(note.href ? make("a", "", note.text, { href: note.href }) : note.text);
      list.append(line);
    }
    return [list];
  }

  function number(tile, data) {
    const value = make("a", "tile-value", data.main.text || "–", { href: data.main.href });
    const line = make("div", "tile-line");
    if (data.change) {
      line.append(make("span", "", data.change.text, { "data-tone": data.change.tone }));
      line.append(make("a", "", data.change.before, { href: data.change.href }));
    }
    if (data.counted) line.append(make("span", "", figure.behind(data.main.count, data.counts)));
    tile.querySelector("[data-body]").replaceChildren(value, line, ...notes(data));
  }

  function list(tile, data) {
    if (!data.main.count) {
      say(tile, words.nobody);
      return;
    }
    const table = make("table", "tile-rows");
    table.append(make("caption", "unseen", data.title));
    const head = make("tr");
    for (const name of data.heads) head.append(make("th", "", name, { scope: "col" }));
    const top = make("thead");
    top.append(head);
    const body = make("tbody");
    for (const entry of data.entries) {
      const row = make("tr");
      entry.texts.forEach(([text, tone], index) => {
        const cell = make("td", "", "", { title: text });
        if (index === 0) cell.append(make("a", "", text || "–", { href: entry.href }));
        else cell.append(make("span", "", text, tone ? { "data-tone": tone } : {}));
        row.append(cell);
      });
      body.append(row);
    }
    table.append(top, body);
    const more = make("div", "tile-more");
    more.append(make("span", "", figure.behind(data.main.count, data.counts)), make("a", "", words.show_all, { href: data.main.href }));
    tile.querySelector("[data-body]").replaceChildren(table, more);
  }

  function chart(tile, data) {
    if (!data.lines.some((line) => line.cells.some((cell) => cell.count))) {
      say(tile, words.nothing);
      return;
    }
    const draw = make("div", "tile-draw", "", { role: "img", "aria-label": data.title });
    const numbers = make("div", "tile-numbers", "", { tabindex: "0", role: "group", "aria-label": data.title });
    numbers.append(figure.table(data));
    numbers.hidden = true;
    const legend = data.series.length ? [figure.legend(data)] : [];
    const each = data.shape === "bar" && data.series.length > 1 ? 20 + 14 * data.series.length : 30; // px for a place on the axis
    if (data.axis !== "time" && data.shape !== "donut") draw.style.minHeight = `${Math.max(250, data.lines.length * each + 40)}px`;
    tile.querySelector("[data-body]").replaceChildren(...legend, draw, numbers, ...notes(data));
    const picture = echarts.init(draw, null, { renderer: "canvas" });
    picture.setOption(figure.options(data, draw.clientWidth));
    picture.on("click", ({ dataIndex, seriesIndex }) => {
      const cell = data.lines[dataIndex]?.cells[data.shape === "donut" ? 0 : seriesIndex];
      if (cell?.href && !board.classList.contains("is-arranged")) location.assign(cell.href);
    });
    drawn.get(tile)?.picture.dispose();
    drawn.set(tile, { picture, data, watch: new ResizeObserver(() => picture.resize()) });
    drawn.get(tile).watch.observe(draw);
    offerPicture(tile, true);
    turn(tile, tile.querySelector("[data-table]")?.getAttribute("aria-pressed") === "true");
  }

  /** Chart or table. */
  function turn(tile, asTable) {
    const parts = [".tile-draw", ".tile-legend"].map((name) => tile.querySelector(name));
    for (const part of parts) if (part) part.hidden = asTable;
    const numbers = tile.querySelector(".tile-numbers");
    if (numbers) numbers.hidden = !asTable;
    if (!asTable) drawn.get(tile)?.picture.resize();
  }

  async function load(tile) {
    tile.setAttribute("aria-busy", "true");
    let data;
    try {
      const answer = await fetch(tile.dataset.href, { headers: { Accept: "application/json" } });
      data = await answer.json();
      if (!answer.ok) {
        say(tile, data.message || word("failed"), answer.status >= 500);
        return;
      }
    } catch {
      say(tile, word("failed"), true);
      return;
    } finally {
      tile.setAttribute("aria-busy", "false");
    }
    // Some systems draw flag characters as letters, which would say "SK SK".
    for (const line of data.lines) line.label = line.label.replace(/^\p{Regional_Indicator}{2}\s+/u, "");
    if (data.shape === "number") number(tile, data);
    else if (data.shape === "list") list(tile, data);
    else chart(tile, data);
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        load(entry.target);
      }
    },
    { rootMargin: "300px" },
  );
  board?.querySelectorAll("[data-tile]").forEach((tile) => near.observe(tile));

  board?.addEventListener("click", (event) => {
    const tile = event.target.closest("[data-tile]");
    const button = event.target.closest("[data-table], [data-picture], [data-again]");
    if (!tile || !button) return;
    if (button.matches("[data-table]")) {
      const pressed = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(pressed));
      turn(tile, pressed);
      return;
    }
    button.closest("[popover]").hidePopover();
    if (button.matches("[data-again]")) load(tile);
    const found = drawn.get(tile);
    if (button.matches("[data-picture]") && found) {
      const { title, span, notes } = found.data;
      const told = { title, about: [span, ...notes.map((note) => note.text)], names: figure.names(found.data) };
      window.indexus.savePicture(found.picture, told, tile.dataset.tile);
    }
  });

  document.addEventListener("themechange", () => {
    for (const [tile, { picture, data }] of drawn) {
      picture.setOption(figure.options(data, picture.getWidth()), true);
      tile.querySelector(".tile-legend")?.replaceWith(figure.legend(data));
      turn(tile, tile.querySelector("[data-table]")?.getAttribute("aria-pressed") === "true");
    }
  });

  // What the page is about: a period is taken at once, own days and countries with their button.
  const choice = document.querySelector("[data-choice]");
  const period = choice?.querySelector("[data-period]");
  // What was remembered stands in the address as well, so that it can be passed on.
  if (choice?.dataset.remembered) history.replaceState(null, "", choice.dataset.remembered);
  period?.addEventListener("change", () => {
    const own = period.value === "custom";
    choice.querySelector("[data-days]").hidden = !own;
    if (!own) choice.requestSubmit(choice.querySelector("[data-apply]"));
  });
  choice?.querySelector("[data-no-countries]")?.addEventListener("click", () => {
    for (const box of choice.querySelectorAll('[name="in"]')) box.checked = false;
    choice.requestSubmit(choice.querySelector("[data-apply]"));
  });
})();
