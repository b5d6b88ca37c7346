// The guided tour: a small card that points at what to do, and moves on by itself once it was done.
// It is no dialog: everything around it stays usable, and it never takes the focus.

import { h, icon, patch } from "./dom.js";
import { draw, drawWith, page } from "./page.js";
import { STEPS, forgetStarted } from "./steps.js";

const KEPT = "sandbox.tour"; // "over", or the number of the step that one was at
const BESIDE = "(width >= 1001px)"; // where the card has the panel's column to itself
const ARROW = 14; // pixels from the card's edges that its arrow keeps away
const place = document.getElementById("tour");
let at = remembered(); // the step's number; STEPS.length when all is done, -1 when there is no tour
let before = 0; // the step's mark when one came back to it: what was done earlier does not move the tour on
let pointedAt = "";

function remembered() {
  const kept = localStorage.getItem(KEPT);
  if (kept === "over") return -1;
  return Math.min(STEPS.length - 1, Math.max(0, Number(kept) || 0));
}

export function isTouring() {
  return at >= 0;
}

/** Begin anew, or leave. */
export function toggleTour() {
  if (isTouring()) leave();
  else go(0);
}

/** Come to a step because the person wants to, not because the one before was done. */
function go(step) {
  forgetStarted();
  come(step);
  before = STEPS[at]?.mark() ?? 0;
  draw();
}

function come(step) {
  at = step;
  before = 0;
  localStorage.setItem(KEPT, at in STEPS ? String(at) : "over");
}

function leave() {
  const hadFocus = place.contains(document.activeElement);
  go(-1);
  if (hadFocus) document.querySelector("[data-hook=tour]")?.focus();
}

/** Let the tour be drawn from now on, after everything else. */
export function followTour() {
  drawWith(drawTour);
  document.addEventListener("scroll", point, { capture: true, passive: true });
  window.addEventListener("resize", draw);
}

function drawTour() {
  while (page.slack && at in STEPS && STEPS[at].mark() > before) come(at + 1);
  document.body.classList.toggle("touring", isTouring());
  document.body.classList.toggle("tour-beside", isTouring() && isBeside());
  const now = page.slack && at in STEPS ? STEPS[at].now() : null;
  patch(place, isTouring() && page.slack ? [card(now), h("div", { class: "spot", hidden: true })] : []);
  if (now?.target && now.target !== pointedAt) target(now.target)?.scrollIntoView({ block: "nearest" });
  pointedAt = now?.target ?? "";
  point();
}

function isBeside() {
  return page.panel && matchMedia(BESIDE).matches;
}

function card(now) {
  const step = STEPS[at];
  const isOver = !step;
  const title = isOver ? "That is all of it" : step.title;
  const text = isOver
    ? "You linked an account, saw jobs, were told, answered, and have the file. Type /ecotaxa help for the rest."
    : now.text;
  const button = (name, act, kind = "") =>
    h("button", { key: name, type: "button", class: `button ${kind}`, onclick: act }, name);
  return h(
    "section",
    { class: "tour", "aria-labelledby": "tour-name", onkeydown: ({ key }) => key === "Escape" && leave() },
    h(
      "div",
      { class: "tour-head" },
      h("h2", { id: "tour-name" }, "Tour", !isOver && h("span", { class: "dim" }, ` ${at + 1} of ${STEPS.length}`)),
      h(
        "button",
        { type: "button", class: "quiet", "aria-label": "Leave the tour", onclick: leave },
        icon("close"),
      ),
    ),
    h("div", { class: "tour-text", role: "status" }, h("h3", {}, title), h("p", {}, text)),
    h(
      "div",
      { class: "tour-foot" },
      at > 0 && !isOver && button("Back", () => go(at - 1)),
      !isOver && button(before ? "Next" : "Skip", () => go(at + 1)),
      now?.action && button(now.action.name, () => (now.action.act(), draw()), "primary"),
      isOver && button("Close", leave, "primary"),
    ),
  );
}

/** The first element in sight that a selector leads to. */
function target(selector) {
  const all = selector ? [...document.querySelectorAll(selector)] : [];
  return all.find((node) => node.getClientRects().length && getComputedStyle(node).visibility === "visible");
}

/** Put the ring around what is pointed at, and the card with its arrow beside it. */
function point() {
  const [box, ring] = place.children;
  if (!box) return;
  const node = target(pointedAt);
  const edge = node?.getBoundingClientRect();
  const isSeen = edge && node.contains(document.elementFromPoint(edge.x + edge.width / 2, edge.y + edge.height / 2));
  ring.hidden = !isSeen;
  box.classList.toggle("points", Boolean(isSeen));
  if (isSeen)
    Object.assign(ring.style, {
      left: `${edge.x}px`,
      top: `${edge.y}px`,
      width: `${edge.width}px`,
      height: `${edge.height}px`,
    });
  if (!isBeside()) {
    box.removeAttribute("style");
    return;
  }
  const height = box.offsetHeight;
  const middle = isSeen ? edge.y + edge.height / 2 : window.innerHeight;
  const y = Math.max(60, Math.min(middle - height / 2, window.innerHeight - height - 12));
  box.style.top = `${y}px`;
  box.style.setProperty("--arrow", `${Math.max(ARROW, Math.min(middle - y, height - ARROW))}px`);
}
