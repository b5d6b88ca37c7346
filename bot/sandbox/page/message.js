// One message: who said it, its blocks, files and cards, and what one can do with it.

import { blocks } from "./blocks.js";
import { clockTime } from "./dates.js";
import { h, icon } from "./dom.js";
import { menu } from "./menu.js";
import { emojiNode, mrkdwn, textObject } from "./mrkdwn.js";
import { draw, page, person, viewerZone } from "./page.js";
import { runShortcut, shortcuts } from "./shortcuts.js";
import { surface } from "./values.js";

/** The name that a message stands under. */
export function authorOf(message) {
  return person(message.user)?.real_name ?? message.username ?? message.user;
}

export function avatar(id, name) {
  if (id === page.slack?.bot.id)
    return h("span", { class: "avatar bot", "aria-hidden": "true" }, icon("plankton"));
  const initials = name
    .split(" ")
    .map((word) => word[0])
    .slice(0, 2)
    .join("");
  const hue = (page.slack?.people.findIndex((one) => one.id === id) ?? 0) % 5;
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, initials);
}

/** Draw a message; one that `goesOn` stands under the name of the one before it. */
export function messageNode(message, goesOn) {
  const author = authorOf(message);
  const isBot = message.user === page.slack.bot.id;
  const time = clockTime(message.ts, viewerZone());
  const stamp = h("time", { datetime: new Date(message.ts * 1000).toISOString() }, time);
  const classes = ["message", goesOn && "goes-on", message.ephemeral && "ephemeral"]
    .filter(Boolean)
    .join(" ");
  return h(
    "article",
    {
      class: classes,
      "data-message-id": message.id,
      "data-message-ts": message.ts,
      "data-ephemeral": message.ephemeral ? "" : null,
      "aria-label": `${author}, ${time}`,
    },
    message.ephemeral && h("p", { class: "only-you" }, icon("eye"), "Only visible to you"),
    goesOn ? h("span", { class: "margin-time" }, stamp) : avatar(message.user, author),
    h(
      "div",
      { class: "message-content" },
      !goesOn &&
        h(
          "div",
          { class: "message-head" },
          h("strong", { class: "author" }, author),
          isBot && h("span", { class: "badge" }, "APP"),
          stamp,
        ),
      body(message),
      (message.files ?? []).map(file),
      (message.attachments ?? []).map((one) => attachment(message, one)),
      message.reactions?.length > 0 && reactions(message),
      message.edited && h("span", { class: "edited" }, "(edited)"),
    ),
    !message.ephemeral && tools(message, `${author}, ${time}`, !goesOn && !message.thread_ts),
  );
}

function body(message) {
  if (message.blocks?.length) return blocks(surface("message", message), message.blocks);
  return message.text && h("div", { class: "block" }, mrkdwn(message.text));
}

function reactions(message) {
  const one = ({ name, count }) => h("span", {}, emojiNode(name), ` ${count ?? ""}`);
  return h("p", { class: "reactions" }, message.reactions.map(one));
}

function tools(message, name, canReply) {
  const own = shortcuts("message");
  return h(
    "div",
    { class: "tools" },
    canReply &&
      h(
        "button",
        {
          type: "button",
          class: "quiet reply",
          "aria-label": `Reply to ${name}`,
          title: "Reply in thread",
          onclick: () => reply(message),
        },
        icon("reply"),
      ),
    own.length > 0 &&
      menu({
        key: `tools ${message.id}`,
        button: { class: "quiet", "aria-label": `More actions for ${name}`, title: "More actions" },
        content: icon("more"),
        items: own.map((one) => ({
          text: one.name,
          description: one.description,
          pick: () => runShortcut(one, message),
        })),
      }),
  );
}

function reply(message) {
  page.thread = message.ts;
  draw();
  queueMicrotask(() => document.querySelector(".composer textarea")?.focus());
}

const UNITS = ["bytes", "kB", "MB", "GB"];

function sizeInWords(bytes) {
  const power = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const count = bytes / 1000 ** power;
  return `${count.toLocaleString("en-GB", { maximumFractionDigits: power && count < 100 ? 1 : 0 })} ${UNITS[power]}`;
}

function file(shared) {
  const { id, name, title, size, preview } = shared;
  const address = shared.url_private ?? shared.permalink;
  const more = [title && title !== name && name, size != null && sizeInWords(size)].filter(Boolean).join(" · ");
  const card = [
    icon("file"),
    h("span", {}, h("strong", {}, title || name), more && h("span", { class: "file-size" }, more)),
  ];
  return h(
    "figure",
    { key: `file ${id}`, class: "file-shared", "data-file-id": id },
    address
      ? h("a", { class: "file", href: address, target: "_blank", rel: "noreferrer" }, card)
      : h("div", { class: "file" }, card),
    preview && h("pre", { class: "snippet", tabindex: "0", "aria-label": `Beginning of ${name}` }, preview),
  );
}

/** A card under a message: blocks of the app's, or the fields of an older kind of attachment. */
function attachment(message, card) {
  if (card.blocks?.length)
    return h("div", { class: "attachment" }, blocks(surface("message", message), card.blocks));
  const address = /^https?:/i.test(card.title_link ?? "") ? card.title_link : null;
  return h(
    "div",
    { class: "attachment" },
    card.pretext && h("div", {}, mrkdwn(card.pretext)),
    card.author_name && h("div", { class: "dim" }, card.author_name),
    card.title &&
      h("strong", {}, address ? h("a", { href: address, target: "_blank", rel: "noreferrer" }, card.title) : card.title),
    (card.text || card.fallback) && h("div", {}, mrkdwn(card.text || card.fallback)),
    card.footer && h("div", { class: "dim" }, textObject(card.footer)),
  );
}
