// What a person typed and picked on a surface (a message, a modal, the Home), and doing something with it.
//
// Values are kept by surface, block_id and action_id, outside the elements: they survive every redrawing,
// also by a view of another hash, as long as the block is still there; Slack keeps them the same way.

import { askFirst, draw, page, tell } from "./page.js";
import { slack } from "./server.js";

const drafts = new Map();
const busy = new Set();
const failed = new Map();

// For each type of element: where its value is in the state, and where its initial value is in the element.
const KEEPS = {
  plain_text_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  rich_text_input: ["rich_text_value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  users_select: ["selected_user", "initial_user"],
  channels_select: ["selected_channel", "initial_channel"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  multi_static_select: ["selected_options", "initial_options", []],
  multi_external_select: ["selected_options", "initial_options", []],
  multi_users_select: ["selected_users", "initial_users", []],
  multi_channels_select: ["selected_channels", "initial_channels", []],
  multi_conversations_select: ["selected_conversations", "initial_conversations", []],
  checkboxes: ["selected_options", "initial_options", []],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
};

/** A message, modal or Home as the place of interactive elements. */
export function surface(kind, thing) {
  const ids = kind === "message" ? { message_id: thing.id } : { view_id: thing.id };
  return { kind, id: thing.id, ids, values: thing.state?.values ?? {} };
}

/** The name of one element on one surface. */
export function fieldKey(place, block, element) {
  return [page.me, place.id, block.block_id, element.action_id].join("\n");
}

/** An element's present state, as `view.state.values` spells it. */
export function valueOf(place, block, element) {
  const draft = drafts.get(fieldKey(place, block, element));
  return draft ?? place.values[block.block_id]?.[element.action_id] ?? firstValue(element);
}

function firstValue(element) {
  if (!(element.type in KEEPS)) return null;
  const [key, initial, nothing = null] = KEEPS[element.type];
  const here = element.default_to_current_conversation ? page.channel : null;
  return { [key]: element[initial] ?? here ?? nothing };
}

/** The key under which the state of an element of this type holds what is typed or picked. */
export function keyOf(element) {
  return KEEPS[element.type][0];
}

export function choose(place, block, element, value) {
  drafts.set(fieldKey(place, block, element), value);
  draw();
}

/** Forget the drafts of modals that are closed and of blocks that are no longer on them. */
export function forgetAllBut(views) {
  const alive = new Set(
    views.flatMap((view) =>
      fieldsOf(view).map(({ block, element }) => fieldKey({ id: view.id }, block, element)),
    ),
  );
  for (const key of drafts.keys()) {
    const [who, id] = key.split("\n");
    if (who === page.me && id.startsWith("V") && !alive.has(key)) drafts.delete(key);
  }
}

function fieldsOf(view) {
  const all = view.blocks.flatMap((block) => [block, ...(block.child_blocks ?? [])]);
  return all.flatMap((block) => {
    const elements = [block.element, block.accessory, ...(block.type === "actions" ? block.elements : [])];
    return elements
      .filter((element) => element?.action_id && firstValue(element))
      .map((element) => ({ block, element }));
  });
}

/** All values of a modal, as a submission carries them: a string for text, else Slack's own object. */
export function valuesOf(view) {
  const place = surface("view", view);
  const values = {};
  for (const { block, element } of fieldsOf(view)) {
    const value = valueOf(place, block, element);
    const sent = keyOf(element) === "value" ? (value.value ?? "") : value;
    (values[block.block_id] ??= {})[element.action_id] = sent;
  }
  return values;
}

export function isBusy(place, block, element) {
  return busy.has(fieldKey(place, block, element));
}

/** Why the last use of an element came to nothing, or undefined. */
export function failureOf(place, block, element) {
  return failed.get(fieldKey(place, block, element));
}

const REASONS = {
  gone: "It is no longer there: the message or modal has changed meanwhile.",
  operation_timeout: "The app did not answer in time.",
  dispatch_failed: "The app could not be reached.",
  unreachable: "The sandbox does not answer.",
};

export function reason(error) {
  return REASONS[error] ?? `It did not work: ${error}`;
}

/**
 * Press or pick: ask first where the element says so, then tell the app, and show that it is on its way
 * until the app acknowledged. What was picked stands there only after the person agreed.
 */
export async function act(place, block, element, picked = {}) {
  const key = fieldKey(place, block, element);
  if (busy.has(key) || !(await askFirst(element.confirm))) {
    draw();
    return;
  }
  if (element.type in KEEPS) drafts.set(key, picked);
  busy.add(key);
  failed.delete(key);
  draw();
  const answer = await slack.send("act", {
    as: page.me,
    ...place.ids,
    block_id: block.block_id,
    action_id: element.action_id,
    ...picked,
  });
  busy.delete(key);
  if (!answer.ok) {
    failed.set(key, reason(answer.error));
    if (answer.error === "gone" || answer.error === "unreachable") tell(reason(answer.error));
  }
  draw();
}
