// rich_text blocks: sections, lists, quotes, preformatted text, and what stands inside them.

import { fillDate } from "./dates.js";
import { h } from "./dom.js";
import { emoji, pictured } from "./emoji.js";
import { channelMention, emojiNode, link, mention, personMention } from "./mrkdwn.js";
import { viewerZone } from "./page.js";

export function richText(block) {
  return h("div", { class: "rich-text" }, (block?.elements ?? []).map(part));
}

function part(element) {
  switch (element.type) {
    case "rich_text_section":
      return h("div", {}, inline(element));
    case "rich_text_quote":
      return h("blockquote", {}, inline(element));
    case "rich_text_preformatted":
      return h("pre", {}, h("code", {}, inline(element)));
    case "rich_text_list":
      return list(element);
    default:
      return h("p", { class: "not-drawn" }, `not drawn: ${element.type}`);
  }
}

function list(element) {
  const ordered = element.style === "ordered";
  const props = {
    class: `indent-${Math.min(element.indent ?? 0, 5)}`,
    start: ordered ? (element.offset ?? 0) + 1 : null,
  };
  return h(
    ordered ? "ol" : "ul",
    props,
    element.elements.map((item) => h("li", {}, inline(item))),
  );
}

function inline(element) {
  return (element.elements ?? []).map((piece) => styled(piece, node(piece)));
}

function node(piece) {
  switch (piece.type) {
    case "text":
      return lines(piece.text);
    case "link":
      return link(piece.url, piece.text ?? piece.url);
    case "emoji":
      return emoji(piece.name) ? emojiNode(piece.name) : (fromCode(piece.unicode) ?? emojiNode(piece.name));
    case "user":
      return personMention(piece.user_id);
    case "channel":
      return channelMention(piece.channel_id);
    case "usergroup":
      return mention(`@${piece.usergroup_id}`);
    case "broadcast":
      return mention(`@${piece.range}`, true);
    case "date":
      return h(
        "time",
        {},
        fillDate(String(piece.timestamp), piece.format, viewerZone()) ?? piece.fallback ?? "",
      );
    case "color":
      return h("code", {}, piece.value);
    default:
      return h("span", { class: "not-drawn" }, `not drawn: ${piece.type}`);
  }
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), pictured(line)] : pictured(line)));
}

function fromCode(codes) {
  if (!/^[0-9a-f]+(-[0-9a-f]+)*$/i.test(codes ?? "")) return null;
  return String.fromCodePoint(...codes.split("-").map((code) => parseInt(code, 16)));
}

function styled(piece, content) {
  const { bold, italic, strike, code } = piece.style ?? {};
  let out = content;
  if (code) out = h("code", {}, out);
  if (strike) out = h("s", {}, out);
  if (italic) out = h("em", {}, out);
  if (bold) out = h("strong", {}, out);
  return out;
}
