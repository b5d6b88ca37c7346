// The app's shortcuts: those that start anywhere, and those that are about a message.

import { page, tell } from "./page.js";
import { slack } from "./server.js";
import { reason } from "./values.js";

/** The app's shortcuts of a kind: "global" or "message". */
export function shortcuts(kind) {
  return (page.slack.shortcuts ?? []).filter((one) => one.type === kind);
}

/** Run a shortcut, one for messages on `message`. */
export async function runShortcut({ callback_id }, message) {
  const answer = await slack.send("shortcut", { as: page.me, callback_id, message_id: message?.id });
  if (!answer.ok) tell(reason(answer.error));
}
