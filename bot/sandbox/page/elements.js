// Block Kit's interactive elements.

import { secondsOf, wallClock } from "./dates.js";
import { h, icon } from "./dom.js";
import { menu } from "./menu.js";
import { plain, textObject } from "./mrkdwn.js";
import { viewerZone } from "./page.js";
import { select } from "./selects.js";
import { act, choose, failureOf, fieldKey, isBusy, valueOf } from "./values.js";

const TYPING_PAUSE = 400;
const INPUT_TYPES = {
  plain_text_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
};
const idNumbers = new Map();
let typingTimer;

/**
 * Draw one element. `input` is given inside an input block: {label, describedBy, invalid};
 * such an element tells the app of a change only when the block says dispatch_action.
 */
export function element(place, block, part, input = null) {
  const draws = DRAWN[part.type];
  if (!draws) return h("span", { class: "not-drawn" }, `not drawn: ${part.type}`);
  return draws(fieldOf(place, block, part, input));
}

/** The id of an element in the document. */
export function domId(key) {
  if (!idNumbers.has(key)) idNumbers.set(key, idNumbers.size + 1);
  return `field-${idNumbers.get(key)}`;
}

function fieldOf(place, block, part, input) {
  const key = fieldKey(place, block, part);
  return {
    place,
    block,
    element: part,
    key,
    id: domId(key),
    label: input?.label ?? (plain(part.placeholder) || part.action_id),
    describedBy: input?.describedBy,
    invalid: input?.invalid,
    busy: isBusy(place, block, part),
    value: valueOf(place, block, part),
    tells: !input || block.dispatch_action === true,
    clears: Boolean(input && block.optional),
  };
}

function change(field, value) {
  const { place, block, element: part } = field;
  if (field.tells) act(place, block, part, value);
  else choose(place, block, part, value);
}

/** The attributes that every control has for tests and for screen readers. */
function common(field) {
  return {
    id: field.id,
    "data-action-id": field.element.action_id,
    "aria-describedby": field.describedBy,
    "aria-invalid": field.invalid ? "true" : null,
    "aria-busy": field.busy ? "true" : null,
  };
}

function failure(field) {
  const text = failureOf(field.place, field.block, field.element);
  return (
    text &&
    h(
      "span",
      { class: "failure", role: "status", title: text },
      icon("warning"),
      h("span", { class: "unseen" }, text),
    )
  );
}

function button(field) {
  const { place, block, element: part, busy } = field;
  const label = textObject(part.text);
  const props = {
    ...common(field),
    class: ["button", part.style].filter(Boolean).join(" "),
    "aria-label": part.accessibility_label ?? null,
    "aria-disabled": busy ? "true" : null,
    onclick: () => act(place, block, part),
  };
  const drawn = part.url
    ? h(
        "a",
        { ...props, href: /^https?:/i.test(part.url) ? part.url : null, target: "_blank", rel: "noreferrer" },
        label,
        icon("out"),
      )
    : h("button", { ...props, type: "button" }, label);
  return h("span", { class: "button-place", key: part.action_id }, drawn, failure(field));
}

function iconButton(field) {
  const { place, block, element: part } = field;
  const label = part.accessibility_label ?? null;
  const press = () => act(place, block, part);
  const props = { ...common(field), key: part.action_id, type: "button", class: "button" };
  return h("button", { ...props, "aria-label": label, onclick: press }, textObject(part.text));
}

function feedbackButtons(field) {
  const { place, block, element: part } = field;
  const one = (choice) =>
    h(
      "button",
      {
        type: "button",
        class: "button",
        "aria-label": choice.accessibility_label ?? null,
        onclick: () => act(place, block, part, { value: choice.value }),
      },
      textObject(choice.text),
    );
  const props = { ...common(field), key: part.action_id, class: "feedback", role: "group" };
  return h("span", { ...props, "aria-label": "Feedback" }, one(part.positive_button), one(part.negative_button));
}

function textInput(field) {
  const { element: part } = field;
  const tag = part.multiline ? "textarea" : "input";
  return h(tag, {
    ...common(field),
    key: `${part.action_id} ${tag}`,
    class: "text-input",
    type: part.multiline ? null : INPUT_TYPES[part.type],
    rows: part.multiline ? 4 : null,
    placeholder: plain(part.placeholder) || null,
    maxlength: part.max_length ?? 3000,
    autocomplete: "off",
    "data-first": part.focus_on_load ? "" : null,
    ".value": field.value.value ?? "",
    oninput: (event) => typed(field, { value: event.target.value }),
    onkeydown: (event) => enterPressed(field, event),
  });
}

function typed(field, value) {
  choose(field.place, field.block, field.element, value);
  if (!field.tells || !triggers(field).includes("on_character_entered")) return;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => act(field.place, field.block, field.element, value), TYPING_PAUSE);
}

