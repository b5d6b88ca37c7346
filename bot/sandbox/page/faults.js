// The panel's second tab: making either stand-in ail, and healing both.

import { h } from "./dom.js";
import { draw, tell } from "./page.js";
import { ecotaxa, slack } from "./server.js";
import { reason } from "./values.js";

const ECOTAXAS = [
  { name: "Goes down", note: "Connections end without an answer", fault: { down: true } },
  { name: "Becomes slow", note: "Every answer takes 10 seconds", fault: { slow: 10 } },
  {
    name: "Fails",
    note: "Every answer is a 500 with a stack trace",
    fault: { status: 500, body: "stacktrace" },
  },
  { name: "Talks nonsense", note: "Answers are cut in the middle", fault: { truncate: true } },
];
const SLACKS = [
  { name: "Limits rates", note: "429 for whoever calls too often", fault: { rate_limits: true } },
  { name: "Drops the socket", note: "Once; the bot has to come back", fault: { drop_sockets: true } },
  { name: "Goes deaf", note: "The socket stays, nothing comes through", fault: { deaf_sockets: true } },
  { name: "Vanishes", note: "The socket stays, not even a ping comes back", fault: { half_open_sockets: true } },
  { name: "Repeats itself", note: "Every delivery comes twice", fault: { repeat_deliveries: true } },
  {
    name: "Fails to post",
    note: "The next chat.postMessage is an internal_error",
    fault: { api: { "chat.postMessage": { mode: "error", error: "internal_error", times: 1 } } },
  },
];

const inForce = { slack: null, ecotaxa: null };

export function faultsTab() {
  return [
    inForceBox(),
    h("h3", {}, "EcoTaxa…"),
    h(
      "div",
      { class: "faults" },
      ECOTAXAS.map((one) => faultButton("ecotaxa", one)),
    ),
    h("h3", {}, "Slack…"),
    h(
      "div",
      { class: "faults" },
      SLACKS.map((one) => faultButton("slack", one)),
    ),
  ];
}

function faultButton(side, { name, note, fault }) {
  const whose = side === "slack" ? "Slack" : "EcoTaxa";
  return h(
    "button",
    {
      type: "button",
      class: "fault",
      "data-fault": Object.keys(fault)[0],
      "aria-label": `${whose} ${name.toLowerCase()}: ${note}`,
      onclick: () => breakIt(side, fault, `${whose} ${name.toLowerCase()}.`),
    },
    h("strong", {}, name),
    h("span", {}, note),
  );
}

/** Ask both what is in force: others may have broken something, and some faults use themselves up. */
export async function lookAtFaults() {
  const [one, state] = await Promise.all([slack.send("break", {}), ecotaxa.state().catch(() => ({}))]);
  remember("slack", one);
  remember("ecotaxa", { faults: state.faults });
}

async function breakIt(side, fault, words) {
  const answer = await (side === "slack" ? slack : ecotaxa).send("break", fault);
  tell(answer.ok ? words : reason(answer.error));
  remember(side, answer);
}

async function heal() {
  const [one, other] = await Promise.all([
    slack.send("break", { heal: true }),
    ecotaxa.send("break", { heal: true }),
  ]);
  tell(one.ok && other.ok ? "Both are well again." : reason(one.error ?? other.error));
  remember("slack", one);
  remember("ecotaxa", other);
}

function remember(side, { ok, error, ...told }) {
  inForce[side] = side === "ecotaxa" ? told.faults : told;
  draw();
}

/** What both say is in force, in their own words. */
function inForceBox() {
  const lines = Object.entries(inForce).flatMap(([side, faults]) =>
    named(faults).map((text) => h("li", {}, `${side === "slack" ? "Slack" : "EcoTaxa"}: ${text}`)),
  );
  const heals = h(
    "button",
    { type: "button", class: "button primary wide", "data-hook": "heal", onclick: heal },
    "Heal everything",
  );
  const content = lines.length ? [h("ul", {}, lines), heals] : [h("p", {}, "Nothing is broken."), heals];
  return h("div", { class: lines.length ? "in-force broken" : "in-force", role: "status" }, content);
}

/** EcoTaxa tells a list of faults; Slack one object, which names those that are off too. */
function named(faults) {
  if (Array.isArray(faults)) return faults.map((fault) => named(fault).join(", "));
  const isOn = ([name, value]) => name !== "repeat" && value && JSON.stringify(value) !== "{}";
  const inWords = ([name, value]) =>
    (value === true ? name : `${name} ${JSON.stringify(value)}`).replaceAll("_", " ");
  return Object.entries(faults ?? {})
    .filter(isOn)
    .map(inWords);
}
