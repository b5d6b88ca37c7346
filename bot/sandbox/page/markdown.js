// The `markdown` block: the common part of standard Markdown, line by line.

import { h } from "./dom.js";
import { link } from "./mrkdwn.js";
import { pictured, withEmoji } from "./emoji.js";

const BLOCKS = [
  { starts: /^```/, take: fence },
  { starts: /^(#{1,6})\s+(.*)$/, take: heading },
  { starts: /^\s*([-*_])(\s*\1){2,}\s*$/, take: rule },
  { starts: /^\s*>/, take: quote },
  { starts: /^\s*([-*+]|\d+[.)])\s+/, take: list },
  { starts: /^\s*\|.*\|\s*$/, take: table },
];

export function markdown(text) {
  return h("div", { class: "markdown" }, blocks(text.split("\n")));
}

function blocks(lines) {
  const out = [];
  for (let at = 0; at < lines.length;) {
    if (!lines[at].trim()) {
      at++;
      continue;
    }
    const kind = BLOCKS.find(({ starts }) => starts.test(lines[at]));
    const [node, end] = (kind?.take ?? paragraph)(lines, at);
    out.push(node);
    at = end;
  }
  return out;
}

/** The index after the last of the lines from `at` on that all satisfy `test`. */
function run(lines, at, test) {
  let end = at;
  while (end < lines.length && test(lines[end])) end++;
  return end;
}

function fence(lines, at) {
  const end = run(lines, at + 1, (line) => !line.startsWith("```"));
  return [h("pre", {}, h("code", {}, lines.slice(at + 1, end).join("\n"))), end + 1];
}

function heading(lines, at) {
  const [, marks, text] = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[at]);
  return [h("h4", { class: `heading-${marks.length}` }, inline(text)), at + 1];
}

function rule(lines, at) {
  return [h("hr"), at + 1];
}

function quote(lines, at) {
  const end = run(lines, at, (line) => /^\s*>/.test(line));
  return [h("blockquote", {}, blocks(lines.slice(at, end).map((line) => line.replace(/^\s*> ?/, "")))), end];
}

function list(lines, at) {
  const item = /^(\s*)(?:[-*+]|\d+[.)])\s+(.*)$/;
  const end = run(lines, at, (line) => line.trim() && (item.test(line) || /^\s{2,}/.test(line)));
  const depth = item.exec(lines[at])[1].length;
  const items = [];
  for (const line of lines.slice(at, end)) {
    const found = item.exec(line);
    if (found && found[1].length <= depth) items.push({ text: found[2], inner: [] });
    else items.at(-1).inner.push(line);
  }
  const ordered = /^\s*\d/.test(lines[at]);
  const start = ordered ? parseInt(lines[at], 10) : null;
  return [
    h(
      ordered ? "ol" : "ul",
      { start },
      items.map(({ text, inner }) => h("li", {}, task(text), blocks(inner))),
    ),
    end,
  ];
}

function task(text) {
  const found = /^\[([ xX])\]\s+(.*)$/.exec(text);
  if (!found) return inline(text);
  return [
    h("input", { type: "checkbox", disabled: true, checked: found[1] !== " ", "aria-label": "done" }),
    " ",
    inline(found[2]),
  ];
}

function table(lines, at) {
  const end = run(lines, at, (line) => /^\s*\|.*\|\s*$/.test(line));
  const cells = (line) =>
    line
      .trim()
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => inline(cell.trim()));
  const hasHeader = /^[\s|:-]+$/.test(lines[at + 1] ?? "") && end > at + 1;
  const body = lines.slice(hasHeader ? at + 2 : at, end);
  const header =
    hasHeader &&
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        cells(lines[at]).map((cell) => h("th", { scope: "col" }, cell)),
      ),
    );
  const rows = body.map((line) =>
    h(
      "tr",
      {},
      cells(line).map((cell) => h("td", {}, cell)),
    ),
  );
  return [
    h(
      "div",
      { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
      h("table", {}, header, h("tbody", {}, rows)),
    ),
    end,
  ];
}

function paragraph(lines, at) {
  const end = Math.max(
    at + 1,
    run(lines, at, (line) => line.trim() && !BLOCKS.some(({ starts }) => starts.test(line))),
  );
  return [
    h(
      "p",
      {},
      lines.slice(at, end).flatMap((line, index) => [index > 0 && h("br"), ...inline(line)]),
    ),
    end,
  ];
}

const INLINE = [
  { pattern: /`([^`]+)`/, node: ([, code]) => h("code", {}, code) },
  { pattern: /\[([^\]]+)\]\(([^()\s]+)\)/, node: ([, label, address]) => link(address, label) },
  { pattern: /(\*\*|__)(?=\S)(.+?)(?<=\S)\1/, node: ([, , text]) => h("strong", {}, inline(text)) },
  { pattern: /~~(?=\S)(.+?)(?<=\S)~~/, node: ([, text]) => h("s", {}, inline(text)) },
  {
    pattern: /(?<![\p{L}\p{N}])([*_])(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}])/u,
    node: ([, , text]) => h("em", {}, inline(text)),
  },
  { pattern: /https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]]/, node: ([address]) => link(address, address) },
];

function inline(text) {
  const first = INLINE.map(({ pattern, node }) => ({ node, found: pattern.exec(text) }))
    .filter(({ found }) => found)
    .sort((a, b) => a.found.index - b.found.index)[0];
  if (!first) return pictured(withEmoji(text.replace(/\\([\\`*_~[\](){}#+.!|>-])/g, "$1")));
  const { found, node } = first;
  const after = found.index + found[0].length;
  return [...pictured(withEmoji(text.slice(0, found.index))), node(found), ...inline(text.slice(after))];
}
