// The panel's last tab: what went over the wire, on Slack's side and on EcoTaxa's.

import { h } from "./dom.js";
import { draw, viewerZone } from "./page.js";
import { ecotaxa, slack } from "./server.js";

const KEPT = 200;
const EVERY = 1500;
const SIDES = {
  slack: { name: "Slack", read: slack.traffic, entries: [], seq: 0 },
  ecotaxa: { name: "EcoTaxa", read: ecotaxa.traffic, entries: [], seq: 0 },
};
let side = "slack";
let timer;

/** Look for news as long as the tab is open. */
export function watchTraffic(isOpen) {
  if (isOpen === Boolean(timer)) return;
  clearInterval(timer);
  timer = isOpen ? setInterval(look, EVERY) : undefined;
  if (isOpen) look();
}

async function look() {
  const record = SIDES[side];
  try {
    const news = await record.read(record.seq);
    if (news.seq < record.seq) record.entries = [];
    record.seq = news.seq;
    if (!news.entries.length) return;
    const known = new Set(record.entries.map((entry) => entry.seq));
    const fresh = news.entries.filter((entry) => !known.has(entry.seq)).reverse();
    record.entries = [...fresh, ...record.entries].slice(0, KEPT);
    draw();
  } catch {
    // The stand-in is gone for now: its record stays as it was, the page tells so elsewhere.
  }
}

export function trafficTab() {
  const { entries } = SIDES[side];
  const pick = ([id, { name }]) =>
    h(
      "button",
      {
        type: "button",
        class: "choice-button",
        "aria-pressed": String(id === side),
        onclick: () => ((side = id), look(), draw()),
      },
      name,
    );
  const row = side === "slack" ? slackRow : ecotaxaRow;
  return [
    h(
      "div",
      { class: "row" },
      h("h3", {}, "Between the bot and"),
      h(
        "div",
        { class: "choice-buttons", role: "group", "aria-label": "Which record" },
        Object.entries(SIDES).map(pick),
      ),
    ),
    !entries.length && h("p", { class: "dim" }, "Nothing yet."),
    h(
      "ol",
      { class: "traffic", role: "list", "aria-label": `Traffic with ${SIDES[side].name}` },
      entries.map((entry) => h("li", { key: `${side} ${entry.seq}` }, row(entry))),
    ),
  ];
}

function clock(at) {
  const moment = new Date(typeof at === "number" ? at * 1000 : at);
  return new Intl.DateTimeFormat("en-GB", { timeZone: viewerZone(), timeStyle: "medium" }).format(moment);
}

function slackRow(entry) {
  const response = entry.response ?? {};
  const isBad = response.ok === false || response.error;
  const whole = (title, thing) => [h("h4", {}, title), h("pre", {}, JSON.stringify(thing, null, 2))];
  const content = () => [whole("Request", entry.request), whole("Response", entry.response)];
  return unfolding(
    entry,
    [h("span", { class: `side side-${entry.side}` }, entry.side), h("span", { class: "what" }, entry.name)],
    isBad && (response.error ?? "failed"),
    content,
  );
}

function ecotaxaRow(entry) {
  const query = entry.query && Object.keys(entry.query).length ? entry.query : null;
  const content =
    query && (() => h("pre", {}, typeof query === "string" ? query : JSON.stringify(query, null, 2)));
  const isBad = !(entry.status < 400);
  return unfolding(
    entry,
    [h("span", { class: "side" }, entry.method), h("span", { class: "what" }, entry.path)],
    isBad ? String(entry.status ?? "no answer") : null,
    content,
  );
}

const unfolded = new Set();

function unfolding(entry, words, bad, content) {
  const key = `${side} ${entry.seq}`;
  const line = [
    h("time", {}, clock(entry.at)),
    words,
    bad && h("span", { class: "bad" }, bad),
    h("span", { class: "ms" }, `${Math.round(entry.ms ?? 0)} ms`),
  ];
  if (!content) return h("div", { class: "entry" }, line);
  const toggle = (event) => {
    if (event.target.open) unfolded.add(key);
    else unfolded.delete(key);
    draw();
  };
  return h(
    "details",
    { class: "entry", ontoggle: toggle },
    h("summary", {}, line),
    unfolded.has(key) && content(),
  );
}
