// Talking to the two stand-ins' control interfaces, and hearing from them.

const SLACK = "/_control/slack/";
const ECOTAXA = "/_control/ecotaxa/";

export const slack = {
  state: (as) => read(`${SLACK}state?as=${encodeURIComponent(as)}`),
  traffic: (since) => read(`${SLACK}traffic?since=${since}`),
  send: (what, body) => write(SLACK + what, body),
  listen: (as, heard, lost) => listen(`${SLACK}events?as=${encodeURIComponent(as)}`, heard, lost),
};

export const ecotaxa = {
  state: () => read(`${ECOTAXA}state`),
  traffic: (since) => read(`${ECOTAXA}traffic?since=${since}`),
  send: (what, body) => write(ECOTAXA + what, body),
  listen: (heard, lost) => listen(`${ECOTAXA}events`, heard, lost),
};

/** Who is what: a few words by a person's id; nobody where no demo was set up. */
export function cast() {
  return read("/cast");
}

async function read(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

/** Post JSON; whatever happens comes back as an object, `ok: false` with an `error` when it went wrong. */
async function write(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    return {
      ...answer,
      ok: answer.ok ?? response.ok,
      error: answer.error ?? (response.ok ? undefined : `http_${response.status}`),
    };
  } catch {
    return { ok: false, error: "unreachable" };
  }
}

/** Call `heard` at each change, and after every connection, since changes may have been missed meanwhile. */
function listen(path, heard, lost) {
  const source = new EventSource(path);
  source.addEventListener("open", () => heard());
  source.addEventListener("change", () => heard());
  source.addEventListener("error", () => lost?.());
  return () => source.close();
}

/** Run `work` again and again, never twice at once: a call during a run means one more run after it. */
export function oneAtATime(work) {
  let running = false;
  let again = false;
  return async function run() {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } finally {
      running = false;
    }
  };
}
