// The five steps of the tour: what to do now, where, and how one sees that it was really done.

import { compose, draftNow } from "./composer.js";
import { startJob } from "./jobs.js";
import { myEmail, page } from "./page.js";

const NOTICE = "ecotaxa_job_notice"; // the event_type in the metadata of the bot's pings
const NEW = "new here"; // what the cast calls whoever the tour accompanies
const WRITES = ".composer textarea";
const LINKED = "was just linked on my page"; // what the bot says where it has a page of its own
const linked = new Set();

function ofTheBot() {
  const all = Object.values(page.slack.messages).flat();
  return all.filter((message) => message.user === page.slack.bot.id);
}

function holds(message, actionId) {
  const elements = (message.blocks ?? []).flatMap((block) => [block.accessory, ...(block.elements ?? [])]);
  return elements.some((element) => element?.action_id?.startsWith(actionId));
}

function pings() {
  return ofTheBot().filter((message) => message.metadata?.event_type === NOTICE);
}

/** The place of the newest button of this kind, as a selector; "" when no message has one. */
function newest(actionId) {
  const message = ofTheBot().findLast((one) => holds(one, actionId));
  return message ? `[data-message-id="${message.id}"] [data-action-id^="${actionId}"]` : "";
}

function top() {
  return page.slack.views.at(-1);
}

function says(thing, text) {
  return Boolean(thing) && JSON.stringify(thing.blocks ?? []).includes(text);
}

const latest = (messages) => Math.max(0, ...messages.map(({ ts }) => Number(ts)));
const lists = () => ofTheBot().filter((message) => holds(message, "jobs.refresh"));
const shared = () => ofTheBot().filter((message) => message.files?.length);

function links() {
  if (top()?.title?.text === "Linked") linked.add(`${page.me} ${top().id}`);
  const before = (page.me in page.cast && page.cast[page.me] !== NEW) || lists().length > 0;
  const onPage = ofTheBot().filter((message) => says(message, LINKED)).length;
  return [...linked].filter((one) => one.startsWith(page.me)).length + onPage + (before ? 1 : 0);
}

function answers() {
  return [top(), ...ofTheBot()].filter((thing) => says(thing, "You answered")).length;
}

/** What keeps one from a step that happens in the conversation with the bot; null when nothing does. */
function elsewhere() {
  if (page.place !== "chat") return { text: "Go back to the chat.", target: ".phone-tabs button" };
  if (top()) return { text: "Close the window to go on.", target: ".modal-foot [data-hook=modal-cancel]" };
  if (page.slack.channels.find((one) => one.id === page.channel)?.kind !== "im")
    return { text: "Go to the conversation with EcoTaxa.", target: '.sidebar [data-channel-id^="D"], .for-phone' };
  if (page.tab !== "messages") return { text: "Go back to the messages.", target: "#tab-messages" };
  return null;
}

function typing(text, command) {
  if (draftNow() === command) return { text: "Press Enter to send it.", target: ".send" };
  return { text, target: WRITES, action: { name: `Type ${command}`, act: () => compose(command) } };
}

/** Ask to start a job; once it was started here, say what happens instead. */
function starting(kind, name, text, then) {
  if (started.has(kind)) return { text: then, target: "" };
  const act = () => {
    started.add(kind);
    startJob(kind);
  };
  return { text, target: "", action: { name, act } };
}

const started = new Set();

/** Forget what the tour itself started, since one comes to a step anew. */
export function forgetStarted() {
  started.clear();
}

/**
 * Each step has a `title`; `mark()`, a number that grows whenever it is done, 0 as long as it never was; and
 * `now()`: the one thing to say, a selector of what to press ("" for nothing), possibly an action of the card's.
 */
export const STEPS = [
  {
    title: "Link your account",
    mark: links,
    now() {
      if (top()?.callback_id === "link")
        return {
          text: `Sign in with ${myEmail()} and the password plankton.`,
          target: "[data-callback-id=link] .modal-body",
        };
      const way = ofTheBot().findLast((message) => says(message, "my own page"));
      if (way && !elsewhere())
        return {
          text: `Open the page, and sign in there with ${myEmail()} and the password plankton.`,
          target: `[data-message-id="${way.id}"] [data-action-id^="web.open"]`,
        };
      return elsewhere() ?? typing("The bot has to know your EcoTaxa account: type /ecotaxa link.", "/ecotaxa link");
    },
  },
  {
    title: "See your jobs",
    mark: () => latest(lists()),
    now: () => elsewhere() ?? typing("You are linked. Now ask for your jobs.", "/ecotaxa jobs"),
  },
  {
    title: "Be told",
    mark: () => latest(pings()),
    now: () =>
      elsewhere() ??
      starting(
        "export",
        "Start an export",
        "Nobody has to watch a job. Start one, as if in EcoTaxa’s own page.",
        "It runs. In a few seconds a message comes by itself.",
      ),
  },
  {
    title: "Answer a question",
    mark: answers,
    now() {
      if (top()?.callback_id === "answer") return choosing();
      if (says(top(), "Sending your answer")) return { text: "EcoTaxa takes your answer. One moment.", target: "" };
      const target = newest("answer.open");
      const press = target && { text: "It asks who and what is meant. Press Answer.", target };
      const start = () =>
        starting(
          "ask",
          "Start an import",
          "That was a ping. Some jobs ask: start an import with three unknown names.",
          "It reads the files. In a moment it asks.",
        );
      return elsewhere() ?? (press || start());
    },
  },
  {
    title: "Get the file",
    mark: () => latest(shared()),
    now() {
      const target = newest("file.get");
      const press = target && { text: "The export’s file can come into the chat. Press Get the file.", target };
      const start = () =>
        starting("export", "Start an export", "For this, an export has to finish.", "A message comes when it is done.");
      return elsewhere() ?? (press || start());
    },
  },
];

function choosing() {
  const empty = ".modal [role=combobox]:not(.has-value)";
  if (document.querySelector(empty))
    return { text: "Type a few letters of the name that is meant, and choose. Try “elena” and “oncae”.", target: empty };
  return { text: "Every name is known now. Press Answer.", target: ".modal [data-hook=modal-submit]" };
}
