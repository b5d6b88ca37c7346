// The sandbox's page: who acts, keeping up with both stand-ins, and drawing it all.

import { channelName, conversation, currentChannel, sidebar } from "./chat.js";
import { chooseByArrows, h, icon, patch } from "./dom.js";
import { authorOf, avatar } from "./message.js";
import { dialogs } from "./modal.js";
import { draw, drawWith, page, tell, untell } from "./page.js";
import { isPanelShown, panel } from "./panel.js";
import { cast, ecotaxa, oneAtATime, slack } from "./server.js";
import { followTour, isTouring, toggleTour } from "./tour.js";
import { forgetAllBut } from "./values.js";

const FIRST_PERSON = "U0ELENA";
const AT_BOTTOM = 80; // pixels that count as being at the newest message
const ECOTAXA_PAUSE = 300; // milliseconds between two looks at all its jobs
const root = document.getElementById("page");
const announcer = document.getElementById("announcer");
const heard = new Map(); // per person: the ids of the messages that were there already
const toasted = new Set();
let stopListening = () => {};

function actAs(id) {
  if (id === page.me) return;
  Object.assign(page, {
    me: id,
    slack: null,
    channel: "",
    tab: "messages",
    thread: null,
    confirm: null,
    drawer: false,
    follow: true,
  });
  stopListening();
  const keepUp = oneAtATime(() => refresh(id));
  stopListening = slack.listen(id, keepUp, lost);
  keepUp();
  draw();
}

async function refresh(id) {
  let state;
  try {
    state = await slack.state(id);
  } catch {
    lost();
    return;
  }
  if (id !== page.me) return;
  const isFirst = !page.slack;
  page.slack = state;
  page.offline = false;
  if (!currentChannel())
    page.channel = (state.channels.find((channel) => channel.kind === "im") ?? state.channels[0])?.id ?? "";
  forgetAllBut(state.home ? [...state.views, state.home] : state.views);
  announce(state, isFirst);
  for (const toast of state.toasts) {
    if (!isFirst && !toasted.has(toast.id)) tell(toast.text, { id: `slack-${toast.id}` });
    toasted.add(toast.id);
  }
  draw();
}

function lost() {
  page.offline = true;
  draw();
}

/** Say what others wrote since the last state, for those who listen instead of looking. */
function announce(state, isFirst) {
  const known = heard.get(state.me) ?? new Set();
  const news = [];
  for (const channel of state.channels) {
    for (const message of state.messages[channel.id] ?? []) {
      if (!known.has(message.id) && message.user !== state.me) news.push([channel, message]);
      known.add(message.id);
    }
  }
  heard.set(state.me, known);
  if (isFirst || !news.length) return;
  page.spoken = news
    .map(([channel, message]) => `${authorOf(message)} in ${channelName(channel)}: ${message.text}`)
    .join(". ");
}

function markRead() {
  const channel = page.slack && currentChannel();
  if (channel?.unread && page.tab === "messages" && document.visibilityState === "visible") {
    channel.unread = 0;
    slack.send("read", { as: page.me, channel: channel.id });
  }
}

function peopleSwitch() {
  const people = page.slack?.people ?? [];
  const one = ({ id, real_name: name }) => {
    const role = page.cast[id];
    return h(
      "button",
      {
        key: id,
        type: "button",
        role: "radio",
        "data-person": id,
        "aria-checked": String(id === page.me),
        "aria-label": role ? `${name}, ${role}` : name,
        title: role ? `${name}, ${role}` : name,
        tabindex: id === page.me ? "0" : "-1",
        onclick: () => (location.hash = id),
      },
      avatar(id, name),
      h("span", { class: "first-name" }, name.split(" ")[0], role && h("small", {}, role)),
    );
  };
  return h(
    "div",
    { class: "people", role: "radiogroup", "aria-label": "You act as", onkeydown: chooseByArrows },
    people.map(one),
  );
}

