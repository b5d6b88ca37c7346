// Modals (a stack of which the top one shows) and confirmation dialogs.

import { blocks } from "./blocks.js";
import { focusable, h, icon, keepFocusInside } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { draw, page } from "./page.js";
import { slack } from "./server.js";
import { reason, surface, valuesOf } from "./values.js";

let submitting = null; // the id of the view that is on its way
let refused = null; // {id, hash, errors, general}: what the last submission was answered
let openedFrom = null; // where the focus was before the first modal
let hashSeen = "";

/** The dialogs of the person acted as, topmost last; empty when there is none. */
export function dialogs() {
  const view = page.slack?.views.at(-1);
  moveFocus(view);
  return [view && modal(view), page.confirm && confirmation(page.confirm)].filter(Boolean);
}

/** Remember where the focus came from, give it back, and put it somewhere useful when a view is replaced. */
function moveFocus(view) {
  const seen = view ? `${view.id} ${view.hash}` : "";
  if (seen === hashSeen) return;
  if (!hashSeen) openedFrom = document.activeElement;
  hashSeen = seen;
  setTimeout(() => {
    if (!view) giveFocusBack();
    else if (!document.activeElement?.closest("[data-view-id] .modal-body"))
      focusFirst(document.querySelector(".modal[data-view-id]"));
  });
}

function giveFocusBack() {
  const target =
    openedFrom?.isConnected && openedFrom !== document.body
      ? openedFrom
      : document.querySelector(".composer textarea");
  target?.focus();
}

function focusFirst(dialog) {
  if (!dialog) return;
  const body = dialog.querySelector(".modal-body");
  const field =
    body.querySelector("[data-first]") ??
    focusable(body).find((node) => node.matches("input, textarea, select")) ??
    dialog.querySelector("h2");
  field.focus();
}

function modal(view) {
  const problem =
    refused?.id === view.id && refused.hash === view.hash ? refused : { errors: {}, general: "" };
  const errors = { ...view.errors, ...problem.errors };
  const lost = Object.entries(errors).filter(
    ([id]) => !view.blocks.some((block) => block.block_id === id && block.type === "input"),
  );
  const general = [problem.general, ...lost.map(([, text]) => text)].filter(Boolean);
  const form = h(
    "form",
    { novalidate: true, "aria-labelledby": "modal-title", onsubmit: (event) => submit(event, view) },
    heading(view),
    h(
      "div",
      { class: "modal-body", tabindex: "-1" },
      general.map((text) => h("p", { class: "modal-error", role: "alert" }, icon("warning"), text)),
      blocks(surface("view", view), view.blocks, errors),
    ),
    footing(view),
  );
  const dialog = h(
    "div",
    {
      key: view.id,
      class: "modal",
      role: "dialog",
      "aria-modal": "true",
      "aria-labelledby": "modal-title",
      "data-view-id": view.id,
      "data-view-hash": view.hash,
      "data-callback-id": view.callback_id,
      onkeydown: (event) => keys(event, view),
    },
    form,
  );
  return h("div", { key: `scrim ${view.id}`, class: "scrim" }, dialog);
}

function heading(view) {
  const under = page.slack.views.length - 1;
  return h(
    "div",
    { class: "modal-head" },
    under > 0 &&
      h(
        "button",
        { type: "button", class: "quiet", "aria-label": "Back", onclick: () => close(view) },
        icon("back"),
      ),
    h("h2", { id: "modal-title", tabindex: "-1" }, plain(view.title)),
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": "Close",
        "data-hook": "modal-close",
        onclick: () => close(view, true),
      },
      icon("close"),
    ),
  );
}

function footing(view) {
  const busy = submitting === view.id;
  return h(
    "div",
    { class: "modal-foot" },
    h(
      "button",
      { type: "button", class: "button", "data-hook": "modal-cancel", onclick: () => close(view) },
      plain(view.close) || (view.submit ? "Cancel" : "Close"),
    ),
    view.submit &&
      h(
        "button",
        {
          type: "submit",
          class: "button primary",
          "data-hook": "modal-submit",
          "aria-busy": busy ? "true" : null,
          "aria-disabled": busy ? "true" : null,
        },
        plain(view.submit),
      ),
  );
}

function keys(event, view) {
  if (event.key === "Escape") {
    event.preventDefault();
    close(view);
  } else keepFocusInside(event, event.currentTarget);
}

async function submit(event, view) {
  event.preventDefault();
  if (submitting || !view.submit) return;
  submitting = view.id;
  refused = null;
  draw();
  const answer = await slack.send("submit", { as: page.me, view_id: view.id, values: valuesOf(view) });
  submitting = null;
  if (!answer.ok) {
    const hash = page.slack.views.find((one) => one.id === view.id)?.hash;
    refused = {
      id: view.id,
      hash,
      errors: answer.errors ?? {},
      general: answer.errors ? "" : reason(answer.error),
    };
    setTimeout(() => document.querySelector(".modal [aria-invalid]")?.focus());
  }
  draw();
}

async function close(view, all = false) {
  const answer = await slack.send("close", { as: page.me, view_id: view.id, all });
  if (!answer.ok) {
    refused = { id: view.id, hash: view.hash, errors: {}, general: reason(answer.error) };
    draw();
  }
}

function confirmation(confirm) {
  const answer = (agreed) => () => confirm.settle(agreed);
  const handle = (event) => {
    if (event.key === "Escape") confirm.settle(false);
    else keepFocusInside(event, event.currentTarget);
    event.stopPropagation();
  };
  const style = confirm.style === "danger" ? "danger" : "primary";
  const focus = (node) => node.querySelector(".modal-foot button").focus();
  return h(
    "div",
    { key: "confirm", class: "scrim", mount: focus },
    h(
      "div",
      {
        class: "modal small",
        role: "alertdialog",
        "aria-modal": "true",
        "aria-labelledby": "confirm-title",
        "aria-describedby": "confirm-text",
        onkeydown: handle,
      },
      h("div", { class: "modal-head" }, h("h2", { id: "confirm-title" }, plain(confirm.title))),
      h("div", { class: "modal-body", id: "confirm-text" }, textObject(confirm.text)),
      h(
        "div",
        { class: "modal-foot" },
        h(
          "button",
          { type: "button", class: "button", "data-hook": "confirm-no", onclick: answer(false) },
          plain(confirm.deny) || "Cancel",
        ),
        h(
          "button",
          { type: "button", class: `button ${style}`, "data-hook": "confirm-yes", onclick: answer(true) },
          plain(confirm.confirm) || "Yes",
        ),
      ),
    ),
  );
}
