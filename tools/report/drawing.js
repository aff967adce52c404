// What pages of figures are drawn with: sections, tables, and plots by uPlot. Every plot has a table
// beside it with its numbers.
"use strict";
const drawing = (() => {
  const main = document.getElementById("report");
  const redraws = [];

  const make = (tag, text, parent, attributes = {}) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent?.append(element);
    return element;
  };
  const percent = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);
  const decimal = (value) => (value === null ? "–" : value.toFixed(3));
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const section = (title, note, wide = false) => {
    const element = make("section", undefined, main, wide ? { class: "wide" } : {});
    make("h2", title, element);
    if (note) make("p", note, element);
    return element;
  };

  const table = (parent, label, head, rows) => {
    const box = make("div", undefined, parent, { class: "scroll", tabindex: "0", role: "region", "aria-label": label });
    const element = make("table", undefined, box);
    const top = make("tr", undefined, make("thead", undefined, element));
    for (const name of head) make("th", name, top, { scope: "col" });
    const body = make("tbody", undefined, element);
    for (const [first, ...rest] of rows) {
      const row = make("tr", undefined, body);
      make("th", first, row, { scope: "row" });
      for (const cell of rest) make("td", cell, row);
    }
    return element;
  };

  /** series: [{name, colour, points: [[x, y]], dash?, dots?}], all on one pair of axes. */
  const plot = (parent, label, xName, yName, series, xRange, yRange) => {
    const box = make("div", undefined, parent, { role: "img", "aria-label": label });
    const key = make("ul", undefined, parent, { class: "key" });
    for (const { name, colour: tone, dash } of series) {
      const item = make("li", undefined, key);
      const line = dash === undefined ? "solid" : dash[0] < dash[1] ? "dotted" : "dashed";
      make("i", undefined, item).style.borderTop = `3px ${line} var(${tone})`;
      item.append(name);
    }
    // uPlot joins lines by x: points above one another are set apart by less than a pixel.
    const tables = series.map(({ points }) => [
      points.map(([x], i) => x + i * 1e-7),
      points.map(([, y]) => y),
    ]);
    const draw = () => {
      box.replaceChildren();
      const axis = (name) => ({ label: name, stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } });
      new uPlot(
        {
          width: Math.max(260, box.clientWidth), height: 300, legend: { show: false }, cursor: { show: false },
          scales: { x: { time: false, range: xRange ? () => xRange : undefined }, y: { range: yRange ? () => yRange : undefined } },
          axes: [axis(xName), axis(yName)],
          series: [{}, ...series.map((line) => ({ stroke: colour(line.colour), width: 2, dash: line.dash, spanGaps: true, points: { show: line.dots === true, size: 7, fill: colour(line.colour) } }))],
        },
        uPlot.join(tables),
        box,
      );
    };
    redraws.push(draw);
    draw();
  };

  const details = (parent) => {
    const element = make("details", undefined, parent);
    make("summary", "The numbers", element);
    return element;
  };

  const redraw = () => redraws.forEach((draw) => draw());
  addEventListener("resize", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  return { make, percent, decimal, section, table, plot, details };
})();