function topBar() {
  return h(
    "header",
    { class: "top" },
    h(
      "h1",
      { class: "brand" },
      icon("plankton"),
      h("span", {}, "EcoTaxa bot"),
      h("span", { class: "badge" }, "SANDBOX"),
    ),
    h("span", { class: "acting", id: "acting" }, "You act as"),
    peopleSwitch(),
    h(
      "button",
      {
        type: "button",
        class: "top-button",
        "data-hook": "tour",
        "aria-pressed": String(isTouring()),
        onclick: toggleTour,
      },
      icon("tour"),
      "Tour",
    ),
    h(
      "button",
      {
        type: "button",
        class: "top-button not-phone",
        "aria-controls": isPanelShown() ? "ecotaxa" : null,
        "aria-expanded": String(page.panel),
        onclick: () => ((page.panel = !page.panel), draw()),
      },
      icon("panel"),
      "EcoTaxa",
    ),
  );
}

function phoneTabs() {
  const unread = page.slack?.channels.some((channel) => channel.unread && channel.id !== page.channel);
  const go = (place, name, drawing) =>
    h(
      "button",
      {
        type: "button",
        "aria-current": page.place === place ? "page" : null,
        onclick: () => (Object.assign(page, { place, drawer: false }), draw()),
      },
      icon(drawing),
      name,
      place === "chat" && unread && h("span", { class: "dot", role: "img", "aria-label": "unread" }),
    );
  return h(
    "nav",
    { class: "phone-tabs", "aria-label": "Parts of the page" },
    go("chat", "Chat", "chat"),
    go("ecotaxa", "EcoTaxa", "plankton"),
  );
}

function notes() {
  const note = ({ id, text }) =>
    h(
      "div",
      { key: id, class: "note", "data-toast-id": id },
      h("p", {}, text),
      h(
        "button",
        { type: "button", class: "quiet", "aria-label": "Dismiss", onclick: () => untell(id) },
        icon("close"),
      ),
    );
  return h(
    "div",
    { class: "notes", role: "log", "aria-live": "assertive", "aria-label": "Notices" },
    page.notes.map(note),
  );
}

function chatWindow() {
  const open = page.slack ? dialogs() : [];
  const closeDrawer = () => ((page.drawer = false), draw());
  return h(
    "div",
    { class: "slack", key: "slack" },
    page.offline && h("p", { class: "offline", role: "alert" }, "The sandbox does not answer; trying again…"),
    h(
      "div",
      { class: "slack-inner", inert: open.length > 0 },
      page.slack
        ? [
            sidebar(),
            page.drawer && h("div", { key: "shade", class: "shade", onclick: closeDrawer }),
            conversation(),
          ]
        : h("p", { class: "loading" }, "Opening the workspace…"),
    ),
    open,
  );
}

drawWith(() => {
  const list = document.querySelector(".messages");
  const atBottom = !list || list.scrollHeight - list.scrollTop - list.clientHeight < AT_BOTTOM;
  const wasAt = page.follow || atBottom;
  page.follow = false;
  markRead();
  watchEcotaxa();
  root.className = `${isPanelShown() ? "with-panel" : "without-panel"} place-${page.place}`;
  patch(root, [topBar(), chatWindow(), panel(), phoneTabs(), notes()].filter(Boolean));
  const now = document.querySelector(".messages");
  if (now && (wasAt || now !== list)) now.scrollTop = now.scrollHeight;
  if (announcer.textContent !== page.spoken) announcer.textContent = page.spoken;
  const unread = page.slack?.channels.reduce((sum, channel) => sum + channel.unread, 0) ?? 0;
  document.title = `${unread ? `(${unread}) ` : ""}EcoTaxa bot – sandbox`;
});

const keepUpWithEcotaxa = oneAtATime(async () => {
  try {
    page.ecotaxa = await ecotaxa.state();
    draw();
  } catch {
    // Told by the chat's own listener; the stream connects again by itself and comes back here.
  }
  await new Promise((done) => setTimeout(done, ECOTAXA_PAUSE));
});

let stopWatching = null;

/** EcoTaxa is watched only while its panel is seen: a browser has few connections for all its tabs. */
function watchEcotaxa() {
  const isSeen = isPanelShown() && document.visibilityState === "visible";
  if (isSeen === Boolean(stopWatching)) return;
  stopWatching?.();
  stopWatching = isSeen ? ecotaxa.listen(keepUpWithEcotaxa) : null;
}

followTour();
cast().then((told) => ((page.cast = told), draw()), lost);
window.addEventListener("hashchange", () => actAs(location.hash.slice(1) || FIRST_PERSON));
document.addEventListener("visibilitychange", draw);
actAs(location.hash.slice(1) || FIRST_PERSON);
