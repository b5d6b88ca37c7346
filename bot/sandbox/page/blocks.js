// Block Kit's blocks; a type that is not known is named plainly instead of being left out.

import { chart } from "./charts.js";
import { h, icon } from "./dom.js";
import { domId, element, image } from "./elements.js";
import { markdown } from "./markdown.js";
import { plain, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { fieldKey } from "./values.js";

/** Draw the blocks of a surface; `errors` are a modal's, by block_id. */
export function blocks(place, list, errors = {}) {
  return list.map((block) => {
    const draws = DRAWN[block.type];
    const content = draws
      ? draws(block, place, errors)
      : h("p", { class: "not-drawn" }, ["not drawn: ", block.type, told(block)]);
    // A message's block_ids may be new after each update: its blocks keep their elements by their order.
    const key = place.kind === "message" ? undefined : block.block_id;
    return h(
      "div",
      {
        key,
        class: `block block-${block.type}`,
        "data-block-id": block.block_id,
        "data-block-type": block.type,
      },
      content,
    );
  });
}

/** What a block that is not drawn says of itself. */
function told(block) {
  const words = plain(block.title) || block.alt_text || block.external_id;
  return words ? ` (${words})` : "";
}

function section(block, place) {
  const fields =
    block.fields &&
    h(
      "div",
      { class: "fields" },
      block.fields.map((field) => h("div", {}, textObject(field))),
    );
  const accessory =
    block.accessory && h("div", { class: "accessory" }, element(place, block, block.accessory));
  return [
    h("div", { class: "section-text" }, block.text && h("div", {}, textObject(block.text)), fields),
    accessory,
  ];
}

function context(block) {
  return block.elements.map((part) =>
    part.type === "image"
      ? image(part, "inline-picture")
      : h("span", { class: "context-text" }, textObject(part)),
  );
}

function actions(block, place) {
  return block.elements.map((part) => element(place, block, part));
}

function inputBlock(block, place, errors) {
  const part = block.element;
  const id = domId(fieldKey(place, block, part));
  const error = errors[block.block_id];
  const label = plain(block.label);
  const describedBy = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(" ") || null;
  return [
    h(
      "label",
      { class: "input-label", for: id },
      textObject(block.label),
      block.optional && h("span", { class: "optional" }, " (optional)"),
    ),
    element(place, block, part, { label, describedBy, invalid: Boolean(error) }),
    error && h("p", { class: "input-error", id: `${id}-error`, role: "alert" }, icon("warning"), error),
    block.hint && h("p", { class: "input-hint", id: `${id}-hint` }, textObject(block.hint)),
  ];
}

function imageBlock(block) {
  return h("figure", {}, block.title && h("figcaption", {}, textObject(block.title)), image(block));
}

function card(block, place) {
  const actionList =
    block.actions?.length > 0 &&
    h(
      "div",
      { class: "card-actions" },
      block.actions.map((part) => element(place, block, part)),
    );
  return h(
    "div",
    { class: "card" },
    block.hero_image && image(block.hero_image, "hero"),
    h(
      "div",
      { class: "card-head" },
      block.icon && image(block.icon, "card-icon"),
      h(
        "div",
        {},
        block.title && h("strong", {}, textObject(block.title)),
        block.subtitle && h("div", { class: "dim" }, textObject(block.subtitle)),
      ),
    ),
    block.body && h("div", { class: "card-body" }, textObject(block.body)),
    block.subtext && h("div", { class: "dim" }, textObject(block.subtext)),
    actionList,
  );
}

function table(block) {
  const cells = (row, tag) =>
    row.map((cell, at) =>
      h(
        tag,
        {
          class: `align-${block.column_settings?.[at]?.align ?? "left"}`,
          scope: tag === "th" ? "col" : null,
        },
        cellContent(cell),
      ),
    );
  const [head = [], ...rows] = block.rows;
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": plain(block.caption) || "Table" },
    h(
      "table",
      {},
      block.caption && h("caption", {}, plain(block.caption)),
      h("thead", {}, h("tr", {}, cells(head, "th"))),
      h(
        "tbody",
        {},
        rows.map((row) => h("tr", {}, cells(row, "td"))),
      ),
    ),
  );
}

function cellContent(cell) {
  if (cell.type === "rich_text") return richText(cell);
  if (cell.type === "mrkdwn" || cell.type === "plain_text") return textObject(cell);
  return String(cell.text ?? cell.value ?? "");
}

const TASK_STATES = {
  pending: ["clock", "waiting"],
  in_progress: ["spinner", "under way"],
  complete: ["check", "done"],
  error: ["warning", "failed"],
};

function taskCard(block) {
  const [drawing, words] = TASK_STATES[block.status] ?? ["clock", block.status];
  const sources = block.sources?.map((source) =>
    h("li", {}, h("a", { href: source.url, target: "_blank", rel: "noreferrer" }, source.text ?? source.url)),
  );
  return h(
    "div",
    { class: `task task-${block.status}` },
    h(
      "div",
      { class: "task-title" },
      icon(drawing),
      h("span", {}, plain(block.title)),
      h("span", { class: "unseen" }, `, ${words}`),
    ),
    block.details && richText(block.details),
    block.output && richText(block.output),
    sources?.length > 0 && h("ul", { class: "sources" }, sources),
  );
}

function plan(block) {
  return h("div", { class: "plan" }, h("strong", {}, plain(block.title)), (block.tasks ?? []).map(taskCard));
}

function alert(block) {
  const level = block.level ?? "default";
  const drawing = { warning: "warning", error: "warning", success: "check" }[level] ?? "info";
  return h(
    "div",
    { class: `alert alert-${level}`, role: "note" },
    icon(drawing),
    h("div", {}, textObject(block.text)),
  );
}

function container(block, place, errors) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : h("strong", {}, plain(block.title));
  const content = [
    block.subtitle && h("div", { class: "dim" }, textObject(block.subtitle)),
    blocks(place, block.child_blocks, errors),
  ];
  if (!block.is_collapsible) return h("div", { class: "container" }, title, content);
  return h(
    "details",
    { class: "container", mount: (node) => (node.open = !block.default_collapsed) },
    h("summary", {}, title),
    content,
  );
}

const DRAWN = {
  section,
  header: (block) => h("h3", {}, textObject(block.text)),
  divider: () => h("hr"),
  context,
  context_actions: actions,
  actions,
  input: inputBlock,
  image: imageBlock,
  rich_text: richText,
  markdown: (block) => markdown(block.text),
  card,
  carousel: (block, place) =>
    h(
      "div",
      { class: "carousel", tabindex: "0", role: "region", "aria-label": "Cards" },
      block.elements.map((part) => card(part, place)),
    ),
  container,
  table,
  data_table: table,
  data_visualization: chart,
  task_card: taskCard,
  plan,
  alert,
};
