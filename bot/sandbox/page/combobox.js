// A field with type-ahead, after the ARIA combobox pattern.
// One can be open at a time; what it holds is `open`.

import { h, icon } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { draw, page } from "./page.js";
import { slack } from "./server.js";
import { reason } from "./values.js";

const DEBOUNCE = 200;
const SLACKS_MIN_QUERY_LENGTH = 3;

let open = null; // {key, input, query, typed, groups, active, loading, note}
let asked = 0;
let timer;

/**
 * Draw a combobox.
 *
 * `field`: {key, id, label, describedBy, invalid, busy, clears, place, block, element, groups}; its `groups` of options
 * are null where the app is asked for them. `picked` are the options chosen, of which a field that holds `many`
 * shows none itself. `choose(option)` is called with the option picked, with null when it is cleared.
 */
export function combobox(field, picked, choose, many = false) {
  const chosen = many ? null : picked[0];
  const isOpen = open?.key === field.key;
  const listId = `${field.id}-list`;
  const active = isOpen && flat()[open.active];
  const input = h("input", {
    id: field.id,
    type: "text",
    role: "combobox",
    class: chosen ? "has-value" : null,
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": field.label,
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-expanded": String(isOpen),
    "aria-controls": isOpen ? listId : null,
    "aria-activedescendant": active ? `${listId}-${open.active}` : null,
    "aria-describedby": field.describedBy,
    "aria-invalid": field.invalid ? "true" : null,
    "aria-busy": field.busy ? "true" : null,
    "data-action-id": field.element.action_id,
    placeholder: plain(field.element.placeholder) || "Choose…",
    ".value": isOpen && open.typed ? open.query : chosen ? plain(chosen.text) : "",
    onclick: (event) => unfold(field, event.target),
    oninput: (event) => type(field, event.target),
    onkeydown: (event) => key(event, field, choose),
    onblur: () => isOpen && close(),
  });
  return h(
    "div",
    { class: isOpen ? "combobox open" : "combobox", key: `${field.element.action_id} ${field.element.type}` },
    input,
    chosen &&
      field.clears &&
      h(
        "button",
        { type: "button", class: "clear", "aria-label": `Clear ${field.label}`, onclick: () => choose(null) },
        icon("close"),
      ),
    icon("chevron"),
    isOpen && list(field, listId, picked, choose),
  );
}

function show(field, input) {
  if (open?.key === field.key) return;
  open = { key: field.key, input, query: "", typed: false, groups: [], active: -1, loading: false, note: "" };
  find(field);
}

/** Open it by click or key: what is chosen is selected, so that typing replaces it. */
function unfold(field, input) {
  if (open?.key !== field.key) input.select();
  show(field, input);
}

function type(field, input) {
  show(field, input);
  open.typed = true;
  open.query = input.value;
  find(field);
}

function close() {
  clearTimeout(timer);
  asked++;
  open = null;
  draw();
}

function flat() {
  return open.groups.flatMap((group) => group.options);
}

function key(event, field, choose) {
  const isOpen = open?.key === field.key;
  const last = isOpen ? flat().length - 1 : -1;
  const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  if (event.key in moves) {
    event.preventDefault();
    if (!isOpen) return unfold(field, event.target);
    open.active = Math.max(0, Math.min(last, open.active + moves[event.key]));
    draw();
    queueMicrotask(() =>
      document
        .getElementById(event.target.getAttribute("aria-activedescendant"))
        ?.scrollIntoView({ block: "nearest" }),
    );
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (!isOpen) return unfold(field, event.target);
    if (flat()[open.active]) pick(flat()[open.active], choose);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
}

function pick(option, choose) {
  close();
  choose(option);
}

/** Fill the list for what is typed: from the element itself, from the workspace, or by asking the app. */
function find(field) {
  const { element } = field;
  clearTimeout(timer);
  if (field.groups) {
    offer(narrowed(field.groups, open.query));
    return;
  }
  const least = element.min_query_length ?? SLACKS_MIN_QUERY_LENGTH;
  asked++;
  if (open.query.trim().length < least) {
    offer([], least === 1 ? "Type to search" : `Type at least ${least} characters to search`);
    return;
  }
  open.loading = true;
  timer = setTimeout(() => ask(field, ++asked), open.typed ? DEBOUNCE : 0);
  draw();
}

async function ask(field, number) {
  const { place, block, element } = field;
  const query = {
    as: page.me,
    ...place.ids,
    block_id: block.block_id,
    action_id: element.action_id,
    query: open.query,
  };
  const answer = await slack.send("options", query);
  if (number !== asked || open?.key !== field.key) return;
  if (!answer.ok) offer([], `No options came. ${reason(answer.error)}`);
  else offer(answer.option_groups ?? [{ options: answer.options ?? [] }]);
}

function offer(groups, note) {
  const count = groups.reduce((sum, group) => sum + group.options.length, 0);
  Object.assign(open, {
    groups,
    loading: false,
    active: count && open.typed ? 0 : -1,
    note: note ?? (count ? "" : "Nothing found"),
  });
  draw();
}

function narrowed(groups, query) {
  const wanted = query.trim().toLowerCase();
  const fits = (option) => plain(option.text).toLowerCase().includes(wanted);
  return groups
    .map((group) => ({ ...group, options: group.options.filter(fits) }))
    .filter((group) => group.options.length);
}

function list(field, listId, picked, choose) {
  let index = 0;
  const groups = open.groups.map((group, at) => {
    const options = group.options.map((option) => row(option, index++, listId, picked, choose));
    if (!group.label) return options;
    const labelId = `${listId}-group-${at}`;
    const label = h(
      "div",
      { id: labelId, class: "group-label", role: "presentation" },
      textObject(group.label),
    );
    return h("div", { role: "group", "aria-labelledby": labelId }, label, options);
  });
  const note = open.loading ? "Searching…" : open.note;
  return h(
    "div",
    { class: "options", mount: putBelowInput, onmousedown: (event) => event.preventDefault() },
    note && h("p", { class: "options-note", role: "status" }, note),
    h(
      "div",
      { id: listId, role: "listbox", "aria-label": field.label, class: open.loading ? "stale" : null },
      groups,
    ),
  );
}

function row(option, index, listId, picked, choose) {
  const props = {
    id: `${listId}-${index}`,
    role: "option",
    class: index === open.active ? "option active" : "option",
    "aria-selected": String(picked.some((one) => one.value === option.value)),
    "data-value": option.value,
    onclick: () => pick(option, choose),
  };
  const description =
    option.description && h("span", { class: "description" }, textObject(option.description));
  return h("div", props, h("span", {}, textObject(option.text)), description);
}

/** The list floats above everything that scrolls, under its input or, where there is more room, over it. */
function putBelowInput(box) {
  const edge = open.input.getBoundingClientRect();
  const below = window.innerHeight - edge.bottom;
  const upwards = below < 220 && edge.top > below;
  Object.assign(box.style, {
    left: `${edge.left}px`,
    width: `${edge.width}px`,
    maxHeight: `${Math.min(320, (upwards ? edge.top : below) - 12)}px`,
    top: upwards ? "auto" : `${edge.bottom + 4}px`,
    bottom: upwards ? `${window.innerHeight - edge.top + 4}px` : "auto",
  });
}

function follow() {
  const box = open && document.querySelector(".options");
  if (box) putBelowInput(box);
}

document.addEventListener("scroll", follow, { capture: true, passive: true });
window.addEventListener("resize", follow);
