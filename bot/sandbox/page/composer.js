// Where one types messages and commands, with completion of commands and their words.

import { h, icon } from "./dom.js";
import { menu } from "./menu.js";
import { draw, page, tell } from "./page.js";
import { slack } from "./server.js";
import { runShortcut, shortcuts } from "./shortcuts.js";
import { reason } from "./values.js";

const drafts = new Map();
const said = [];
let active = -1;
let dismissed = "";
let sending = "";
let recalled = 0;

function place() {
  return `${page.me} ${page.channel}`;
}

function draft() {
  return drafts.get(place()) ?? "";
}

/** What stands in the composer, without the blanks around it. */
export function draftNow() {
  return draft().trim();
}

/** Put a text into the composer, ready to be sent. */
export function compose(text) {
  write(text);
  queueMicrotask(() => document.querySelector(".composer textarea")?.focus());
}

function write(text) {
  drafts.set(place(), text);
  active = -1;
  draw();
}

/** What the text so far may become: [{text, label, note}]. */
function suggestions(text) {
  if (text === dismissed) return [];
  const commands = page.slack.commands ?? [];
  if (/^\/\S*$/.test(text)) {
    return commands
      .filter(({ command }) => command.startsWith(text))
      .map(({ command, description, hint }) => ({
        text: `${command} `,
        label: `${command} ${hint ?? ""}`,
        note: description,
      }));
  }
  const [, before, begun] = /^(|.*\s)@([^@]*)$/s.exec(text) ?? [];
  if (begun !== undefined)
    return mentionable()
      .filter(({ name }) => name.toLowerCase().startsWith(begun.toLowerCase()))
      .map(({ name }) => ({ text: `${before}@${name} `, label: `@${name}`, note: "" }));
  const [, command, word] = /^(\/\S+) +(\S*)$/.exec(text) ?? [];
  const words = commands.find((one) => one.command === command)?.words ?? [];
  return words
    .filter((one) => one.startsWith(word) && one !== word)
    .map((one) => ({ text: `${command} ${one}`, label: `${command} ${one}`, note: "" }));
}

function mentionable() {
  return [page.slack.bot, ...page.slack.people.map(({ id, real_name: name }) => ({ id, name }))];
}

/** The text as Slack's client sends it: names behind an @ become mentions. */
function withMentions(text) {
  if (text.startsWith("/") && !/^\/(invite|remove) /.test(text)) return text;
  return mentionable().reduce(
    (sent, { id, name }) => sent.replace(new RegExp(`(?<![\\w<@])@${name}(?!\\w)`, "g"), `<@${id}>`),
    text,
  );
}

export function composer(name) {
  const text = draft();
  const offers = suggestions(text);
  const input = h("textarea", {
    rows: Math.min(8, text.split("\n").length),
    placeholder: page.thread ? "Reply…" : `Message ${name}`,
    "aria-label": `Message ${name}`,
    "aria-autocomplete": "list",
    "aria-controls": offers.length ? "completions" : null,
    "aria-activedescendant": offers[active] ? `completion-${active}` : null,
    ".value": text,
    oninput: (event) => {
      dismissed = "";
      write(event.target.value);
    },
    onkeydown: (event) => keys(event, text, offers),
  });
  return h(
    "form",
    { class: "composer", "aria-label": "New message", onsubmit: (event) => (event.preventDefault(), send()) },
    offers.length > 0 && completions(offers),
    page.thread && replyingTo(),
    h(
      "div",
      { key: "box", class: "composer-box" },
      input,
      h(
        "button",
        {
          type: "button",
          class: "quiet slash",
          "aria-label": "Start a command",
          title: "Start a command",
          onclick: () => compose("/"),
        },
        "/",
      ),
      shortcutMenu(),
      h(
        "button",
        { type: "submit", class: "send", "aria-label": "Send", "aria-disabled": text.trim() ? null : "true" },
        icon("send"),
      ),
    ),
    h(
      "p",
      { class: "composer-hint", role: "status" },
      sending
        ? `Sending ${sending}…`
        : h(
            "span",
            { class: "keys", "aria-hidden": "true" },
            h("kbd", {}, "Enter"),
            " sends, ",
            h("kbd", {}, "Shift Enter"),
            " breaks the line, ",
            h("kbd", {}, "/"),
            " starts a command",
          ),
    ),
  );
}

function shortcutMenu() {
  const own = shortcuts("global");
  if (!own.length) return null;
  return menu({
    key: "shortcuts",
    button: { class: "quiet", "aria-label": "Shortcuts", title: "Shortcuts" },
    content: icon("bolt"),
    items: own.map((one) => ({ text: one.name, description: one.description, pick: () => runShortcut(one) })),
  });
}

function completions(offers) {
  const rows = offers.map((offer, index) =>
    h(
      "div",
      {
        id: `completion-${index}`,
        role: "option",
        "aria-selected": String(index === active),
        class: index === active ? "option active" : "option",
        onmousedown: (event) => event.preventDefault(),
        onclick: () => compose(offer.text),
      },
      h("strong", {}, offer.label),
      offer.note && h("span", { class: "description" }, offer.note),
    ),
  );
  return h(
    "div",
    { key: "completions", id: "completions", class: "completions", role: "listbox", "aria-label": "Completions" },
    rows,
  );
}

function replyingTo() {
  const parent = page.slack.messages[page.channel]?.find((message) => message.ts === page.thread);
  return h(
    "p",
    { class: "replying" },
    "Replying to ",
    h("em", {}, (parent?.text ?? "").slice(0, 60)),
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": "Do not reply in the thread",
        onclick: () => ((page.thread = null), draw()),
      },
      icon("close"),
    ),
  );
}

function keys(event, text, offers) {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && offers.length) {
    event.preventDefault();
    active = (active + step + offers.length + (active < 0 && step < 0 ? 1 : 0)) % offers.length;
    draw();
  } else if (event.key === "ArrowUp" && (!text || text === said.at(-recalled)) && said.length > recalled) {
    event.preventDefault();
    write(said.at(-++recalled));
  } else if (event.key === "Tab" && offers.length && !event.shiftKey) {
    event.preventDefault();
    write(offers[Math.max(0, active)].text);
  } else if (event.key === "Escape" && offers.length) {
    dismissed = text;
    draw();
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    const unfinished =
      /^\/\S*$/.test(text) &&
      offers.length > 0 &&
      !page.slack.commands.some(({ command }) => command === text);
    if (active >= 0 || unfinished) write(offers[Math.max(0, active)].text);
    else send();
  }
}

async function send() {
  const text = draft().trim();
  if (!text) return;
  const message = { as: page.me, channel: page.channel, text: withMentions(text), thread_ts: page.thread ?? undefined };
  const from = place();
  said.push(text);
  recalled = 0;
  page.thread = null;
  page.follow = true;
  sending = text.startsWith("/") ? text : "";
  write("");
  const answer = await slack.send("say", message);
  sending = "";
  if (answer.error === "unreachable") {
    tell(reason(answer.error));
    if (!drafts.get(from)) drafts.set(from, text);
  } else if (!answer.ok && !text.startsWith("/")) tell(reason(answer.error));
  draw();
}
