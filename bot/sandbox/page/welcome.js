// A card for the first visit: what one can try, each step one press away.

import { compose } from "./composer.js";
import { h, icon } from "./dom.js";
import { startJob } from "./jobs.js";
import { draw, myEmail } from "./page.js";

const SEEN = "sandbox.welcome.seen";
let isOpen = !localStorage.getItem(SEEN);

export function isWelcomeOpen() {
  return isOpen;
}

export function showWelcome(open) {
  isOpen = open;
  if (open) localStorage.removeItem(SEEN);
  else localStorage.setItem(SEEN, "yes");
  draw();
}

export function welcome() {
  if (!isOpen) return null;
  const type = (text) =>
    h("button", { type: "button", class: "step", onclick: () => compose(text) }, h("code", {}, text));
  const start = (kind, text) =>
    h("button", { type: "button", class: "step", onclick: () => startJob(kind) }, text);
  return h(
    "section",
    { key: "welcome", class: "welcome", "aria-labelledby": "welcome-title" },
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": "Dismiss what to try",
        onclick: () => showWelcome(false),
      },
      icon("close"),
    ),
    h("h3", { id: "welcome-title" }, "What to try"),
    h("p", {}, "A Slack and an EcoTaxa of your own: nothing here leaves this computer."),
    h(
      "ol",
      {},
      h(
        "li",
        {},
        "Link your account: ",
        type("/ecotaxa link"),
        h(
          "span",
          { class: "dim" },
          " as ",
          h("code", {}, myEmail()),
          " with the password ",
          h("code", {}, "plankton"),
        ),
      ),
      h("li", {}, "See your jobs: ", type("/ecotaxa jobs")),
      h(
        "li",
        {},
        start("long-export", "Start an export"),
        " and watch it move; a message comes when it is done",
      ),
      h("li", {}, start("ask", "Start an import that asks"), " and answer its question right here"),
    ),
  );
}
