// The panel's first tab: EcoTaxa's jobs, and starting one of each kind.

import { h, icon } from "./dom.js";
import { BRIEFLY, draw, me, myEmail, page, tell } from "./page.js";
import { ecotaxa } from "./server.js";
import { reason } from "./values.js";

const STATES = { P: "pending", R: "running", A: "asking", E: "failed", F: "finished" };
const SHOWN = 40;
const SPEEDS = [1, 2, 5, 20];
const USUAL = ["export", "long-export", "import", "ask", "bad-import"];
let everyone = false;
const starting = new Set();

/** Start a job of a kind for the person acted as. */
export async function startJob(kind) {
  if (starting.has(kind)) return;
  starting.add(kind);
  draw();
  const answer = await ecotaxa.send("start", { as: myEmail(), kind });
  starting.delete(kind);
  if (answer.ok) tell(`Job ${answer.job_id} is on its way.`, { time: BRIEFLY });
  else tell(reason(answer.error));
}

async function setSpeed(speed) {
  const answer = await ecotaxa.send("speed", { speed });
  if (answer.ok) page.ecotaxa.speed = answer.speed;
  else tell(reason(answer.error));
  draw();
}

export function jobsTab() {
  const { kinds, speed } = page.ecotaxa;
  const kindButton = ({ kind, label }) =>
    h(
      "button",
      {
        key: kind,
        type: "button",
        class: "kind",
        "data-kind": kind,
        "aria-busy": starting.has(kind) ? "true" : null,
        title: label,
        onclick: () => startJob(kind),
      },
      label ?? kind,
    );
  const speedButton = (x) =>
    h(
      "button",
      {
        type: "button",
        class: "choice-button",
        "aria-pressed": String(x === speed),
        "aria-label": `Speed ${x}`,
        onclick: () => setSpeed(x),
      },
      `${x}×`,
    );
  return [
    h("h3", {}, `Start a job as ${me()?.real_name ?? "…"}`),
    h("div", { class: "kinds" }, kinds.filter(({ kind }) => USUAL.includes(kind)).map(kindButton)),
    h(
      "details",
      { class: "more-kinds" },
      h("summary", {}, "More kinds"),
      h("div", { class: "kinds" }, kinds.filter(({ kind }) => !USUAL.includes(kind)).map(kindButton)),
    ),
    h(
      "div",
      { class: "row" },
      h("h3", { id: "speed-label" }, "Speed"),
      h(
        "div",
        { class: "choice-buttons", role: "group", "aria-labelledby": "speed-label" },
        SPEEDS.map(speedButton),
        !SPEEDS.includes(speed) && h("span", { class: "dim" }, `${speed}×`),
      ),
    ),
    jobList(),
  ];
}

function jobList() {
  const { jobs, users } = page.ecotaxa;
  const mine = users.find((user) => user.email === myEmail())?.id;
  const wanted = everyone ? jobs : jobs.filter((job) => job.owner_id === mine);
  const pick = (all, name) =>
    h(
      "button",
      {
        type: "button",
        class: "choice-button",
        "aria-pressed": String(everyone === all),
        onclick: () => ((everyone = all), draw()),
      },
      name,
    );
  const more = wanted.length > SHOWN && h("p", { class: "dim" }, `and ${wanted.length - SHOWN} older ones`);
  return [
    h(
      "div",
      { class: "row" },
      h("h3", {}, "Jobs"),
      h(
        "div",
        { class: "choice-buttons", role: "group", "aria-label": "Whose jobs" },
        pick(false, "Mine"),
        pick(true, "Everybody’s"),
      ),
    ),
    !wanted.length && h("p", { class: "dim" }, "None yet."),
    h(
      "ol",
      { class: "jobs", role: "list" },
      wanted.slice(0, SHOWN).map((job) => jobRow(job, users)),
    ),
    more,
  ];
}

function jobRow(job, users) {
  const state = STATES[job.state] ?? "unknown";
  const owner = users.find((user) => user.id === job.owner_id)?.name;
  const moving = job.state === "R" || job.state === "P";
  const done = Math.max(0, Math.min(100, Number(job.progress_pct) || 0));
  return h(
    "li",
    { key: String(job.id), class: "job", "data-job-id": job.id, "data-job-state": job.state },
    h(
      "div",
      { class: "job-head" },
      h("a", { href: `/ecotaxa/gui/job/show/${job.id}`, target: "_blank" }, `#${job.id}`),
      h("span", { class: "job-type" }, inWords(job.type)),
      h("span", { class: `state state-${state}` }, state),
    ),
    moving && h("progress", { max: "100", value: String(done), "aria-label": `Job ${job.id}` }),
    h(
      "div",
      { class: "job-note" },
      everyone && owner && `${owner} · `,
      (job.progress_msg ?? "").slice(0, 140),
    ),
  );
}

function inWords(type) {
  const words = String(type ?? "job").replace(
    /([a-z])([A-Z])/g,
    (_, end, start) => `${end} ${start.toLowerCase()}`,
  );
  return words;
}

/** What stands there until EcoTaxa's state has come. */
export function waitingForEcotaxa() {
  return h("p", { class: "dim" }, icon("clock"), " Waiting for EcoTaxa…");
}
