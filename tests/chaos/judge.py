"""What somebody may complain of after all the crashes, from what Slack showed and what the books say."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PINGS = {"finished": "F", "failed": "E", "asked": "A", "killed": "K"}
"""The kinds of messages that tell what became of a job, and the letter of the state."""
SIGNS = {"✅": "F", "❌": "E", "⏹️": "K", "❓": "A", "▶️": "R", "⏳": "P"}
IS_OWED = ("pending", "sending", "uncertain", "stale")

_ROW = re.compile(r"^(?:(?:<@\w+>|\*[^*\n]+\*) )?(\S+) [\w ]+ · [\w ]+ · #(\d+)\b", re.MULTILINE)
_MORE = re.compile(r"^… and (\d+) more$", re.MULTILINE)
Job = int
Place = str


@dataclass(frozen=True, slots=True)
class Row:
    """A message in the bot's books; `place` is where it belongs: a channel, a direct message's too."""

    id: int
    key: str
    kind: str
    job_id: int | None
    place: Place
    state: str
    reason: str | None = None

    @property
    def is_done_with(self) -> bool:
        """Whether nothing of it is missing: it was told, or is a question that had its answer before."""
        return self.state == "sent" or (self.kind, self.state, self.reason) == (
            "asked",
            "dropped",
            "overtaken",
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as Slack showed it from some moment on, with the keys of what it tells."""

    what: str
    channel: Place
    ts: str
    text: str
    keys: Sequence[str]


@dataclass
class Verdict:
    """The complaints in words, and what they are of."""

    owed: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        """All of them."""
        return [*self.lost, *self.twice, *self.out_of_order, *self.other]


def judge(
    owed: Mapping[tuple[Job, Place], str],
    last: Mapping[Job, str],
    rows: Sequence[Row],
    shown: Sequence[Shown],
) -> Verdict:
    """`owed` has the states that are told of each job in a place, in order; `last` is where a job is now."""
    verdict = Verdict()
    books, told, texts = (
        {row.key: row for row in rows},
        _told(shown),
        {(it.channel, it.ts): it.text for it in shown},
    )
    for key, places in told.items():
        if key not in books:
            verdict.other.append(f"{key} is in Slack and not in the books")
        if len(places) > 1:
            verdict.twice.append(f"{key} was told {len(places)} times: {places}")
    for row in rows:
        if row.state in IS_OWED:
            verdict.lost.append(f"{row.key} ({row.kind}) is still owed, and {row.state}")
        if row.state == "sent":
            verdict.owed += 1
            if row.key not in told:
                verdict.lost.append(f"{row.key} counts as sent, and is not in Slack")
    verdict.lost += _missing(owed, rows)
    verdict.out_of_order += _unordered(rows, list(told))
    verdict.other += _untrue(told, books, last, texts)
    return verdict


def _told(shown: Sequence[Shown]) -> dict[str, list[tuple[Place, str]]]:
    """By key, in the order in which Slack first showed them: the messages that tell it."""
    told: dict[str, list[tuple[Place, str]]] = {}
    for it in shown:
        for key in it.keys:
            places = told.setdefault(key, [])
            if (it.channel, it.ts) not in places:
                places.append((it.channel, it.ts))
    return told


def _missing(owed: Mapping[tuple[Job, Place], str], rows: Sequence[Row]) -> Iterator[str]:
    """What happened, and the books do not have as told; or have, and it did not happen."""
    noted: dict[tuple[Job, Place], str] = defaultdict(str)
    for row in sorted(rows, key=lambda row: row.id):
        if row.kind in PINGS and row.job_id is not None and row.is_done_with:
            noted[row.job_id, row.place] += PINGS[row.kind]
    for job, place in {**owed, **noted}:
        if (happened := owed.get((job, place), "")) != noted[job, place]:
            yield f"#{job} came to {happened!r}, and {noted[job, place]!r} was told in {place}"


def _unordered(rows: Sequence[Row], keys: Sequence[str]) -> Iterator[str]:
    """What was told of a job before what had come first."""
    turns = {key: turn for turn, key in enumerate(keys)}
    by_job: dict[tuple[Job | None, Place], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        if row.kind in PINGS and row.key in turns:
            by_job[row.job_id, row.place].append(row)
    for (job, place), told in by_job.items():
        order = [turns[row.key] for row in told]
        if order != sorted(order):
            yield f"#{job} was told in another order than it happened in {place}: {[row.key for row in told]}"


def _untrue(
    told: Mapping[str, Sequence[tuple[Place, str]]],
    books: Mapping[str, Row],
    last: Mapping[Job, str],
    texts: Mapping[tuple[Place, str], str],
) -> Iterator[str]:
    """Messages whose words are not what they should be by now."""
    says: dict[tuple[Place, str], dict[Job, str]] = defaultdict(dict)
    cards: Counter[tuple[Job, Place]] = Counter()
    for key, places in told.items():
        row = books.get(key)
        if row is None or row.job_id is None:
            continue
        is_card = row.kind == "card"
        cards[row.job_id, row.place] += is_card
        if is_card or row.kind in PINGS:
            says[places[0]][row.job_id] = last[row.job_id] if is_card else PINGS[row.kind]
    for place, jobs in says.items():
        seen = {int(job): SIGNS.get(sign, sign) for sign, job in _ROW.findall(texts[place])}
        # Of very many jobs a message names some, and counts the others.
        more = len(jobs) - len(seen) if (rest := _MORE.search(texts[place])) else 0
        is_true = seen.items() <= jobs.items() and int(rest[1] if rest else 0) == more
        if not is_true or len(seen) + more != len(jobs):
            yield f"the message {place} should say {jobs}, and says {seen}: {texts[place]!r}"
    yield from (f"#{job} has {n} cards in {place}" for (job, place), n in cards.items() if n > 1)
