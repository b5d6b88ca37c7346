// Dates as Slack writes them, in the zone of whoever reads.

const DAY = 86_400_000;
const LOCALE = "en-GB";

function formatter(zone, options) {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: zone, ...options });
}

/** 14:05, in the reader's zone; `at` in Unix seconds, as a number or a message's ts. */
export function clockTime(at, zone) {
  return formatter(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(Number(at) * 1000));
}

/** "Today", "Yesterday" or the date: a name of a day that is also the same for all its moments. */
export function dayName(at, zone, now = Date.now()) {
  return (
    near(Number(at) * 1000, zone, now) ??
    formatter(zone, { weekday: "long", day: "numeric", month: "long" }).format(new Date(Number(at) * 1000))
  );
}

function near(moment, zone, now) {
  const day = formatter(zone, { dateStyle: "short" });
  const names = [
    ["Today", 0],
    ["Yesterday", -DAY],
    ["Tomorrow", DAY],
  ];
  return names.find(([, offset]) => day.format(now + offset) === day.format(moment))?.[0] ?? null;
}

function ago(moment, now) {
  const seconds = (moment - now) / 1000;
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ];
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units.at(-1);
  return new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" }).format(Math.round(seconds / length), unit);
}

/** Fill a `<!date^…>` template such as `{date_short_pretty} {time}`; null when the moment is no moment. */
export function fillDate(unix, template, zone, now = Date.now()) {
  const moment = Number(unix) * 1000;
  if (!/^-?\d+$/.test(unix) || Number.isNaN(new Date(moment).getTime())) return null;
  const say = (options) => formatter(zone, options).format(new Date(moment));
  const parts = Object.fromEntries(
    formatter(zone, { dateStyle: "short" })
      .formatToParts(new Date(moment))
      .map((part) => [part.type, part.value]),
  );
  const long = () => say({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const short = () => say({ day: "numeric", month: "short", year: "numeric" });
  const middle = () => say({ day: "numeric", month: "long", year: "numeric" });
  const soft = (text) => near(moment, zone, now)?.toLowerCase() ?? text();
  const forms = {
    date_num: () => `${parts.year}-${parts.month}-${parts.day}`,
    date: middle,
    date_slash: () => say({ dateStyle: "short" }),
    date_long: long,
    date_long_full: long,
    date_short: short,
    date_pretty: () => soft(middle),
    date_long_pretty: () => soft(long),
    date_short_pretty: () => soft(short),
    time: () => say({ hour: "2-digit", minute: "2-digit" }),
    time_secs: () => say({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(moment, now),
  };
  const filled = template.replace(/\{([a-z_]+)\}/g, (whole, name) => forms[name]?.() ?? whole);
  return template.startsWith("{date") ? filled.charAt(0).toUpperCase() + filled.slice(1) : filled;
}

/** A moment (Unix seconds) as the value of a `datetime-local` field in a zone: 2026-05-13T14:05. */
export function wallClock(unix, zone) {
  const said = formatter(zone, { dateStyle: "short", timeStyle: "short" }).formatToParts(unix * 1000);
  const part = Object.fromEntries(said.map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/** The moment, in Unix seconds, at which a clock in this zone shows such a value. */
export function secondsOf(text, zone) {
  const asUtc = (shown) => Date.parse(`${shown}:00Z`) / 1000;
  const wanted = asUtc(text);
  const guess = wanted - (asUtc(wallClock(wanted, zone)) - wanted);
  return guess + (wanted - asUtc(wallClock(guess, zone)));
}
