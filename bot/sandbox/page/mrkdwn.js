// Slack's mrkdwn as elements. Text only ever becomes text nodes, so nothing in it can become markup;
// `&amp; &lt; &gt;` are the three escapes Slack knows.

import { fillDate } from "./dates.js";
import { h } from "./dom.js";
import { emoji, pictured, withEmoji } from "./emoji.js";
import { page, person, viewerZone } from "./page.js";

const STYLES = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;
const TOKEN = /<([^<>\n]+)>/y;
const CODE = /`([^`\n]+)`/y;
const EMOJI = /:([a-z0-9_+-]+):/y;
const ADDRESS = /(?:https?:\/\/[^\s<>|`]*[^\s<>|`.,;:!?'")\]}*_~]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/y;
const SHOUT = /@(here|channel|everyone)\b/y;

export function unescape(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
}

/** A Slack text object, or a message's own text given as one. */
export function textObject(text) {
  if (!text) return [];
  if (typeof text === "string") return pictured(withEmoji(text));
  if (text.type === "mrkdwn") return mrkdwn(text.text ?? "", { verbatim: text.verbatim });
  const characters = text.text ?? "";
  return pictured(text.emoji === false ? characters : withEmoji(characters));
}

/** What a text object says, as one plain string: for labels and titles. */
export function plain(text) {
  if (!text) return "";
  return typeof text === "string" ? withEmoji(text) : unescape(withEmoji(text.text ?? ""));
}

/** Render mrkdwn; `verbatim` keeps bare addresses and @here from coming alive, as in Slack. */
export function mrkdwn(text, { verbatim = false } = {}) {
  const out = [];
  text.split(/```\n?([\s\S]+?)```\n?/).forEach((part, index) => {
    if (index % 2) out.push(h("pre", {}, h("code", {}, inCode(part))));
    else if (part) out.push(...quotesAndLines(part, verbatim));
  });
  return out;
}

function quotesAndLines(text, verbatim) {
  const out = [];
  let quoted = null;
  let restIsQuoted = false;
  for (const [index, line] of text.split("\n").entries()) {
    const mark = restIsQuoted ? [""] : /^(?:&gt;|>)(?:(?:&gt;|>){2})? ?/.exec(line);
    if (mark) {
      restIsQuoted ||= /^(?:&gt;|>){3}/.test(mark[0]);
      if (!quoted) out.push((quoted = []));
      else quoted.push(h("br"));
      quoted.push(...inline(line.slice(mark[0].length), verbatim));
    } else {
      if (index && !quoted) out.push(h("br"));
      quoted = null;
      out.push(...inline(line, verbatim));
    }
  }
  return out.map((piece) => (Array.isArray(piece) ? h("blockquote", {}, piece) : piece));
}

function inCode(text) {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part, index) => (index % 2 ? token(part.slice(1, -1)) : unescape(part)));
}

function inline(text, verbatim) {
  const out = [];
  let plainText = "";
  const flush = () => {
    if (plainText) out.push(...pictured(unescape(plainText)));
    plainText = "";
  };
  for (let at = 0; at < text.length;) {
    const found = special(text, at, verbatim);
    if (found) {
      flush();
      out.push(found.node);
      at = found.end;
    } else plainText += text[at++];
  }
  flush();
  return out;
}

function special(text, at, verbatim) {
  const match = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const until = (matched, node) => ({ node, end: at + matched[0].length });
  const atStart = at === 0 || !WORD.test(text[at - 1]);
  let found;
  if (text[at] === "<" && (found = match(TOKEN))) return until(found, token(found[1]));
  if (text[at] === "`" && (found = match(CODE))) return until(found, h("code", {}, inCode(found[1])));
  if (text[at] === ":" && (found = match(EMOJI)) && emoji(found[1])) return until(found, emojiNode(found[1]));
  if (text[at] in STYLES && atStart) return styled(text, at, verbatim);
  if (verbatim || !atStart) return null;
  if ((found = match(ADDRESS))) return until(found, link(unescape(found[0]), unescape(found[0])));
  if (text[at] === "@" && (found = match(SHOUT))) return until(found, mention(`@${found[1]}`, true));
  return null;
}

/** `*bold*` and its kin: opens before something solid, closes after it, never in the middle of a word. */
function styled(text, at, verbatim) {
  const mark = text[at];
  if (!text[at + 1] || /\s/.test(text[at + 1]) || text[at + 1] === mark) return null;
  for (let end = at + 1; end < text.length; end++) {
    const whole = wholeLength(text, end);
    if (whole) end += whole - 1;
    else if (
      text[end] === mark &&
      end > at + 1 &&
      !/\s/.test(text[end - 1]) &&
      !WORD.test(text[end + 1] ?? "")
    ) {
      return { node: h(STYLES[mark], {}, inline(text.slice(at + 1, end), verbatim)), end: end + 1 };
    }
  }
  return null;
}

/** How long the token or code span is that begins here; styles neither begin nor end inside it. */
function wholeLength(text, at) {
  const pattern = { "<": TOKEN, "`": CODE }[text[at]];
  if (!pattern) return 0;
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

export function emojiNode(name) {
  return h("span", { class: "emoji", title: `:${name}:` }, pictured(emoji(name) ?? `:${name}:`));
}

/** An anchor for http and mail addresses, plain text for any other scheme. */
export function link(address, label) {
  const target = /^[\w.+-]+@[\w.-]+$/.test(address) ? `mailto:${address}` : address;
  if (!/^(https?:\/\/|mailto:)/i.test(target)) return h("span", {}, label);
  return h("a", { href: target, target: "_blank", rel: "noreferrer" }, label);
}

export function mention(text, loud = false) {
  return h("span", { class: loud ? "mention loud" : "mention" }, text);
}

export function personMention(id) {
  const found = person(id);
  const name = found?.real_name ?? (id === page.slack?.bot.id ? page.slack.bot.name : id);
  return mention(`@${name}`, id === page.me);
}

export function channelMention(id, label) {
  const name = page.slack?.channels.find((channel) => channel.id === id)?.name;
  return mention(`#${name ?? label ?? id}`);
}

/** What stands between < and >: a mention, a date, a special or a link. */
function token(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? null : unescape(inside.slice(bar + 1));
  if (/^@[UW]\w+$/.test(target)) return personMention(target.slice(1));
  if (/^#C\w+$/.test(target)) return channelMention(target.slice(1), label);
  if (/^!(here|channel|everyone)$/.test(target)) return mention(`@${target.slice(1)}`, true);
  if (target.startsWith("!date^")) return date(target, label);
  if (/^(https?:\/\/|mailto:)/i.test(target)) {
    const address = unescape(target);
    return link(address, label ? pictured(withEmoji(label)) : address.replace(/^mailto:/, ""));
  }
  return h("span", {}, label ?? unescape(`<${inside}>`));
}

function date(target, fallback) {
  const [, unix, template = "", address] = target.split("^");
  const text = fillDate(unix, template, viewerZone());
  if (text === null) return h("span", {}, fallback ?? "");
  const node = h(
    "time",
    { datetime: new Date(Number(unix) * 1000).toISOString(), title: fallback ?? "" },
    text,
  );
  return address && /^https?:\/\//i.test(address) ? link(unescape(address), text) : node;
}
