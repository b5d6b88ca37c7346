// The chat itself: the sidebar, the conversation, its messages, the app's Home.

import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { dayName } from "./dates.js";
import { chooseByArrows, h, icon } from "./dom.js";
import { menu } from "./menu.js";
import { messageNode } from "./message.js";
import { draw, me, page, tell, viewerZone } from "./page.js";
import { slack } from "./server.js";
import { reason, surface } from "./values.js";

const LANGUAGES = { "en-US": "English", "fr-FR": "Français", "pt-BR": "Português", "zh-CN": "中文" };
const SAME_BREATH = 300; // seconds within which one author's messages stand under one name

export function channelName(channel) {
  return channel.kind === "im" ? page.slack.bot.name : channel.name;
}

export function currentChannel() {
  return page.slack.channels.find((channel) => channel.id === page.channel);
}

export function sidebar() {
  const { channels, team } = page.slack;
  const group = (title, kind) => [
    h("h3", {}, title),
    h("ul", {}, channels.filter((channel) => channel.kind === kind).map(sidebarRow)),
  ];
  return h(
    "nav",
    { class: page.drawer ? "sidebar drawn" : "sidebar", id: "sidebar", "aria-label": "Conversations" },
    h("h2", { class: "team" }, team.name),
    group("Channels", "channel"),
    group("Apps", "im"),
    language(),
  );
}

/** In which language the person acted as uses Slack; the page itself speaks English. */
function language() {
  const locale = me().locale;
  const name = LANGUAGES[locale] ?? locale;
  const choose = async (value) => {
    const answer = await slack.send("settle", { as: page.me, locale: value });
    if (!answer.ok) tell(reason(answer.error));
  };
  return menu({
    key: "language",
    button: { class: "language", "aria-label": `Language in Slack: ${name}` },
    content: [icon("globe"), h("span", { class: "name" }, name), icon("chevron")],
    items: Object.entries(LANGUAGES).map(([value, text]) => ({ text, value, pick: () => choose(value) })),
  });
}

function sidebarRow(channel) {
  const isHere = channel.id === page.channel;
  const name = channelName(channel);
  const props = {
    type: "button",
    "data-channel-id": channel.id,
    class: channel.unread && !isHere ? "unread" : null,
    "aria-current": isHere ? "page" : null,
    "aria-label": channel.unread && !isHere ? `${name}, ${channel.unread} unread` : name,
    onclick: () => enter(channel.id),
  };
  const count = channel.unread > 0 && !isHere && h("span", { class: "count" }, String(channel.unread));
  return h(
    "li",
    { key: channel.id },
    h(
      "button",
      props,
      icon(channel.kind === "im" ? "plankton" : "hash"),
      h("span", { class: "name" }, name),
      count,
    ),
  );
}

/** Show a conversation. */
export function enter(id, tab = "messages") {
  Object.assign(page, { channel: id, tab, thread: null, drawer: false, follow: true, place: "chat" });
  if (tab === "home") slack.send("open_home", { as: page.me });
  draw();
}

export function conversation() {
  const channel = currentChannel();
  if (!channel) return h("main", { class: "conversation" });
  const name = channelName(channel);
  const isHome = page.tab === "home";
  return h(
    "main",
    { key: `${page.me} ${channel.id}`, class: "conversation", "aria-label": name },
    h(
      "header",
      { class: "conversation-head" },
      h(
        "button",
        {
          type: "button",
          class: "quiet for-phone",
          "aria-label": "Conversations",
          "aria-expanded": String(page.drawer),
          "aria-controls": "sidebar",
          onclick: () => ((page.drawer = !page.drawer), draw()),
        },
        icon("menu"),
      ),
      h(
        "h2",
        {},
        icon(channel.kind === "im" ? "plankton" : "hash"),
        name,
        channel.kind === "im" && h("span", { class: "badge" }, "APP"),
      ),
      channel.kind === "im" && tabs(channel),
    ),
    isHome ? home() : messageList(channel, name),
    !isHome &&
      (channel.archived
        ? h("p", { class: "archived" }, `#${name} is archived: nobody can write here.`)
        : composer(channel.kind === "im" ? name : `#${name}`)),
  );
}

function tabs(channel) {
  const tab = (id, name) => {
    const isShown = page.tab === id;
    const props = {
      type: "button",
      role: "tab",
      id: `tab-${id}`,
      tabindex: isShown ? "0" : "-1",
      "aria-selected": String(isShown),
      "aria-controls": isShown ? `panel-${id}` : null,
      onclick: () => enter(channel.id, id),
    };
    return h("button", props, name);
  };
  const all = [tab("messages", "Messages"), tab("home", "Home")];
  return h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": "Parts of the app", onkeydown: chooseByArrows },
    all,
  );
}

function home() {
  const view = page.slack.home;
  const content = view
    ? blocks(surface("view", view), view.blocks)
    : h("p", { class: "dim" }, "The app has not drawn its Home yet.");
  return h(
    "section",
    {
      id: "panel-home",
      class: "home",
      role: "tabpanel",
      "aria-labelledby": "tab-home",
      "data-view-id": view?.id ?? null,
    },
    h("div", { class: "sheet" }, content),
  );
}

function messageList(channel, name) {
  const all = page.slack.messages[channel.id] ?? [];
  const zone = viewerZone();
  const tops = all.filter((message) => !isReply(message, all));
  const rows = [];
  tops.forEach((message, at) => {
    const before = tops[at - 1];
    const day = dayName(message.ts, zone);
    const isNewDay = !before || dayName(before.ts, zone) !== day;
    if (isNewDay)
      rows.push(
        h("li", { key: `day ${day} ${rows.length && message.id}`, class: "day" }, h("span", {}, day)),
      );
    const replies = all.filter((reply) => reply.thread_ts === message.ts && reply !== message);
    const goesOn = !isNewDay && !replies.length && !message.ephemeral && sameBreath(before, message, all);
    rows.push(
      h(
        "li",
        { key: message.id },
        messageNode(message, goesOn),
        replies.length > 0 && thread(message, replies),
      ),
    );
  });
  const empty = !all.length && h("li", { key: "empty", class: "empty" }, emptyText(channel, name));
  return h(
    "div",
    {
      id: "panel-messages",
      class: "messages",
      tabindex: "0",
      role: channel.kind === "im" ? "tabpanel" : "region",
      "aria-label": `Messages in ${name}`,
    },
    h("div", { class: "messages-inner" }, h("ol", { role: "list" }, empty, rows)),
  );
}

function emptyText(channel, name) {
  if (channel.kind !== "im") return `This is the beginning of #${name}.`;
  return [
    "This is where ",
    h("strong", {}, name),
    " and you talk. Type ",
    h("code", {}, page.slack.commands?.[0]?.command ?? "/"),
    " to begin.",
  ];
}

function isReply(message, all) {
  return (
    Boolean(message.thread_ts) &&
    message.thread_ts !== message.ts &&
    all.some((one) => one.ts === message.thread_ts)
  );
}

function sameBreath(before, message, all) {
  const threaded = all.some((reply) => reply.thread_ts === before.ts && reply !== before);
  return (
    before.user === message.user && !before.ephemeral && !threaded && message.ts - before.ts < SAME_BREATH
  );
}

function thread(parent, replies) {
  const count = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
  return h(
    "details",
    { class: "thread", mount: (node) => (node.open = true) },
    h("summary", {}, count),
    h(
      "ol",
      { role: "list", "aria-label": "Thread" },
      replies.map((reply) => h("li", { key: reply.id }, messageNode(reply, false))),
    ),
  );
}