function enterPressed(field, event) {
  if (event.key !== "Enter" || field.element.multiline || !field.tells) return;
  if (!triggers(field).includes("on_enter_pressed")) return;
  event.preventDefault();
  act(field.place, field.block, field.element, { value: event.target.value });
}

function triggers(field) {
  return field.element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
}

function choices(field, { type, picked, toggle }) {
  const options = field.element.options.map((option) => {
    const isPicked = picked.some((one) => one.value === option.value);
    const box = h("input", {
      type,
      name: field.id,
      value: option.value,
      ".checked": isPicked,
      onchange: () => toggle(option, isPicked),
    });
    const description =
      option.description && h("span", { class: "description" }, textObject(option.description));
    return h(
      "label",
      { key: option.value, class: "choice" },
      box,
      h("span", {}, textObject(option.text), description),
    );
  });
  const role = type === "radio" ? "radiogroup" : "group";
  return h(
    "div",
    { ...common(field), key: field.element.action_id, role, class: "choices", "aria-label": field.label },
    options,
  );
}

function checkboxes(field) {
  const picked = field.value.selected_options ?? [];
  const without = (option) => picked.filter((one) => one.value !== option.value);
  const toggle = (option, isPicked) =>
    change(field, { selected_options: isPicked ? without(option) : [...picked, option] });
  return choices(field, { type: "checkbox", picked, toggle });
}

function radioButtons(field) {
  const picked = field.value.selected_option ? [field.value.selected_option] : [];
  return choices(field, {
    type: "radio",
    picked,
    toggle: (option) => change(field, { selected_option: option }),
  });
}

function datePicker(field) {
  return h("input", {
    ...common(field),
    key: field.element.action_id,
    type: "date",
    class: "text-input date",
    "aria-label": field.label,
    ".value": field.value.selected_date ?? "",
    onchange: (event) => change(field, { selected_date: event.target.value || null }),
  });
}

function timePicker(field) {
  return h("input", {
    ...common(field),
    key: field.element.action_id,
    type: "time",
    class: "text-input date",
    "aria-label": field.label,
    ".value": field.value.selected_time ?? "",
    onchange: (event) => change(field, { selected_time: event.target.value || null }),
  });
}

function dateTimePicker(field) {
  const moment = field.value.selected_date_time;
  const read = (text) => (text ? secondsOf(text, viewerZone()) : null);
  return h("input", {
    ...common(field),
    key: field.element.action_id,
    type: "datetime-local",
    class: "text-input date",
    "aria-label": field.label,
    ".value": moment == null ? "" : wallClock(moment, viewerZone()),
    onchange: (event) => change(field, { selected_date_time: read(event.target.value) }),
  });
}

/** Rich text is typed as plain lines here: what the app gets is rich text all the same. */
function richTextInput(field) {
  const sections = field.value.rich_text_value?.elements ?? [];
  const text = sections.flatMap((section) => section.elements ?? []).map((part) => part.text ?? "");
  const rich = (typed) => ({
    type: "rich_text",
    elements: [{ type: "rich_text_section", elements: [{ type: "text", text: typed }] }],
  });
  return h("textarea", {
    ...common(field),
    key: field.element.action_id,
    class: "text-input",
    rows: 4,
    placeholder: plain(field.element.placeholder) || null,
    ".value": text.join(""),
    oninput: ({ target }) => typed(field, { rich_text_value: target.value ? rich(target.value) : null }),
  });
}

function overflow(field) {
  const { place, block, element: part } = field;
  return menu({
    key: field.key,
    button: { ...common(field), class: "button more", "aria-label": "More actions" },
    content: icon("more"),
    items: part.options.map((option) => ({
      ...option,
      pick: () => act(place, block, part, { selected_option: option }),
    })),
    after: failure(field),
  });
}

export function image(part, className = "picture") {
  const address = part.image_url ?? part.slack_file?.url ?? "";
  return h("img", {
    class: className,
    src: /^(https?:|\/|data:image\/)/i.test(address) ? address : "",
    alt: part.alt_text ?? "",
    loading: "lazy",
  });
}

const choosing = (field) => select(field, (value) => change(field, value));

const DRAWN = {
  button,
  static_select: choosing,
  external_select: choosing,
  users_select: choosing,
  channels_select: choosing,
  conversations_select: choosing,
  multi_static_select: choosing,
  multi_external_select: choosing,
  multi_users_select: choosing,
  multi_channels_select: choosing,
  multi_conversations_select: choosing,
  overflow,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  rich_text_input: richTextInput,
  checkboxes,
  radio_buttons: radioButtons,
  datepicker: datePicker,
  timepicker: timePicker,
  datetimepicker: dateTimePicker,
  icon_button: iconButton,
  feedback_buttons: feedbackButtons,
  image: (field) => image(field.element, "thumbnail"),
};
