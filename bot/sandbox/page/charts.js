// The `data_visualization` block: a drawing for the eyes, and the same numbers as words and as a table.

import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";

const WIDTH = 480;
const HEIGHT = 200;
const HEAD = 18; // over the drawing, for the number of the highest point
const EDGE = 24; // under the drawing, for the names of its categories
const SHADES = 6; // how many colours style.css has for series
const LETTER = 8; // about so wide is a letter or a digit
const KINDS = { bar: "bar chart", line: "line chart", area: "area chart", pie: "pie chart" };

export function chart(block) {
  const title = plain(block.title);
  const { type, segments, axis_config: axis } = block.chart;
  const series = type === "pie" ? [{ name: "", data: segments }] : block.chart.series.map(inOrder(axis));
  const drawing = type === "pie" ? pie(segments) : plot(type, series);
  const box = type === "pie" ? `0 0 ${WIDTH} ${HEIGHT}` : `0 ${-HEAD} ${WIDTH} ${HEAD + HEIGHT + EDGE}`;
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, h("strong", {}, title), type === "pie" ? shares(segments) : series.length > 1 && legend(series)),
    axis?.y_label && h("p", { class: "axis" }, axis.y_label),
    h(
      "svg",
      { viewBox: box, role: "img", "aria-label": `${title}, ${KINDS[type]}. ${inWords(series)}` },
      drawing,
    ),
    axis?.x_label && h("p", { class: "axis below" }, axis.x_label),
    h("details", {}, h("summary", {}, "As a table"), numbers(series)),
  );
}

/** A series' points may come in any order: the categories have the right one. */
function inOrder(axis) {
  return ({ name, data }) => {
    const values = new Map(data.map(({ label, value }) => [label, value]));
    return { name, data: axis.categories.map((label) => ({ label, value: values.get(label) })) };
  };
}

const shade = (at) => `shade-${at % SHADES}`;
const written = (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 2 });

function inWords(series) {
  const points = ({ data }) => data.map(({ label, value }) => `${label} ${written(value)}`).join(", ");
  return series.map((one) => (one.name ? `${one.name}: ${points(one)}` : points(one))).join(". ");
}

function legend(series) {
  return h(
    "ul",
    { class: "legend", role: "list" },
    series.map(({ name }, at) => h("li", { class: shade(at) }, h("span", {}, name))),
  );
}

/** Bars, lines or areas over their categories, from the lowest value, or 0, to the highest. */
function plot(type, series) {
  const values = series.flatMap(({ data }) => data.map(({ value }) => value));
  const low = Math.min(...values, 0);
  const high = Math.max(...values, low + 1e-9, 0);
  const step = WIDTH / series[0].data.length;
  const place = { step, low, y: (value) => HEIGHT - ((value - low) / (high - low)) * HEIGHT };
  const draws = { bar: bars, line: lines, area: areas }[type];
  return [
    h("line", { class: "ground", x1: 0, x2: WIDTH, y1: place.y(0), y2: place.y(0) }),
    draws(series, place),
    categories(series[0].data, step),
  ];
}

function categories(data, step) {
  const longest = Math.max(...data.map(({ label }) => label.length)) * LETTER;
  const every = Math.ceil(longest / step);
  return data.map(
    ({ label }, at) =>
      at % every === 0 &&
      h("text", { x: (at + 0.5) * step, y: HEIGHT + EDGE - 7, "text-anchor": "middle" }, label),
  );
}

/** The number of a point, where it has room. */
function figure(value, x, y, room) {
  const text = written(value);
  return text.length * LETTER <= room && h("text", { class: "figure", x, y: y - 7, "text-anchor": "middle" }, text);
}

function bars(series, { step, y }) {
  const width = (step * 0.8) / series.length;
  const bar = ({ value }, at, nth) => {
    const x = at * step + step * 0.1 + nth * width;
    const top = Math.min(y(value), y(0));
    return [
      h("rect", { class: shade(nth), x, y: top, width: width * 0.94, height: Math.abs(y(value) - y(0)) }),
      figure(value, x + width / 2, top, width),
    ];
  };
  return series.map(({ data }, nth) => data.map((point, at) => bar(point, at, nth)));
}

function lines(series, { step, y }) {
  return series.map(({ data }, nth) => {
    const at = data.map(({ value }, index) => [(index + 0.5) * step, y(value)]);
    return [
      h("polyline", { class: shade(nth), points: at.join(" ") }),
      at.map(([cx, cy]) => h("circle", { class: shade(nth), cx, cy, r: 3.5 })),
      series.length === 1 && data.map(({ value }, index) => figure(value, ...at[index], step)),
    ];
  });
}

function areas(series, place) {
  const { step, y } = place;
  const area = ({ data }, nth) => {
    const at = data.map(({ value }, index) => [(index + 0.5) * step, y(value)]);
    const ground = [[(data.length - 0.5) * step, y(0)], [0.5 * step, y(0)]];
    return h("polygon", { class: shade(nth), points: [...at, ...ground].join(" ") });
  };
  return [series.map(area), lines(series, place)];
}

const RADIUS = HEIGHT / 2 - 4;

function pie(segments) {
  const whole = segments.reduce((sum, { value }) => sum + value, 0);
  const point = (share) => {
    const angle = (share - 0.25) * 2 * Math.PI;
    return `${WIDTH / 2 + RADIUS * Math.cos(angle)} ${HEIGHT / 2 + RADIUS * Math.sin(angle)}`;
  };
  if (segments.length === 1) return h("circle", { class: shade(0), cx: WIDTH / 2, cy: HEIGHT / 2, r: RADIUS });
  let from = 0;
  return segments.map(({ value }, at) => {
    const to = from + value / whole;
    const isLarge = to - from > 0.5 ? 1 : 0;
    const arc = `M${WIDTH / 2} ${HEIGHT / 2} L${point(from)} A${RADIUS} ${RADIUS} 0 ${isLarge} 1 ${point(to)} Z`;
    from = to;
    return h("path", { class: shade(at), d: arc });
  });
}

/** A pie's legend: what each slice is, and how much. */
function shares(segments) {
  const whole = segments.reduce((sum, { value }) => sum + value, 0);
  const share = ({ label, value }, at) =>
    h("li", { class: shade(at) }, h("span", {}, `${label}: ${written(value)} (${Math.round((value / whole) * 100)} %)`));
  return h("ul", { class: "legend", role: "list" }, segments.map(share));
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
      series.map(({ data }) => h("td", { class: "align-right" }, written(data[at].value))),
    );
  return h("table", {}, h("thead", {}, head), h("tbody", {}, series[0].data.map(row)));
}
