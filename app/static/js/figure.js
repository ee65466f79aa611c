// Draws the numbers of a tile: charts of one or several series in the colours of the page, with their table.
(() => {
  const { make } = window.indexus;
  const free = ["brand", "blue", "teal", "amber", "violet", "green", "red", "grey"];
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const compact = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
  const colourOf = (tone) => token(tone === "brand" ? "series" : tone);

  function mixed(colour, ground, part) {
    const bytes = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    const [a, b] = [bytes(colour), bytes(ground)];
    return `#${a.map((value, i) => Math.round(value * part + b[i] * (1 - part)).toString(16).padStart(2, "0")).join("")}`;
  }

  /** A colour for each name: its own tone, paler where a tone comes again, a free one where it has none. */
  function colours(named) {
    const used = new Map();
    let next = 0;
    return named.map(({ tone }) => {
      const own = free.includes(tone) ? tone : free[next++ % free.length];
      const times = used.get(own) || 0;
      used.set(own, times + 1);
      return times ? mixed(colourOf(own), token("ground"), Math.max(0.3, 1 - times * 0.35)) : colourOf(own);
    });
  }

  function frame(figure) {
    return {
      animation: !still.matches,
      animationDuration: 140,
      textStyle: { fontFamily: token("font"), fontSize: 12, color: token("text-2") },
      tooltip: {
        trigger: "item",
        backgroundColor: token("raised"),
        borderColor: token("line-2"),
        borderWidth: 1,
        padding: [6, 10],
        textStyle: { color: token("text"), fontSize: 12, fontFamily: token("font") },
        extraCssText: "border-radius: 8px; box-shadow: none;",
        formatter: ({ dataIndex, seriesIndex }) => told(figure, figure.lines[dataIndex], seriesIndex),
      },
    };
  }

  function told(figure, line, index) {
    const cell = line.cells[index];
    const box = document.createElement("div");
    const name = figure.series[index]?.name;
    box.append(make("div", "", name ? `${line.label} · ${name}` : line.label), make("strong", "", cell.text));
    if (figure.counted) box.append(make("div", "", behind(cell.count, figure.counts)));
    return box;
  }

  const number = new Intl.NumberFormat(document.documentElement.lang);
  const plural = new Intl.PluralRules(document.documentElement.lang);
  const behind = (count, forms) => (forms[plural.select(count)] || forms.other).replace("{number}", number.format(count));

  const scale = (figure) => ({
    type: "value",
    name: figure.unit,
    nameGap: 10,
    nameTextStyle: { color: token("text-3"), fontSize: 12, align: "left", padding: [0, 0, 0, -20] },
    splitNumber: 4,
    max: figure.most || undefined,
    interval: figure.most ? figure.most / 4 : undefined,
    minInterval: figure.money || figure.lines.some((line) => line.cells.some((cell) => !Number.isInteger(cell.value ?? 0))) ? undefined : 1,
    axisLabel: { color: token("text-3"), fontSize: 12, formatter: (value) => compact.format(value) },
    splitLine: { lineStyle: { color: token("line") } },
  });

  function donut(figure) {
    const shades = colours(figure.lines);
    return {
      ...frame(figure),
      tooltip: { ...frame(figure).tooltip, formatter: ({ dataIndex }) => told(figure, figure.lines[dataIndex], 0) },
      series: [
        {
          type: "pie",
          radius: ["54%", "80%"],
          label: { color: token("text-2"), fontSize: 12, formatter: "{b}" },
          labelLine: { lineStyle: { color: token("line-2") } },
          itemStyle: { borderColor: token("ground"), borderWidth: 2, borderRadius: 3 },
          data: figure.lines.map((line, i) => ({ name: line.label, value: line.cells[0].value, itemStyle: { color: shades[i] } })),
        },
      ],
    };
  }

  /** `room` is how wide the chart is, in px: names beside bars get a third of it. */
  function options(figure, room = 0) {
    if (figure.shape === "donut") return donut(figure);
    const upright = figure.axis === "time";
    const named = figure.series.length ? figure.series : [{ name: figure.title, tone: "brand" }];
    const shades = colours(named);
    const single = figure.series.length === 0;
    // A place without a meaning of its own has the colour of the series.
    const lineTones = single ? colours(figure.lines.map((line) => ({ tone: line.tone || "brand" }))) : null;
    if (lineTones) figure.lines.forEach((line, i) => line.tone || (lineTones[i] = colourOf("brand")));
    const stacked = figure.shape === "stack";
    const names = {
      type: "category",
      data: figure.lines.map((line) => line.label),
      axisTick: { show: false },
      axisLine: upright ? { lineStyle: { color: token("line-2") } } : { show: false },
      inverse: !upright,
      axisLabel: upright
        ? { color: token("text-3"), fontSize: 12, hideOverlap: true }
        : { color: token("text-2"), fontSize: 12, width: Math.max(130, Math.min(240, room * 0.3)), overflow: "truncate", interval: 0 },
    };
    const value = scale(figure);
    const series = named.map((one, index) => ({
      name: one.name,
      type: figure.shape === "line" ? "line" : "bar",
      stack: stacked ? "all" : undefined,
      barMaxWidth: upright ? 34 : 20,
      barCategoryGap: "32%",
      symbol: "circle",
      symbolSize: 6,
      connectNulls: true,
      lineStyle: { width: 2 },
      itemStyle: { color: shades[index], borderRadius: stacked ? 0 : upright ? [3, 3, 0, 0] : [0, 3, 3, 0] },
      cursor: "pointer",
      label:
        !upright && !stacked
          ? { show: true, position: "right", color: token("text-2"), fontSize: 12, formatter: ({ value }) => compact.format(value) }
          : undefined,
      data: figure.lines.map((line, i) => ({
        value: line.cells[index].value,
        itemStyle: lineTones ? { color: lineTones[i] } : undefined,
      })),
    }));
    return {
      ...frame(figure),
      grid: { left: 4, right: upright ? 8 : 44, top: upright ? 26 : 4, bottom: upright ? 4 : 22, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: upright ? names : { ...value, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: token("text-3"), fontSize: 12 } },
      yAxis: upright ? value : names,
      series,
    };
  }

  /** The names of the colours, where no label does it. */
  function legend(figure) {
    const list = make("ul", "tile-legend");
    for (const { name, colour } of names(figure)) {
      const line = make("li");
      const dot = make("span", "dot");
      dot.style.backgroundColor = colour;
      line.append(dot, name);
      list.append(line);
    }
    return list;
  }

  function linked(cell) {
    return cell.href ? make("a", "", cell.text || "–", { href: cell.href }) : make("span", "", cell.text || "–");
  }

  /** All numbers, each a way to its rows. */
  function table(figure) {
    const numbers = make("table", "numbers");
    numbers.append(make("caption", "unseen", figure.title));
    const head = make("tr");
    head.append(make("th", "", "", { scope: "col" }));
    const names = figure.series.length ? figure.series.map((one) => one.name) : [figure.unit];
    for (const name of names) head.append(make("th", "is-number", name, { scope: "col" }));
    for (const name of figure.more || []) head.append(make("th", "is-number", name, { scope: "col" }));
    if (figure.counted) head.append(make("th", "is-number", figure.counted, { scope: "col" }));
    const top = make("thead");
    top.append(head);
    const body = make("tbody");
    for (const line of figure.lines) {
      const row = make("tr");
      row.append(make("th", "", line.label, { scope: "row" }));
      for (const cell of [...line.cells, ...(line.more || [])]) {
        const place = make("td", "is-number");
        place.append(linked(cell));
        row.append(place);
      }
      if (figure.counted) {
        const rows = line.behind ?? line.cells.reduce((sum, cell) => sum + cell.count, 0);
        row.append(make("td", "is-number", number.format(rows)));
      }
      body.append(row);
    }
    numbers.append(top, body);
    return numbers;
  }

  /** The series with their colours; of a donut its parts stand beside it already. */
  function names(figure) {
    const shades = colours(figure.series);
    return figure.series.map(({ name }, index) => ({ name, colour: shades[index] }));
  }

  Object.assign(window.indexus, { figure: { options, legend, table, names, behind } });
})();
