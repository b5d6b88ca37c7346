// The selects: where their options come from, and how those that hold many show what is chosen.

import { combobox } from "./combobox.js";
import { h, icon } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { page } from "./page.js";
import { keyOf } from "./values.js";

const option = (value, text) => ({ text: { type: "plain_text", text }, value });

/** What Slack itself knows: such a select holds ids instead of options. */
const OF_THE_WORKSPACE = {
  users: () => page.slack.people.map((one) => option(one.id, one.real_name)),
  channels: () => conversations("channel"),
  conversations: () => conversations("channel", "im"),
};

function conversations(...kinds) {
  return page.slack.channels
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ id, kind, name }) => option(id, kind === "im" ? page.slack.bot.name : `#${name}`));
}

/** Draw a select; `change` is called with its new value. */
export function select(field, change) {
  const { element, value } = field;
  const [, multi, source] = /^(multi_)?(.+)_select$/.exec(element.type);
  const key = keyOf(element);
  const known = OF_THE_WORKSPACE[source]?.();
  const held = [value[key] ?? []].flat();
  const picked = known ? held.map((id) => known.find((one) => one.value === id) ?? option(id, id)) : held;
  const tell = (options) => {
    const values = known ? options.map((one) => one.value) : options;
    change({ [key]: multi ? values : (values[0] ?? null) });
  };
  const groups = known ? [{ options: known }] : source === "static" ? groupsOf(element) : null;
  if (!multi) return combobox({ ...field, groups }, picked, (one) => tell(one ? [one] : []));
  const toggle = (one) => {
    const others = picked.filter(({ value: id }) => id !== one.value);
    if (others.length < picked.length) tell(others);
    else if (picked.length < (element.max_selected_items ?? Infinity)) tell([...picked, one]);
  };
  return h(
    "div",
    { key: element.action_id, class: "multi" },
    picked.length > 0 && chips(field, picked, toggle),
    combobox({ ...field, groups }, picked, toggle, true),
  );
}

function groupsOf(element) {
  return element.option_groups ?? [{ options: element.options ?? [] }];
}

function chips(field, picked, remove) {
  const chip = (one) =>
    h(
      "li",
      { key: one.value },
      h(
        "button",
        { type: "button", class: "chip", "aria-label": `Remove ${plain(one.text)}`, onclick: () => remove(one) },
        plain(one.text),
        icon("close"),
      ),
    );
  return h("ul", { class: "chips", role: "list", "aria-label": `Chosen: ${field.label}` }, picked.map(chip));
}
