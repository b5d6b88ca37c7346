// The side panel: EcoTaxa as its users would see it, and what one can do to both stand-ins.

import { faultsTab, lookAtFaults } from "./faults.js";
import { chooseByArrows, h, icon } from "./dom.js";
import { jobsTab, waitingForEcotaxa } from "./jobs.js";
import { draw, page } from "./page.js";
import { trafficTab, watchTraffic } from "./traffic.js";

const TABS = [
  { id: "jobs", name: "Jobs", content: () => (page.ecotaxa ? jobsTab() : waitingForEcotaxa()) },
  { id: "faults", name: "Faults", content: faultsTab },
  { id: "traffic", name: "Traffic", content: trafficTab },
];
let shown = "jobs";

export function isPanelShown() {
  return page.panel || page.place === "ecotaxa";
}

export function panel() {
  const isShown = isPanelShown();
  watchTraffic(isShown && shown === "traffic");
  if (!isShown) return null;
  const current = TABS.find((tab) => tab.id === shown);
  return h(
    "aside",
    { class: "panel", id: "ecotaxa", "aria-label": "EcoTaxa" },
    h(
      "header",
      { class: "panel-head" },
      h("h2", {}, icon("plankton"), "EcoTaxa"),
      h(
        "button",
        {
          type: "button",
          class: "quiet not-phone",
          "aria-label": "Hide EcoTaxa",
          onclick: () => ((page.panel = false), draw()),
        },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": "EcoTaxa", onkeydown: chooseByArrows },
      TABS.map(tabButton),
    ),
    h(
      "div",
      {
        key: shown,
        class: "panel-body",
        role: "tabpanel",
        id: `ecotaxa-${shown}`,
        "aria-labelledby": `ecotaxa-tab-${shown}`,
        tabindex: "0",
      },
      current.content(),
    ),
  );
}

function tabButton({ id, name }) {
  const isShown = id === shown;
  const props = {
    type: "button",
    role: "tab",
    id: `ecotaxa-tab-${id}`,
    tabindex: isShown ? "0" : "-1",
    "aria-selected": String(isShown),
    "aria-controls": isShown ? `ecotaxa-${id}` : null,
    onclick: () => show(id),
  };
  return h("button", props, name);
}

function show(id) {
  shown = id;
  if (id === "faults") lookAtFaults();
  draw();
}
