"""Nobody in: each way into the bot, tried by each kind of person with a payload that names another's job."""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from slack_bolt.async_app import AsyncApp

import handlers
from bot import app, live
from bot.commands import TABLE
from bot.exports import Draft, Place
from bot.forms import Form, Origin, digest
from bot.ids import Action, Modal
from bot.jobs import Job
from bot.links import Link, Person
from bot.rules.preferences import Preferences
from bot.sandbox import driver as waiting
from bot.sandbox.driver import Actor, SandboxDriver, wait_for
from bot.sandbox.server import Sandbox
from bot.sandbox.slack import payloads
from bot.sandbox.slack.people import TEAM_ID
from bot.services import Services
from bot.store import Handover, NameKind
from handlers import context
from tests.stories.authorization import (
    DOES,
    DOORS,
    LINKED_AT,
    NAME,
    NEVER_SENT,
    NOBODYS,
    PRIVATE,
    SEES,
    TAXON,
    Door,
    Scene,
    Verdict,
    Who,
    coming,
    table,
    view,
)
from tests.stories.conftest import Clock, comes_to, link

ROOT = Path(__file__).parents[2]
PLANKTON, ELSEWHERE = "C0PLANKTON", "T0ELSEWHERE"
MARKS = (
    NAME,
    "Not published yet",
    "owners-secret-error",
    "owners-secret-progress",
    "Tomás Silva",
    "tomas@lab",
    f"/prj/{PRIVATE}|",
)
"""What is in the owner's jobs, beside the name of a file and the lines of a log."""
ASKS_TO_LINK = ("know your EcoTaxa account", "ink your EcoTaxa account", "ink my account")
KINDS = {
    "word": "slash_commands",
    "event": "events_api",
}


@dataclass
class Listeners:
    """Stands where Bolt does, to be told what the bot listens to."""

    heard: dict[str, set[str]] = field(default_factory=dict)

    def __getattr__(self, kind: str) -> Any:
        def listen(name: Any) -> Any:
            self.heard.setdefault(kind, set()).add(getattr(name, "pattern", name))
            return lambda listener: listener

        return listen


def test_every_way_in_has_its_row() -> None:
    listeners = Listeners()
    handlers.register(cast(AsyncApp, listeners), cast(Services, None))
    heard = listeners.heard
    doors: dict[str, set[str]] = {}
    for door in DOORS:
        doors.setdefault(door.kind, set()).add(door.name)
    words = {name.split()[0] for name in doors["word"]}
    patterns = {f"^{name.replace('.', chr(92) + '.')}(:.*)?$" for name in doors["button"]}
    fields = {f"^{name.replace('.', chr(92) + '.')}(:.*)?$" for name in doors["field"]}

    assert heard.keys() == {"command", "event", "shortcut", "view", "options", "action"}
    assert words == {entry.word.value for entry in TABLE}
    assert doors["button"] == set(Action)
    assert patterns == heard["action"]
    assert fields == heard["options"]
    assert doors["modal"] == heard["view"] == set(Modal) - NEVER_SENT
    assert doors["shortcut"] == heard["shortcut"]
    assert doors["event"] | NOBODYS == heard["event"]


def test_the_document_tells_what_is_tried() -> None:
    told = (ROOT / "docs" / "authorization.md").read_text()

    assert told == table(), "python -m tests.stories.authorization > docs/authorization.md"


