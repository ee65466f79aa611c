// Charts: numbers come as JSON, are drawn in the colours of the page, and stand beside as a table.
(() => {
  const { make, word } = window.indexus;
  const tones = ["green", "blue", "amber", "red", "grey", "violet", "teal", "brand"];
  // For rows without a tone of their own.
  const series = ["brand", "blue", "teal", "amber", "violet", "green", "red", "grey"];
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const drawn = new Map();
  const cards = new WeakMap();

  const toneOf = (row, index, shape) =>
    tones.includes(row.tone) ? row.tone : shape === "donut" ? series[index % series.length] : "brand";

  /** Slices whose tone another one has already are paler, so that they are told apart: 1, 0.6, 0.36 ... */
  function shade(rows, index, shape) {
    if (shape !== "donut") return 1;
    const tone = toneOf(rows[index], index, shape);
    return 0.6 ** rows.slice(0, index).filter((row, i) => toneOf(row, i, shape) === tone).length;
  }

  // On a chart the brand colour has its own shade, quieter than a button.
  const colourOf = (tone) => (tone === "brand" ? "series" : tone);

  const whole = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });

  function options(data, shape) {
    const text = token("text-2");
    const faint = token("text-3");
    const base = {
      animation: !still.matches,
      animationDuration: 140,
      textStyle: { fontFamily: token("font"), fontSize: 12, color: text },
      tooltip: {
        trigger: shape === "line" ? "axis" : "item",
        backgroundColor: token("raised"),
        borderColor: token("line-2"),
        borderWidth: 1,
        padding: [6, 10],
        textStyle: { color: token("text"), fontSize: 12, fontFamily: token("font") },
        extraCssText: "border-radius: 8px; box-shadow: none;",
        formatter(found) {
          const row = data.rows[(Array.isArray(found) ? found[0] : found).dataIndex];
          const box = document.createElement("div");
          box.append(make("div", "", row.label), make("strong", "", row.text ?? String(row.value)));
          return box;
        },
      },
    };
    const values = data.rows.map((row, index) => ({
      value: row.value,
      name: row.label,
      cursor: row.href ? "pointer" : "default",
      itemStyle: { color: token(colourOf(toneOf(row, index, shape))), opacity: shade(data.rows, index, shape) },
    }));

    if (shape === "donut") {
      return {
        ...base,
        series: [
          {
            type: "pie",
            radius: ["56%", "82%"],
            data: values,
            label: { show: false },
            itemStyle: { borderColor: token("ground"), borderWidth: 2, borderRadius: 3 },
            emphasis: { scaleSize: 3 },
          },
        ],
      };
    }
    const valueAxis = {
      type: "value",
      name: data.unit || "",
      nameTextStyle: { color: faint, fontSize: 12, align: "left" },
      splitNumber: 4,
      minInterval: data.rows.every((row) => Number.isInteger(row.value)) ? 1 : undefined,
      axisLabel: { color: faint, fontSize: 12, formatter: (value) => whole.format(value) },
      splitLine: { lineStyle: { color: token("line") } },
    };
    const labels = data.rows.map((row) => row.label);
    if (shape === "line") {
      const colour = token("series");
      return {
        ...base,
        grid: { left: 4, right: 12, top: data.unit ? 28 : 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
        xAxis: {
          type: "category",
          data: labels,
          boundaryGap: false,
          axisTick: { show: false },
          axisLine: { lineStyle: { color: token("line-2") } },
          axisLabel: { color: faint, fontSize: 12, hideOverlap: true },
        },
        yAxis: valueAxis,
        series: [
          {
            type: "line",
            data: data.rows.map((row) => row.value),
            symbol: "circle",
            symbolSize: 6,
            showSymbol: data.rows.length < 16,
            lineStyle: { width: 2, color: colour },
            itemStyle: { color: colour },
            areaStyle: { color: colour, opacity: 0.08 },
          },
        ],
      };
    }
    return {
      ...base,
      grid: { left: 4, right: 44, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: { ...valueAxis, name: "", position: "top", axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: "category",
        data: labels,
        inverse: true,
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { color: text, fontSize: 12, width: 120, overflow: "truncate", interval: 0 },
      },
      series: [
        {
          type: "bar",
          data: values,
          barMaxWidth: 20,
          barMinHeight: 2,
          itemStyle: { borderRadius: [2, 4, 4, 2] },
          label: { show: true, position: "right", color: text, fontSize: 12, formatter: ({ value }) => whole.format(value) },
        },
      ],
    };
  }

  function table(data, shape, holder) {
    const numbers = make("table", "numbers");
    const head = make("thead");
    const headRow = make("tr");
    const first = make("th", "", "", { scope: "col" });
    first.append(make("span", "unseen", data.title));
    headRow.append(first, make("th", "is-number", data.unit || word("number"), { scope: "col" }));
    head.append(headRow);
    const body = make("tbody");
    data.rows.forEach((row, index) => {
      const line = make("tr");
      const name = make("th", "", "", { scope: "row" });
      if (shape === "donut") {
        const dot = make("span", "dot");
        const tone = toneOf(row, index, shape);
        dot.style.backgroundColor = `var(--${colourOf(tone)})`;
        dot.style.opacity = shade(data.rows, index, shape);
        name.append(dot);
      }
      name.append(row.href ? make("a", "", row.label, { href: row.href }) : row.label);
      line.append(name, make("td", "is-number", row.text ?? String(row.value)));
      body.append(line);
    });
    numbers.append(head, body);
    holder.replaceChildren(numbers, ...(data.notes || []).map((note) => make("p", "chart-note", note)));
    holder.tabIndex = 0;
  }

  function say(box, sentence, retry) {
    const state = make("div", "chart-state");
    state.append(make("span", "", sentence));
    if (retry) {
      const button = make("button", "button is-small", word("retry"), { type: "button" });
      button.addEventListener("click", retry);
      state.append(button);
    }
    box.replaceChildren(state);
  }

  async function show(card) {
    const draw = card.querySelector(".chart-draw");
    const holder = card.querySelector(".numbers-area");
    const shape = card.dataset.shape;
    let data;
    try {
      const answer = await fetch(card.dataset.href, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      data = await answer.json();
    } catch {
      say(draw, word("failed"), () => show(card));
      return;
    }
    // Some systems draw flag characters as letters, which would say "SK SK".
    for (const row of data.rows) row.label = row.label.replace(/^\p{Regional_Indicator}{2}\s+/u, "");
    data.title ||= card.dataset.title;
    data.unit ||= card.dataset.unit;
    if (!data.rows.length) {
      say(draw, word("no_numbers"));
      return;
    }
    table(data, shape, holder);
    if (shape === "bar") draw.style.height = `${Math.max(140, Math.min(420, data.rows.length * 30 + 16))}px`;
    draw.replaceChildren();
    draw.setAttribute("role", "img");
    draw.setAttribute("aria-label", data.title);
    const chart = echarts.init(draw, null, { renderer: "canvas" });
    chart.setOption(options(data, shape));
    chart.on("click", ({ dataIndex }) => {
      const row = data.rows[dataIndex];
      if (row?.href) location.assign(row.href);
    });
    drawn.set(chart, { data, shape });
    cards.set(card, chart);
    const picture = card.querySelector("[data-picture]");
    if (picture) picture.hidden = false; // only what is drawn can be saved as one
    new ResizeObserver(() => chart.resize()).observe(draw);
  }

  // A chart far below is loaded when it comes near: many charts, many queries.
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        show(entry.target);
      }
    },
    { rootMargin: "300px" },
  );
  document.querySelectorAll("[data-chart]").forEach((card) => near.observe(card));

  // A picture names what it was narrowed to, and the parts of a ring, which have their table here beside it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    const chart = button && cards.get(button.closest("[data-chart]"));
    if (!button) return;
    button.closest("[popover]").hidePopover();
    if (!chart) return;
    const { data, shape } = drawn.get(chart);
    const chips = [...document.querySelectorAll(".sheet-head .chip > span")].map((chip) => chip.textContent);
    const names = data.rows.map((row, index) => ({ name: `${row.label}: ${row.text ?? row.value}`, colour: token(colourOf(toneOf(row, index, shape))) }));
    const told = { title: data.title, about: [chips.join(" · "), ...(data.notes || [])], names: shape === "donut" ? names : [] };
    window.indexus.savePicture(chart, told, button.dataset.picture);
  });

  document.addEventListener("themechange", () => {
    for (const [chart, { data, shape }] of drawn) chart.setOption(options(data, shape), true);
  });
})();
