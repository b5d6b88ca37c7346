// What the page knows and the few things everything on it shares: who acts, what is chosen, telling.

/** Everything that is drawn comes from here; change it, then call draw(). */
export const page = {
  me: "", // the person acted as
  cast: {}, // who is what, by id, where the demo tells it: "linked", "new here", …
  slack: null, // the last state of the Slack stand-in for that person
  ecotaxa: null, // the last state of the EcoTaxa stand-in
  channel: "", // the conversation shown
  tab: "messages", // or "home": the app's Home
  thread: null, // ts of the message that the composer replies to
  drawer: false, // the sidebar on a phone
  place: "chat", // what a phone shows: "chat" or "ecotaxa"
  panel: window.innerWidth > 1000, // the EcoTaxa panel, where there is room beside the chat
  confirm: null, // an open confirmation dialog
  notes: [], // what is told at the bottom: {id, text}
  follow: true, // scroll to the newest message at the next drawing
  spoken: "", // the last announcement for screen readers
  offline: false,
};

const drawers = [];
let waiting = false;

/** Name the function that draws the page. */
export function drawWith(drawer) {
  drawers.push(drawer);
}

/** Draw soon; many calls in one go cost one drawing. */
export function draw() {
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => {
    waiting = false;
    for (const drawer of drawers) drawer();
  });
}

/** The person acted as, as the state tells them; null before the first state. */
export function me() {
  return person(page.me);
}

export function person(id) {
  return page.slack?.people.find((one) => one.id === id) ?? null;
}

/** The e-mail of the EcoTaxa account that belongs to the person acted as. */
export function myEmail() {
  return me()?.email ?? `${me()?.name}@lab.example`;
}

export function viewerZone() {
  return me()?.tz ?? "UTC";
}

const TOLD_FOR = 12_000; // milliseconds: long enough to read why something failed
export const BRIEFLY = 4_000;
let told = 0;

/** Tell something in a corner of the page for a while. */
export function tell(text, { id = `page-${++told}`, time = TOLD_FOR } = {}) {
  if (page.notes.some((note) => note.id === id)) return;
  page.notes.push({ id, text });
  setTimeout(() => untell(id), time);
  draw();
}

export function untell(id) {
  page.notes = page.notes.filter((note) => note.id !== id);
  draw();
}

/** Ask first, as a Block Kit confirm object says; resolves to whether the person agreed. */
export function askFirst(confirm) {
  if (!confirm) return Promise.resolve(true);
  const from = document.activeElement;
  return new Promise((resolve) => {
    page.confirm = {
      ...confirm,
      settle(agreed) {
        page.confirm = null;
        draw();
        queueMicrotask(() => from?.isConnected && from.focus());
        resolve(agreed);
      },
    };
    draw();
  });
}