@dataclass
class Stage:
    """A bot with everybody of `Who`, and what they send it."""

    sandbox: Sandbox
    driver: SandboxDriver
    bot: app.Bot
    clock: Clock
    database: Path
    links: list[Link] = field(default_factory=list)
    files: tuple[str, ...] = ()

    @property
    def owner(self) -> Person:
        return Person(None, TEAM_ID, "U0TOMAS")

    def clicker(self, who: Who, door: Door) -> tuple[Actor, str]:
        """Who sends it, and from which workspace."""
        names = {Who.OWNER: "tomas", Who.OTHER: "elena", Who.ADMIN: "ada", Who.UNLINKED: "amelie"}
        allowed = door.row[list(Who).index(Who.OTHER)] is DOES and door.row[0] is not DOES
        name = names.get(who) or ("elena" if allowed else "tomas")
        return self.driver.person(name), ELSEWHERE if who is Who.STRANGER else TEAM_ID

    async def scene(self, **more: Any) -> Scene:
        """Jobs of the owner's, in every state."""
        made = self.driver.ecotaxa

        async def jobs(count: int, state: str, **fields: Any) -> list[int]:
            job_type = "GeneralExport" if state in "FR" else "FileImport"
            ids = await made.jobs(count, "tomas", state=state, type=job_type, project=PRIVATE)
            if fields:
                await made.set_all(ids, **fields)
            return ids

        finished = await jobs(3, "F")
        files = [(await made.job(job_id))["result"]["out_file"] for job_id in finished]
        self.files = (*self.files, *files)
        # Frozen: once restarted they wait, and do not come to another end in the middle of a later case.
        failed = await jobs(3, "E", errors=["- line 3: owners-secret-error"], freeze=True)
        running = await jobs(2, "R", progress_msg="owners-secret-progress")
        asking = await made.start("ask-taxa", "tomas", names=[NAME], project=PRIVATE)
        await comes_to(self.driver, asking, "A")
        mark = Job.parse(await made.job(asking)).mark
        ids: dict[str, Any] = dict(zip(("failed", "failed_too", "failed_also"), failed, strict=True))
        ids |= dict(zip(("finished", "finished_too", "finished_also"), finished, strict=True))
        ids |= dict(zip(("running", "running_too"), running, strict=True))
        return Scene(asking=asking, mark=mark, web_url=self.bot.services.web_url, **ids, **more)

    async def relink(self) -> None:
        """Undo what a case did to somebody's link."""
        store = self.bot.services.store
        for one in self.links:
            if await store.find_link(one.person) is None:
                await store.save_link(one, LINKED_AT)

    async def state(self, scene: Scene) -> set[str]:
        """What EcoTaxa has of the scene, which jobs there are, and what the bot keeps for their owner."""
        told = (await self.driver.ecotaxa.state())["jobs"]
        there = {f"job {it['id']}" for it in told}
        mine = {
            f"job {it['id']} {it['state']} {it['reply']}" for it in told if it["id"] in vars(scene).values()
        }
        return there | mine | self._rows()

    def _rows(self) -> set[str]:
        rows = set()
        with sqlite3.connect(self.database, timeout=20) as kept:
            for table, columns in KEPT_OF.items():
                of_owner = f"SELECT {columns} FROM {table} WHERE person_key = ?"
                found = kept.execute(of_owner, [self.owner.key])
                rows |= {f"{table} {row}" for row in found if not _REMINDER.search(str(row))}
        kept.close()
        return rows

    async def send(self, door: Door, who: Who, scene: Scene) -> str:
        """Send it: all that the bot then showed to anybody."""
        clicker, team = self.clicker(who, door)
        payload = door.forge(scene, clicker, team)
        kind = KINDS.get(door.kind, "interactive")
        if kind != "events_api":
            slack = self.sandbox.slack
            channel = payload.get("channel", {}).get("id", "C0GENERAL")
            payload |= {
                "trigger_id": slack.tickets.trigger(clicker.id),
                "response_url": payloads.response_url(slack, clicker.id, channel),
            }
        since = self.sandbox.slack.traffic.seq
        await self.driver.slack.deliver(kind, payload)
        await self._settled()
        shown = []
        for entry in await self.driver.slack.traffic(since):
            if entry["side"] == "socket":
                shown.append(entry["response"])
            elif who is Who.OWNER or not _moves_by_itself(entry):
                shown.append([entry["name"], entry["request"]])
        return json.dumps(shown, ensure_ascii=False)

    async def _settled(self) -> None:
        """Wait until all that a person asked for is done."""
        under_way = self.bot.services.work.is_under_way

        async def done() -> bool | None:
            return not any(map(under_way, ASKED_FOR)) or None

        await wait_for(done, "what was asked for to be done")

    def leaks(self, shown: str) -> list[str]:
        """What of the owner's is in it."""
        return [mark for mark in (*MARKS, *self.files, "Creating job") if mark in shown]


def _moves_by_itself(entry: Mapping[str, Any]) -> bool:
    """Whether it is the owner's card or home, on their own screen."""
    place = {key: entry["request"].get(key) for key in ("channel", "user_id")}
    return entry["name"] in ("chat.update", "views.publish") and bool(
        {"D0TOMAS", "U0TOMAS"} & {*place.values()}
    )


