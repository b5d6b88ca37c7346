// The `data_visualization` block: a drawing for the eyes, and the same numbers as a table.

import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";

const WIDTH = 480;
const HEIGHT = 200;
const EDGE = 24; // under the drawing, for the names of its categories
const SHADES = 5; // how many colours style.css has for series

export function chart(block) {
  const title = plain(block.title);
  const { type } = block.chart;
  const draws = { bar: bars, line: lines, area: lines, pie: shares }[type];
  if (!draws) return h("p", { class: "not-drawn" }, `not drawn: ${type} chart, ${title}`);
  const series = type === "pie" ? [{ name: "", data: block.chart.segments }] : block.chart.series;
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, h("strong", {}, title), series.length > 1 && legend(series)),
    h(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT + EDGE}`, role: "img", "aria-label": `${title}, drawn` },
      draws(series),
    ),
    h("details", {}, h("summary", {}, "As a table"), numbers(series)),
  );
}

const shade = (at) => `shade-${at % SHADES}`;

function legend(series) {
  return h(
    "ul",
    { class: "legend", role: "list" },
    series.map(({ name }, at) => h("li", { class: shade(at) }, h("span", {}, name))),
  );
}

function highest(series) {
  return Math.max(...series.flatMap(({ data }) => data.map(({ value }) => value)), 0) || 1;
}

function categories(data) {
  const step = WIDTH / data.length;
  return data.map(({ label }, at) =>
    h("text", { x: (at + 0.5) * step, y: HEIGHT + EDGE - 7, "text-anchor": "middle" }, label),
  );
}

function bars(series) {
  const most = highest(series);
  const step = WIDTH / series[0].data.length;
  const width = (step * 0.8) / series.length;
  const bar = ({ value }, at, nth) => {
    const height = (Math.max(0, value) / most) * HEIGHT;
    const x = at * step + step * 0.1 + nth * width;
    return h("rect", { class: shade(nth), x, y: HEIGHT - height, width: width * 0.94, height });
  };
  return [series.map(({ data }, nth) => data.map((point, at) => bar(point, at, nth))), categories(series[0].data)];
}

function lines(series) {
  const most = highest(series);
  const step = WIDTH / series[0].data.length;
  const point = ({ value }, at) => `${(at + 0.5) * step},${HEIGHT - (Math.max(0, value) / most) * HEIGHT}`;
  const line = ({ data }, nth) => h("polyline", { class: shade(nth), points: data.map(point).join(" ") });
  return [series.map(line), categories(series[0].data)];
}

/** Shares of a whole, as one bar that is cut up. */
function shares([{ data }]) {
  const whole = data.reduce((sum, { value }) => sum + value, 0) || 1;
  let x = 0;
  return data.map(({ label, value }, at) => {
    const width = (value / whole) * WIDTH;
    const start = x;
    x += width;
    return h(
      "g",
      {},
      h("rect", { class: shade(at), x: start, y: 40, width, height: HEIGHT - 80 }),
      h("text", { x: start + width / 2, y: HEIGHT - 18, "text-anchor": "middle" }, label),
    );
  });
}

function numbers(series) {
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, ""),
    series.map(({ name }) => h("th", { scope: "col" }, name || "Value")),
  );
  const row = ({ label }, at) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, label),
      series.map(({ data }) => h("td", { class: "align-right" }, String(data[at]?.value ?? ""))),
    );
  return h("table", {}, h("thead", {}, head), h("tbody", {}, series[0].data.map(row)));
}
