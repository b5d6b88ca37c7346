"""What EcoTaxa answers, read as the bot reads it, compared, and told: only our own errors may come of it."""

import json
from collections.abc import AsyncIterator
from typing import Any

from hypothesis import strategies as st

from bot import forms, joblog
from bot.ecotaxa import meaning
from bot.ecotaxa.meaning import Reply
from bot.errors import EcoTaxaError
from bot.jobs import Job
from bot.language import LANGUAGES, speaking
from bot.lookup import Choice, Found
from bot.messages import Message, exports, logs, note, sorry
from bot.messages.files import arrived, comment, on_its_way
from bot.names import Project, Taxon, User
from bot.sandbox.slack.blockkit import surfaces
from bot.transitions import Snapshot, compare, moved
from tests.bot.slack_limits import WEB, check_message, check_options
from tests.fuzz.answers import ENDPOINTS, answers, files, job_documents
from tests.fuzz.answers import logs as any_log
from tests.fuzz.builders import BUILDERS, Matter
from tests.fuzz.verdict import Broken, Case, check_secret, check_view, shown
from tests.fuzz.words import below

AT_ONCE = 3
"""Messages that are made of each answer."""
_ANSWERS = [answers(endpoint, "/api/jobs/1234/") for endpoint in ENDPOINTS]
_NAMES = list(BUILDERS)
_files, _same = files(), job_documents(7)
LEAST = Job.parse({"id": 1234, "state": "R"})


def read(data: st.DataObject, case: Case) -> None:
    """One answer, by whichever endpoint."""
    with speaking(LANGUAGES[data.draw(below(len(LANGUAGES)))]):
        match data.draw(below(10)):
            case 0:
                _log(data, case)
            case 1:
                _file(data, case)
            case 2 | 3 | 4:
                _jobs(data, case)
            case _:
                _any(data, case)


def _any(data: st.DataObject, case: Case) -> None:
    at = data.draw(below(len(ENDPOINTS)))
    endpoint, answer = ENDPOINTS[at], data.draw(_ANSWERS[at])
    case.what = answer
    for reads in endpoint.reads:
        try:
            found = reads(Reply(answer.status, answer.headers, answer.body))
        except EcoTaxaError as error:
            _check(sorry(error, "abc123"))
            check_secret(str(error), "what the log tells of an error")
        else:
            _tell(data, case, found)


def _tell(data: st.DataObject, case: Case, found: Any) -> None:
    match found:
        case Job():
            _make(data, case, found)
        case [Job(), *_]:
            _make(data, case, found[0])
        case [Project(), *_]:
            _check(exports.project_options(found, complete=True))
        case [User(), *_]:
            _check(forms.options(Found([Choice(it.id, it.name, it.email) for it in found]), "user"))
        case [Taxon(), *_]:
            _check(
                forms.options(Found([Choice(it.id, it.text, it.status) for it in found], more=True), "taxon")
            )


def _jobs(data: st.DataObject, case: Case) -> None:
    """Two looks at the same jobs: what moved, what of it is news, and how each is told."""
    before, after = data.draw(_same), data.draw(_same)
    case.what = [before, after]
    first = meaning.jobs(Reply(200, {}, json.dumps([before]).encode()))
    second = meaning.jobs(Reply(200, {}, json.dumps([after]).encode()))
    snapshot, _ = compare(None, first)
    if Snapshot.load(snapshot.dump()) != snapshot:
        raise Broken("a snapshot that does not come back as it was")
    later, news = compare(snapshot, second, whole=bool(data.draw(below(2))))
    moved(snapshot, second)
    if compare(later, second)[1]:
        raise Broken("the same look twice is news")
    for it in news:
        brief = Job.parse(json.loads(json.dumps(it.job.brief())))
        if (brief.state, brief.question, brief.was_killed) != (
            it.job.state,
            it.job.question,
            it.job.was_killed,
        ):
            raise Broken("a job in brief is another one")
        _make(data, case, brief)
    _make(data, case, second[0])


def _make(data: st.DataObject, case: Case, job: Job) -> None:
    matter = Matter(data.draw, job)
    for _ in range(AT_ONCE):
        name = _NAMES[data.draw(below(len(_NAMES)))]
        case.heard.append(name)
        _check(BUILDERS[name](matter))


def _log(data: st.DataObject, case: Case) -> None:
    body = data.draw(any_log)
    case.what = body
    limit = (10, 200, 64_000)[data.draw(below(3))]

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 50):
            yield body[at : at + 50]

    coroutine = joblog.tail(chunks(), limit)
    try:
        coroutine.send(None)
    except StopIteration as ended:
        tail = ended.value
    else:
        raise Broken("a log's tail waits for something")
    check_secret(joblog.redacted(tail.text), "a whole log")
    _check(logs.job_log(LEAST, joblog.entries(tail.text), WEB))
    _check(logs.whole_log(LEAST, is_cut=tail.is_cut))


def _file(data: st.DataObject, case: Case) -> None:
    answer = data.draw(_files)
    case.what = answer
    try:
        part = meaning.file_part(Reply(answer.status, answer.headers, answer.body))
    except EcoTaxaError as error:
        _check(sorry(error, None))
        return
    _check(on_its_way(LEAST, part.filename, part.start, part.length or 1))
    _check(arrived(LEAST, part.filename, part.length or 1))
    _check(comment(LEAST, part.filename, part.length or 1, "0" * 64))


def _check(made: Any) -> None:
    """Raise where Slack would refuse it, or it shows what it may not."""
    match made:
        case Message():
            check_message(made)
            surfaces.check_message_blocks(made.blocks)
        case str():
            _check(note(made or "-"))
        case {"type": "card"}:
            surfaces.check_message_blocks(made["blocks"])
        case {"type": kind}:
            check_view(made, kind)
        case list():
            check_options(made)
            surfaces.check_options({"options": made})
        case _:
            raise Broken(f"nobody judges {made!r:.80}")
    check_secret(json.dumps(shown(made.blocks if isinstance(made, Message) else made)), "a message")