_REMINDER = re.compile(r"/(?:file|unanswered)/")
"""In the keys of notices that the bot owes by itself."""
KEPT_OF = {
    "links": "sealed, name, email, state",
    "people": "preferences",
    "notices": "key",
    "watches": "id",
    **dict.fromkeys(("picks", "remembered_users", "reports", "handovers", "cleanings", "followers"), "*"),
    **dict.fromkeys(("subscriptions", "mutes"), "*"),
}
"""What the bot keeps for somebody, less what moves by itself."""

ASKED_FOR = frozenset(
    {
        *(handler.__name__ for handler in handlers.ACTIONS.values()),
        *("command_typed", "link_submitted", "answer_submitted", "ask_submitted", "settings_submitted"),
        *("jobs_chosen", "export_submitted", "project_typed", "option_typed", "jobs_asked"),
        *("job_of_message_asked", "home_opened", "mentioned", "told_directly", "links_shared"),
        *("profile_changed", "file", "clean up"),
    }
)
"""Names of the work that somebody asked for; what the bot does by itself goes on."""


def judged(door: Door, who: Who, wanted: Verdict, changed: list[str], leaks: list[str], shown: str) -> str:
    """What is wrong with what became of it; empty when it is as the table says."""
    wrong = ""
    match wanted:
        case Verdict.DOES if not changed:
            wrong = "nothing was done"
        case Verdict.SEES if changed:
            wrong = f"changed {changed}"
        case Verdict.SEES if not leaks:
            wrong = "nothing of it was shown"
        case Verdict.LINK if not any(words in shown for words in ASKS_TO_LINK):
            wrong = "not asked to link"
        case Verdict.OWN | Verdict.REFUSED | Verdict.LINK if who is not Who.OWNER and (changed or leaks):
            wrong = f"changed {changed}, shown {leaks}"
    return f"{door.kind} {door.name} by {who.name}: {wrong}; {shown[:900]}" if wrong else ""


