"""What people were promised, read from the words of the settings alone: it knows no rule of the bot's.

A script says what happened, a reading what people saw; `complaints` are what somebody may complain of.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.rules.preferences import Preferences, Summary
from tests.simulation.player import AFTER, STEP, Played
from tests.simulation.reading import Kind, Posted, Reading, Telling, read
from tests.simulation.script import HOUR, MINUTE, Beat, Errand, Member, Script, Span

AGAIN = 11 * MINUTE
"""Seconds after EcoTaxa's return until everybody was looked at: the pauses grow while it is away."""
WORDS = {"F": "finished", "E": "failed", "K": "killed", "A": "asked"}
KINDS = {
    "GeneralExport": "exports", "FileImport": "imports", "SimpleImport": "imports",
    "Prediction": "predictions", "Subset": "subsets",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promise:
    """What is to be told in a place: something of a job, at `at`, and by `until` at the latest."""

    at: float
    until: float
    state: str
    is_sure: bool = True


class Oracle:
    """What one script promises."""

    def __init__(self, script: Script, job_ids: Mapping[int, int]) -> None:
        self._script = script
        # In so many seconds what nothing hinders is told: the pause between two looks, and some way to go.
        self._soon = script.idle + 2 * STEP + MINUTE
        self._members = {member.name: member for member in script.members}
        self._errands = {job_ids[it.number]: it for it in script.errands if it.number in job_ids}

    def complaints(self, reading: Reading) -> list[str]:
        """All that was promised and not kept, or kept and not promised; empty when everybody is content."""
        told: dict[tuple[int, str], list[Telling]] = defaultdict(list)
        for telling in reading.tellings:
            told[telling.job_id, telling.channel].append(telling)
        found: list[str] = []
        for job_id, errand in self._errands.items():
            member = self._members[errand.owner]
            for place in _everywhere(member):
                promises = self.promises(errand, member, place)
                got = told.pop((job_id, place), [])
                found += [f"#{job_id} of {member.name}: {it}" for it in self._moot(errand, got)]
                found += [f"#{job_id} of {member.name} in {place}: {it}" for it in self._kept(promises, got)]
                found += [
                    f"#{job_id} told to {member.name} in their quiet at {it.at:g}"
                    for it in got
                    if place == direct(member) and self._hushed(member, it.at)
                ]
        found += [f"#{job_id} told in {place}, whose it is not" for job_id, place in told]
        found += self._odd(reading)
        found += self._unordered(reading)
        return [*found, *self._cards(reading), *self._prophecies(reading), *self._silences(reading),
                *self._summaries(reading), *self._threads(reading)]  # fmt: skip

    # What is told of a job

    def promises(self, errand: Errand, member: Member, place: str) -> list[Promise]:
        """What is to be told of a job in a place, in order."""
        choices = member.choices
        if place not in places_of(errand, member) or not _wants(errand, member):
            return []
        found = []
        for beat in errand.beats:
            word = WORDS.get(beat.state)
            if word is None or word not in choices.events:
                continue
            is_sure = True
            if beat.state == "F" and choices.least_minutes:
                lasted, least = _lasted(errand, beat), choices.least_minutes * MINUTE
                if lasted + AGAIN + self._soon < least:
                    continue
                is_sure = lasted > least + AGAIN + self._soon
            until = self._until(member, place, beat.at)
            if beat.state == "A" and (answered := _answered(errand, beat)) is not None:
                is_sure = answered > until
            found.append(Promise(beat.at, until, beat.state, is_sure))
        return found

    def _until(self, member: Member, place: str, at: float) -> float:
        """The latest moment for something of `at`: later where something stands in its way."""
        until = at + self._soon
        spans = [
            Span(self._script.ecotaxa_down.start - self._script.active, self._script.ecotaxa_down.end + AGAIN)
        ]
        spans.append(self._script.slack_down)
        if place == direct(member):
            spans += [mute.span for mute in member.mutes if mute.what == "all"]
            spans += self._quiet(member.choices, member.zone)
        for span in sorted(spans, key=lambda it: it.end):
            if span.start <= until and at < span.end:
                until = max(until, span.end + self._soon)
        return until

    def _quiet(self, choices: Preferences, zone: str) -> Iterator[Span]:
        """A person's quiet hours, as spans of the script."""
        if choices.quiet is None:
            return
        tz, script = ZoneInfo(zone), self._script
        for day in range(-1, 3):
            date = (script.start.astimezone(tz) + timedelta(days=day)).date()
            start = datetime.combine(date, choices.quiet.start, tz)
            end = datetime.combine(date, choices.quiet.end, tz)
            end += timedelta(days=1) if end <= start else timedelta()
            yield Span(*((it - script.start).total_seconds() for it in (start, end)))

    def _hushed(self, member: Member, at: float) -> bool:
        """Whether a person wants to hear nothing at that moment."""
        mutes = [mute.span for mute in member.mutes if mute.what == "all"]
        return any(at in span for span in (*mutes, *self._quiet(member.choices, member.zone)))

    def _kept(self, promises: Sequence[Promise], told: Sequence[Telling]) -> Iterator[str]:
        """What is wrong with what was told, in order, of one job in one place."""
        left = list(told)
        for number, promise in enumerate(promises):
            if left and left[0].state == promise.state and promise.at <= left[0].at:
                later = [it for it in promises[number + 1 :] if it.at <= left[0].at]
                if not (later and any(it.state == promise.state for it in later) and len(left) < 2):
                    at = left.pop(0).at
                    if at > promise.until:
                        due = f"not by {promise.until:.0f}"
                        yield f"{promise.state} of {promise.at:.0f} came at {at:g}, {due}"
                    continue
            end = self._script.seconds + AFTER
            is_overtaken = bool(left) and any(it.at <= promise.until for it in promises[number + 1 :])
            if promise.is_sure and promise.until < end and not is_overtaken:
                yield f"{promise.state} of {promise.at:.0f} was not told by {promise.until:.0f}"
        for telling in left:
            yield f"{telling.state} told at {telling.at:g} for nothing, or twice"

    def _moot(self, errand: Errand, told: Sequence[Telling]) -> Iterator[str]:
        """Questions that somebody was told of although the bot could know that they had their answer."""
        down = self._script.ecotaxa_down
        for it in told:
            asked = [beat for beat in errand.beats if beat.state == "A" and beat.at <= it.at]
            answered = _answered(errand, asked[-1]) if it.state == "A" and asked else None
            if answered is None:
                continue
            is_hidden = down.start - self._soon <= answered < down.end
            if it.at > (down.end + AGAIN if is_hidden else answered) + self._soon:
                yield f"A told at {it.at:g}, which was answered at {answered:.0f}"

    def _unordered(self, reading: Reading) -> Iterator[str]:
        """What fell into Slack's outage comes after it, in the order in which it happened."""
        outage = self._script.slack_down
        by_place: dict[tuple[str, str], list[tuple[float, float, int]]] = defaultdict(list)
        for it in reading.tellings:
            errand = self._errands[it.job_id]
            at = max((b.at for b in errand.beats if b.state == it.state and b.at <= it.at), default=it.at)
            if at in outage and not self._hushed(self._members[errand.owner], at):
                by_place[it.channel, errand.owner].append((at, it.at, it.job_id))
            if it.at in outage:
                yield f"#{it.job_id} told while Slack was away"
        for rows in by_place.values():
            rows.sort()
            for n, (at, told, job_id) in enumerate(rows):
                early = [it for it in rows[n + 1 :] if it[0] > at + self._soon and it[1] < told]
                yield from (f"#{it[2]} was told before #{job_id}" for it in early)

    # All else

    def _odd(self, reading: Reading) -> Iterator[str]:
        for it in reading.posted:
            if it.kind is Kind.ODD:
                yield f"nobody expects this: {it.shown.text!r}"

    def _cards(self, reading: Reading) -> Iterator[str]:
        """Who wants cards has one for each job that goes on for a while, and no second one."""
        seen: dict[tuple[int | None, str], int] = defaultdict(int)
        for it in reading.posted:
            if it.kind is Kind.CARD:
                seen[it.job_id, it.shown.channel] += 1
                member = self._members[self._errands[it.job_id or 0].owner]
                if not member.choices.cards:
                    yield f"{member.name} wants no cards, and got one of #{it.job_id}"
                if it.shown.channel == direct(member) and self._hushed(member, it.at):
                    yield f"a card of #{it.job_id} in the quiet of {member.name}"
        yield from (f"#{job_id} has {n} cards in {place}" for (job_id, place), n in seen.items() if n > 1)
        for job_id, errand in self._errands.items():
            member = self._members[errand.owner]
            if not member.choices.cards or not _wants(errand, member):
                continue
            for place in places_of(errand, member):
                if self._goes_on(errand, member, place) and (job_id, place) not in seen:
                    yield f"#{job_id} has no card in {place}"

    def _goes_on(self, errand: Errand, member: Member, place: str) -> bool:
        """Whether a job's first run is long enough, and unhindered, for a card to be sure."""
        first = errand.beats[0].at
        over = next((beat.at for beat in errand.beats if beat.state in "FEKA"), self._script.seconds)
        return (
            self._until(member, place, first) == first + self._soon and first + self._soon + 2 * MINUTE < over
        )

    def _prophecies(self, reading: Reading) -> Iterator[str]:
        """That a job waits or runs long is told once each time, and only where it does."""
        seen: set[tuple[object, ...]] = set()
        for it in reading.posted:
            if it.kind not in (Kind.SLOW, Kind.WAITS):
                continue
            errand = self._errands[it.job_id or 0]
            member = self._members[errand.owner]
            state, least = ("R", 10 * MINUTE) if it.kind is Kind.SLOW else ("P", 30 * MINUTE)
            seen_at = it.at - self._script.active - STEP
            beats = [*errand.beats, Beat(float("inf"), "")]
            lives = [b for b, a in pairwise(beats) if b.at <= it.at and seen_at < a.at and b.state == state]
            since = lives[-1].at if lives else it.at
            if it.at - since < least:
                yield f"#{it.job_id} is {it.kind} after {it.at - since:g} s in {state}"
            if not member.choices.slow or self._hushed(member, it.at):
                yield f"{member.name} does not want to hear that #{it.job_id} is {it.kind}"
            if (key := (it.job_id, it.kind, since)) in seen:
                yield f"#{it.job_id} is {it.kind} twice"
            seen.add(key)
        yield from self._unforetold(seen)

    def _unforetold(self, seen: set[tuple[object, ...]]) -> Iterator[str]:
        """A job that has waited for more than an hour and a half, where half of them wait for minutes."""
        for job_id, errand in self._errands.items():
            member = self._members[errand.owner]
            if (
                not member.choices.slow
                or not _wants(errand, member)
                or direct(member) not in places_of(errand, member)
            ):
                continue  # fmt: skip
            for beat, after in zip(
                errand.beats, [*errand.beats[1:], Beat(self._script.seconds, "")], strict=True
            ):
                span = Span(beat.at, min(after.at, self._script.seconds))
                if beat.state != "P" or span.end - span.start < 1.5 * HOUR:
                    continue
                if (
                    self._until(member, direct(member), span.end - self._soon) > span.end
                    or member.choices.quiet
                ):
                    continue
                if (job_id, Kind.WAITS, beat.at) not in seen:
                    yield f"#{job_id} has waited since {beat.at:.0f}, and nobody told"

    def _silences(self, reading: Reading) -> Iterator[str]:
        """EcoTaxa's absence is told once, to those who wait for something, and so is its return."""
        down = self._script.ecotaxa_down
        told: dict[str, list[Posted]] = defaultdict(list)
        for it in reading.posted:
            if it.kind is Kind.UNREACHABLE:
                told[it.shown.channel].append(it)
        for member in self._script.members:
            mine = [errand for errand in self._errands.values() if errand.owner == member.name]
            got = told.pop(direct(member), [])
            if len(got) > 1:
                yield f"{member.name} was told {len(got)} times that EcoTaxa is away"
            if got and not any(_is_active(it, down.start - self._soon, down.end) for it in mine):
                yield f"{member.name} waits for nothing, and was told that EcoTaxa is away"
            if got and not (down.start + 2 * MINUTE <= got[0].at <= down.end + AGAIN):
                yield f"{member.name} was told that EcoTaxa is away at {got[0].at:g}"
            if got and "answers again" not in reading.last[got[0].shown.channel, got[0].shown.ts]:
                yield f"{member.name} was not told that EcoTaxa is back"
        yield from (f"EcoTaxa's absence was told in {place}" for place in told)

    def _summaries(self, reading: Reading) -> Iterator[str]:
        told: dict[str, list[float]] = defaultdict(list)
        for it in reading.posted:
            if it.kind is Kind.SUMMARY:
                told[it.shown.channel].append(it.at)
        for member in self._script.members:
            times = told.pop(direct(member), [])
            if member.choices.summary is not Summary.DAILY:
                if times:
                    yield f"{member.name} wants no summary"
                continue
            zone, script = ZoneInfo(member.zone), self._script
            for at in times:
                local = script.at(at).astimezone(zone)
                if local.hour != 9 and self._until(member, direct(member), at - HOUR) < at:
                    yield f"{member.name} got their summary at {local:%H:%M}"
            if len(times) > script.seconds // (24 * HOUR) + 1:
                yield f"{member.name} got {len(times)} summaries"

    def _threads(self, reading: Reading) -> Iterator[str]:
        """A ping stands in the thread of its card only in channels, and where people want it so."""
        roots = {(it.shown.channel, it.shown.ts): it for it in reading.posted}
        for it in reading.posted:
            if (thread := it.shown.thread_ts) is None:
                continue
            root = roots.get((it.shown.channel, thread))
            if root is None or root.kind is not Kind.CARD or root.job_id != it.job_id:
                yield f"#{it.job_id} was told in a thread of something else"
            member = self._members[self._errands[it.job_id or 0].owner]
            if it.shown.channel == direct(member) and not member.choices.in_thread:
                yield f"{member.name} wants no threads, and #{it.job_id} was told in one"


def direct(member: Member) -> str:
    """The conversation of a person with the bot."""
    return f"D0{member.name.upper()}"


def places_of(errand: Errand, member: Member) -> list[str]:
    """Where a person wants that job to be told."""
    channels = [channel for channel, project in member.channels if project in (None, errand.project)]
    return [*([direct(member)] if member.choices.direct or not channels else []), *dict.fromkeys(channels)]


def _everywhere(member: Member) -> list[str]:
    return [direct(member), *dict.fromkeys(channel for channel, _ in member.channels)]


def _wants(errand: Errand, member: Member) -> bool:
    """Whether a person wants to hear of such jobs at all."""
    is_muted = any(mute.what == f"project:{errand.project}" for mute in member.mutes)
    return not is_muted and (not member.choices.kinds or KINDS[errand.type] in member.choices.kinds)


def _answered(errand: Errand, question: Beat) -> float | None:
    """When a question had its answer; None where it never had."""
    return next((beat.at for beat in errand.beats if beat.at > question.at), None)


def _lasted(errand: Errand, end: Beat) -> float:
    """For how long somebody has waited for that end: since the last start, or the answer, with the wait."""
    before = [beat for beat in errand.beats if beat.at < end.at]
    waits = [beat.at for beat in before if beat.state == "P"]
    return end.at - waits[-1]


def _is_active(errand: Errand, start: float, end: float) -> bool:
    """Whether a job waits or runs at some moment of that time."""
    beats = [*errand.beats, Beat(float("inf"), "")]
    return any(beat.state in "PR" and beat.at < end and start <= after.at for beat, after in pairwise(beats))


def complaints(script: Script, played: Played) -> list[str]:
    """What somebody may complain of after a script was played."""
    return Oracle(script, played.job_ids).complaints(read(played.shown))