async def test_nobody_gets_at_anybody_elses(
    sandbox: Sandbox,
    driver: SandboxDriver,
    bot: app.Bot,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(context, "DRAWN_SECONDS", 0.0)
    monkeypatch.setattr(live, "LIVE_SECONDS", 0)
    monkeypatch.setattr(waiting, "LOOK_EVERY", 0.005)
    stage = Stage(sandbox, driver, bot, clock, tmp_path / "demo.sqlite3")
    scenes = await prepared(stage)
    wrong = []
    for door in DOORS:
        # Who may do it comes last, the owner last of all: nothing is refused, and nothing is left to do,
        # only because it was done already.
        for who in sorted(
            Who, key=lambda it: (door.row[list(Who).index(it)] in (DOES, SEES), it is Who.OWNER)
        ):
            await stage.relink()
            clock.forward(seconds=3)
            scene = scenes.get(who, scenes[Who.OTHER])
            before = await stage.state(scene)
            shown = await stage.send(door, who, scene)
            after = await stage.state(scene)
            changed = sorted(before ^ after)
            wanted = door.row[list(Who).index(who)]
            wrong.append(judged(door, who, wanted, changed, stage.leaks(shown), shown))

    found = list(filter(None, wrong))
    assert found == [], "\n\n".join(found)


async def prepared(stage: Stage) -> Mapping[Who, Scene]:
    """Link everybody but one, and give the owner all that can be got at: a set for each who may change it."""
    driver, store, clock = stage.driver, stage.bot.services.store, stage.clock
    tomas, elena = driver.person("tomas"), driver.person("elena")
    for name in ("tomas", "elena", "ada"):
        await link(driver.person(name))
        found = await store.find_link(Person(None, TEAM_ID, f"U0{name.upper()}"))
        assert found is not None
        stage.links.append(found)
        await store.save_link(found, LINKED_AT)
    calm = replace(Preferences(), cards=False, slow=False, reminders=frozenset())
    await store.save_preferences(stage.owner, calm, clock())
    await store.tell_in(stage.owner, PLANKTON, None, clock())
    await tomas.say("/invite @EcoTaxa", PLANKTON)
    await tomas.say("/invite @EcoTaxa", "C0GENERAL")
    (told_job,) = await driver.ecotaxa.jobs(1, "tomas", state="R", project=PRIVATE)
    shared = await driver.ecotaxa.start("long-export", "tomas", project=PRIVATE)
    await comes_to(driver, shared, "R")
    await tomas.say(f"/ecotaxa watch {told_job}", PLANKTON)
    card = await tomas.wait_for_message(lambda m: not m.ephemeral and "done" in m.text, PLANKTON)
    await driver.ecotaxa.set(shared, state="F", freeze=True)
    told = await tomas.wait_for_message(lambda m: f"#{shared}" in m.text and not m.ephemeral, PLANKTON)
    (place,) = await store.places_of(stage.owner)
    silent = replace(calm, events=frozenset(), kinds=frozenset())
    await store.save_preferences(stage.owner, silent, clock())
    common = {"told": (PLANKTON, told.ts), "shared": shared, "card": (PLANKTON, card.ts), "place": place.id}
    thread = (elena.im, "1700000000.000100")
    scenes = {}
    for who in (Who.OTHER, Who.ADMIN, Who.OWNER):
        handovers = {Action.HANDOVER_USER: "h1", Action.HANDOVER_TAXON: "h2", Action.HANDOVER_SKIP: "h3"}
        scenes[who] = await stage.scene(**common, handovers=handovers, thread=thread)
    colleague = Person(None, TEAM_ID, elena.id)
    handed: dict[str, NameKind] = {"h1": "user", "h2": "taxon", "h3": "taxon", "h4": "taxon"}
    for number, kind in handed.items():
        asked = Handover(
            number, stage.owner, scenes[Who.OTHER].asking, kind, "a name", colleague, "", "", clock()
        )
        await store.save_handover(asked)
        await store.place_handover(number, thread[0], thread[1] if number == "h4" else f"{number}.1")
    return scenes


async def test_an_answer_changes_no_message_of_somebody_elses(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    tomas = driver.person("tomas")
    await link(tomas)
    asked = await driver.ecotaxa.start("ask-taxa", names=["thing one"])
    ping = await linked.wait_for_message(f"#{asked}", linked.im)
    own = await driver.ecotaxa.start("ask-taxa", "tomas", names=["thing two"])
    theirs = await tomas.wait_for_message(f"#{own}", tomas.im)
    mark = Job.parse(await driver.ecotaxa.job(own)).mark
    form = Form(own, mark, origin=Origin(channel=linked.im, ts=ping.ts))
    answer = view(Modal.ANSWER, form.dump())
    answer["state"]["values"] = {
        f"taxon.{digest('thing two')}.0": {"answer.taxon": {"selected_option": TAXON}}
    }

    await driver.slack.deliver("interactive", coming(tomas, TEAM_ID, answer, "view_submission"))

    await tomas.wait_for_message(lambda m: m.id == theirs.id and m.text != theirs.text, tomas.im)
    await bot.services.work.rest(10)
    now = await linked.now(ping)
    assert now is not None
    assert now.text == ping.text


async def test_an_export_is_reported_in_nobodys_direct_conversation(
    linked: Actor, driver: SandboxDriver, bot: app.Bot
) -> None:
    tomas, person = driver.person("tomas"), Person(None, TEAM_ID, linked.id)
    for channel, reported in ((tomas.im, False), (PLANKTON, True)):
        before = {job["id"] for job in (await driver.ecotaxa.state())["jobs"]}
        draft = Draft(project_id=1, place=Place(channel, "", True), told_here=True)
        form = view(Modal.EXPORT, draft.dump())
        await driver.slack.deliver("interactive", coming(linked, TEAM_ID, form, "view_submission"))
        await bot.services.work.rest(10)

        (job_id,) = {job["id"] for job in (await driver.ecotaxa.state())["jobs"]} - before
        assert bool(await bot.services.store.find_reports(person, [job_id])) is reported


def test_an_organisation_knows_its_people_in_each_of_its_workspaces() -> None:
    elena = Person(None, "T1", "U1")
    in_organisation = Person("E1", "T1", "U1")

    assert elena.is_same(Person(None, "T1", "U1"))
    assert not elena.is_same(Person(None, "T2", "U1"))
    assert not elena.is_same(Person(None, "T1", "U2"))
    assert in_organisation.is_same(Person("E1", "T2", "U1"))
    assert not in_organisation.is_same(Person("E2", "T1", "U1"))
    assert not in_organisation.is_same(elena)
