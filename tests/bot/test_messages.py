import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import messages
from bot.errors import BotError, TokenRejected, Unavailable, UsageError
from bot.filters import Filter
from bot.jobs import Event, Job
from bot.links import Link, LinkState, Person, Token
from bot.listing import Listing
from bot.messages import Message
from bot.text import prose
from tests.bot.slack_limits import WEB, any_job, check_message, job_json, nasty_text

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CREATED = "2026-11-23T11:00:00"


def a_job(state: str = "R", job_id: int = 1234, **more: object) -> Job:
    raw: dict[str, Any] = {
        "id": job_id,
        "state": state,
        "type": "GeneralExport",
        "creation_date": CREATED,
        "updated_on": "2026-11-23T11:57:00",
        "params": {"req": {"project_id": 42}},
    }
    return Job.parse(raw | more)


def asking(users: int = 1, taxa: int = 2, job_id: int = 1234) -> Job:
    question = {
        "missing_users": [f"user {n}" for n in range(users)],
        "missing_taxa": [f"taxon {n}" for n in range(taxa)],
    }
    return a_job("A", job_id, type="FileImport", question=question)


def a_link(name: str = "Ada Lovelace", email: str = "ada@example.org", days_left: int = 20) -> Link:
    issued = NOW - timedelta(days=31 - days_left)
    return Link(Person(None, "T1", "U1"), Token("a.b.c", 7, issued), name, email)


def a_list(jobs: list[Job], page: int = 0, wanted: str = "", *, live: bool = True, **beside: Any) -> Message:
    """The message for one page of these jobs, filtered by the words somebody typed."""
    listing = replace(Listing.of(jobs, page, Filter.parse(wanted)), **beside)
    return messages.job_list(listing, now=NOW, web_url=WEB, live=live)


def shown(message: Message) -> str:
    """All that the blocks say, to look for words in."""
    parts: list[str] = []
    for block in message.blocks:
        texts = [block.get("text"), *block.get("fields", [])]
        texts += [element for element in block.get("elements", []) if block["type"] == "context"]
        parts += [text["text"] for text in texts if text]
    return "\n".join(parts)


def buttons(message: Message) -> dict[str, str]:
    """Each button's action with its value or address."""
    found = [block["accessory"] for block in message.blocks if "accessory" in block]
    found += [
        element for block in message.blocks if block["type"] == "actions" for element in block["elements"]
    ]
    found = [element for element in found if element["type"] == "button"]
    return {button["action_id"]: button.get("value") or button.get("url", "") for button in found}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("GeneralExport", "General export"),
        ("FileImport", "Import"),
        ("SimpleImport", "Simple import"),
        ("SummaryExport", "Summary export"),
        ("BackupExport", "Backup export"),
        ("DarwinCoreExport", "Darwin Core export"),
        ("GenExport", "Export"),
        ("Subset", "Subset"),
        ("Prediction", "Prediction"),
        ("NightlyMaintenance", "Nightly maintenance"),
        ("BigNewThing", "Big new thing"),
        ("DWCExport2", "DWC export2"),
        ("<!channel> `x`", "Channel x"),
        ("", "Job"),
        (None, "Job"),
    ],
)
def test_a_kind_of_job_is_told_in_plain_words(kind: object, words: str) -> None:
    assert messages.type_words(a_job(type=kind)) == words


@pytest.mark.parametrize(
    ("state", "message", "words"),
    [
        ("P", None, "⏳ Waiting"),
        ("R", None, "▶️ Running"),
        ("A", None, "❓ Asks"),
        ("E", "Disk full", "❌ Failed"),
        ("E", "Killed", "⏹️ Stopped"),
        ("F", "Done", "✅ Finished"),
        ("X", None, "❔ Unknown"),
    ],
)
def test_a_state_is_told_by_sign_and_word(state: str, message: object, words: str) -> None:
    assert messages.state_words(a_job(state, progress_msg=message)) == words


@pytest.mark.parametrize(
    ("pct", "bar"),
    [
        (None, ""),
        (0, "░░░░░░░░░░ 0 %"),
        (45, "▓▓▓▓░░░░░░ 45 %"),
        (100, "▓▓▓▓▓▓▓▓▓▓ 100 %"),
    ],
)
def test_a_progress_bar_has_its_number_beside_it(pct: int | None, bar: str) -> None:
    assert messages.progress_bar(pct) == bar


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-30, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3 * 60 + 59, "3 min ago"),
        (2 * 3600, "2 h ago"),
        (86_400, "1 day ago"),
        (4 * 86_400 + 5, "4 days ago"),
    ],
)
def test_an_age_is_told_roughly(seconds: int, words: str) -> None:
    assert messages.age(NOW - timedelta(seconds=seconds), NOW) == words
    assert messages.age(None, NOW) == ""


def test_a_moment_is_shown_in_each_readers_own_time_zone() -> None:
    at = datetime(2026, 11, 23, 11, 24, 59, tzinfo=UTC)

    assert messages.when(at) == "<!date^1795433099^{date_short_pretty} {time}|2026-11-23 11:24 UTC>"
    assert messages.when(at, "As of ").startswith("<!date^1795433099^As of {date_short_pretty}")
    assert messages.when(
        datetime(1, 1, 1, tzinfo=UTC)
    ) == "0001-01-01 00:00 UTC" or "1-01-01" in messages.when(datetime(1, 1, 1, tzinfo=UTC))
    assert messages.when(None) == ""


def test_a_running_job_shows_its_progress_and_what_it_says() -> None:
    job = a_job(progress_pct=45, progress_msg="Writing *rows*")
    message = messages.job_list(Listing.of([job]), now=NOW, web_url=WEB + "/")

    row = message.blocks[0]["text"]["text"]
    assert row == (
        "*▶️ Running* · General export · #1234 · <https://ecotaxa.example/prj/42|project 42>\n"
        "▓▓▓▓░░░░░░ 45 % · Writing \N{ASTERISK OPERATOR}rows\N{ASTERISK OPERATOR} · 1 h ago"
    )
    assert message.text.splitlines()[1].startswith(
        "▶️ Running · General export · #1234 · project 42 · 45 % · Writing"
    )


@pytest.mark.parametrize(
    ("job", "matter"),
    [
        (asking(1, 2), "could not match 1 user and 2 taxa"),
        (asking(0, 1), "could not match 1 taxon"),
        (asking(3, 0), "could not match 3 users"),
        (a_job("A", question={"colour": "?"}), "asks something that only EcoTaxa's own page can show"),
        (a_job("E", progress_msg="'users'"), "The answer was incomplete"),
        (a_job("F", result={"rowcount": 12345, "out_file": "a.zip"}), "12,345 rows in `a.zip`"),
        (a_job("F", result={"rowcount": 1}), "1 row"),
        (a_job("F", type="SimpleImport", result={"nb_images": 2}), "2 images"),
        (a_job("P", progress_msg="Waiting for a slot"), "Waiting for a slot"),
    ],
)
def test_a_row_of_the_list_says_what_matters(job: Job, matter: str) -> None:
    message = a_list([job])

    assert message.blocks[0]["text"]["text"].splitlines()[1].startswith(f"{matter} · ")
    assert f" · {matter} · " in message.text


def test_active_jobs_stand_on_top_and_the_newest_first() -> None:
    jobs = [a_job(state, n) for n, state in enumerate("FRFAEPF", start=1)]
    message = a_list(jobs)

    assert re.findall(r"#(\d+)", shown(message)) == ["6", "4", "2", "7", "5", "3", "1"]
    assert re.findall(r"#(\d+)", message.text) == ["6", "4", "2", "7", "5", "3", "1"]


def test_each_row_has_the_button_that_fits() -> None:
    jobs = [asking(job_id=3), a_job("F", 2), a_job("A", 1, question={})]

    assert buttons(a_list(jobs)) == {
        "answer.open:3": "3 0",
        "job.show:2": "2",
        "job.show:1": "1",
        "jobs.refresh": "0",
        "watch.open": "",
    }


@pytest.mark.parametrize(
    ("page", "first", "turns", "total"),
    [
        (0, "20", {"jobs.page:older": "1"}, "jobs 1 to 8 of 20"),
        (1, "12", {"jobs.page:newer": "0", "jobs.page:older": "2"}, "jobs 9 to 16 of 20"),
        (2, "4", {"jobs.page:newer": "1"}, "jobs 17 to 20 of 20"),
        (9, "4", {"jobs.page:newer": "1"}, "jobs 17 to 20 of 20"),
        (-1, "20", {"jobs.page:older": "1"}, "jobs 1 to 8 of 20"),
    ],
)
def test_a_long_list_has_pages_to_turn(page: int, first: str, turns: dict[str, str], total: str) -> None:
    jobs = [a_job("F", n) for n in range(1, 21)]
    message = a_list(jobs, page)

    assert f"#{first} " in message.blocks[0]["text"]["text"]
    assert {action: to for action, to in buttons(message).items() if action.startswith("jobs.page")} == turns
    assert total in shown(message)


def test_a_list_says_how_fresh_it_is_and_whether_it_moves() -> None:
    live = a_list([a_job()])
    still = a_list([a_job()], live=False)

    assert "As of " in shown(live)
    assert "1 job · moves by itself for a while" in shown(live)
    assert "moves" not in shown(still)


@pytest.mark.parametrize(
    ("wanted", "heading"),
    [
        ("failed", "Your 1 failed job:"),
        ("finished exports", "Your finished exports 1 to 8 of 9:"),
        ("finished exports project 42", "Your finished exports 1 to 8 of 9 in project 42 (Tara):"),
        ("failed all", "Everybody's 1 failed job:"),
        ("asking imports", "You have no asking imports. Type `/ecotaxa jobs` to see all."),
        ("asking all", "Nobody has any asking jobs. Type `/ecotaxa jobs all` to see all."),
        ("project 7", "You have no jobs in project 7. Type `/ecotaxa jobs` to see all."),
    ],
)
def test_a_filtered_list_says_first_what_it_shows(wanted: str, heading: str) -> None:
    jobs = [a_job("F", n) for n in range(1, 10)] + [a_job("E", 10)]
    message = a_list(jobs, 0, wanted, titles={42: "Tara"})

    assert message.text.splitlines()[0] == heading
    assert message.blocks[0]["text"]["text"].replace("*", "") == heading


def test_everything_that_changes_a_list_keeps_its_filter() -> None:
    jobs = [asking(job_id=99), *(a_job("A", n) for n in range(1, 12))]
    message = a_list(jobs, 0, "asking project 42 all")

    assert buttons(message)["answer.open:99"] == "99 0 asking project 42 all"
    assert buttons(message)["jobs.refresh"] == "0 asking project 42 all"
    assert buttons(message)["jobs.page:older"] == "1 asking project 42 all"


def choices(message: Message) -> tuple[dict[str, str], str]:
    """What the field below a list offers, and the label of what is chosen."""
    (select,) = (
        element
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "static_select"
    )
    offered = {option["text"]["text"]: option["value"] for option in select["options"]}
    return offered, select.get("initial_option", {"text": {"text": ""}})["text"]["text"]


def test_a_list_offers_the_usual_filters_for_the_same_people_and_project() -> None:
    offered, chosen = choices(a_list([a_job("F")], 3, "finished project 42 all"))

    assert chosen == "Finished"
    assert offered == {
        "All jobs": "0 project 42 all",
        "Needs me": "0 failed asking project 42 all",
        "Running": "0 running waiting project 42 all",
        "Finished": "0 finished project 42 all",
        "Exports": "0 exports project 42 all",
        "Imports": "0 imports project 42 all",
    }
    assert choices(a_list([]))[1] == "All jobs"
    assert choices(a_list([], wanted="stopped"))[1] == ""


def test_everybodys_jobs_tell_whose_they_are() -> None:
    jobs = [a_job("F", 2, owner_id=5), a_job("F", 1, owner_id=6)]
    message = a_list(jobs, wanted="all", owners={5: "Tomás & <@U1>"})

    assert "by Tomás &amp; &lt;@U1&gt; · " in message.blocks[1]["text"]["text"]
    assert "by user 6 · " in message.blocks[2]["text"]["text"]
    assert "by Tomás &amp; &lt;@U1&gt; · " in message.text
    assert "Tomás" not in shown(a_list(jobs, owners={5: "Tomás"}))


def test_projects_have_their_titles_beside_their_numbers() -> None:
    several = a_job("F", 1, params={"prj_id": "1,2,3,4"})
    message = a_list([a_job("F", 2), several], titles={42: "Tara", 2: "x" * 300})

    assert "|project 42> (Tara)\n" in message.blocks[0]["text"]["text"]
    assert f"projects 1, 2 ({'x' * 39}…), 3 and 1 more" in message.text


def test_a_list_by_an_earlier_look_says_so() -> None:
    assert "as I last saw them" in shown(a_list([a_job("F")], remembered=True))
    assert "as I last saw them" not in shown(a_list([a_job("F")]))


def test_more_pages_are_told_also_without_the_buttons() -> None:
    jobs = [a_job("F", n) for n in range(1, 10)]

    assert "Press *Older* for the rest." in a_list(jobs).text
    assert "Older" not in a_list(jobs, 1).text


def test_an_empty_list_says_what_to_do() -> None:
    message = a_list([])

    assert "no jobs" in message.text
    assert "Start an import" in shown(message)
    assert "jobs.refresh" in buttons(message)


def test_details_of_an_asking_job_name_ten_names_and_count_the_rest() -> None:
    message = messages.job_details(asking(4, 9), now=NOW, web_url=WEB)

    assert "• user `user 3`\n• taxon `taxon 0`" in shown(message)
    assert "taxon 5" in shown(message)
    assert "taxon 6" not in shown(message)
    assert "… and 3 more" in shown(message)
    assert "… and 3 more" in message.text
    assert buttons(message) == {
        "answer.open:1234": "1234",
        "job.kill:1234": "1234",
        "log.show:1234": "1234",
        "job.refresh:1234": "1234",
        "web.open:1234": "https://ecotaxa.example/gui/job/show/1234",
    }


def test_details_of_a_failed_job_tell_five_kinds_of_error_and_count_the_rest() -> None:
    errors = ["In [base]/a.tsv:", *(f" - line {n}: {'odd' * n} thing" for n in range(1, 8))]
    message = messages.job_details(
        a_job("E", progress_msg="8 error(s) during run", errors=errors), now=NOW, web_url=WEB
    )

    assert "• a.tsv: line 1: odd thing\n" in shown(message)
    assert "line 5" in message.text
    assert "line 6" not in shown(message)
    assert "… and 2 more" in shown(message)
    assert "answer.open:1234" not in buttons(message)


def test_details_tell_a_projects_title_and_whose_job_it_is() -> None:
    titles = {42: "Tara *Pacific* <!channel>"}
    message = messages.job_details(a_job("F"), now=NOW, web_url=WEB, titles=titles, owner="Tomás <@U1>")

    title = "(Tara \N{ASTERISK OPERATOR}Pacific\N{ASTERISK OPERATOR} &lt;!channel&gt;)"
    assert f"|project 42> {title}" in shown(message)
    assert "*Owner*\nTomás &lt;@U1&gt;" in shown(message)
    assert f"project 42 {title} · by Tomás &lt;@U1&gt;" in message.text


def test_details_tell_project_times_and_until_when_the_file_is_kept() -> None:
    job = a_job("F", result={"rowcount": 8, "out_file": "a.zip"})
    message = messages.job_details(job, now=NOW, web_url=WEB)

    assert "<https://ecotaxa.example/prj/42|project 42>" in shown(message)
    assert re.search(
        r"\*Created\*\n<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^>]+> · 1 h ago", shown(message)
    )
    assert "*Last change*" in shown(message)
    assert "EcoTaxa keeps the file until" in shown(message)
    assert "2026-11-30 11:00 UTC" in message.text


def test_a_file_that_outlives_the_calendar_is_still_told() -> None:
    job = a_job("F", creation_date="9999-12-30T00:00:00", result={"out_file": "a.zip"})
    message = messages.job_details(job, now=NOW, web_url=WEB)

    assert "`a.zip`" in message.text
    assert "keeps the file" not in message.text


@pytest.mark.parametrize(
    ("kind", "job", "says"),
    [
        (
            Event.FINISHED,
            a_job("F", result={"rowcount": 8, "out_file": "a.zip"}),
            "✅ Finished · General export · #1234 · project 42\n8 rows in `a.zip`",
        ),
        (
            Event.FAILED,
            a_job("E", progress_msg="Disk full"),
            "❌ Failed · General export · #1234 · project 42\nDisk full",
        ),
        (
            Event.FAILED,
            a_job("E", progress_msg="4 error(s) during run", errors=["one", "two", "three", "four"]),
            "❌ Failed · General export · #1234 · project 42\n• one\n• two\n• three\n… and 1 more",
        ),
        (
            Event.KILLED,
            a_job("E", progress_msg="Killed", errors=["one", "two"]),
            "⏹️ Stopped · General export · #1234 · project 42\nIt was stopped.",
        ),
        (
            Event.ASKED,
            asking(1, 4),
            "❓ Asks · Import · #1234 · project 42\n"
            "could not match 1 user and 4 taxa: `user 0`, `taxon 0`, `taxon 1` and 2 more",
        ),
    ],
)
def test_news_says_its_one_fact_first_and_alone(kind: Event, job: Job, says: str) -> None:
    message = messages.notice(kind.value, job, WEB)

    assert message.text.startswith(says)
    assert "https://ecotaxa.example/gui/job/show/1234" in buttons(message).values()
    assert ("answer.open:1234" in buttons(message)) == (kind is Event.ASKED)


def test_news_tells_a_projects_title_where_it_is_known() -> None:
    for event in Event:
        message = messages.notice(event, a_job("F"), WEB, {42: "Tara *Pacific*"})

        assert message.text.splitlines()[0].endswith(
            "project 42 (Tara \N{ASTERISK OPERATOR}Pacific\N{ASTERISK OPERATOR})"
        )
        assert "|project 42> (Tara" in shown(message)


def test_news_of_an_unknown_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="exploded"):
        messages.notice("exploded", a_job(), WEB)


def test_a_question_that_went_away_offers_no_answer_button() -> None:
    message = messages.asked(a_job("R", question={"missing_users": ["ada"], "missing_taxa": []}), WEB)

    assert "answer.open:1234" not in buttons(message)
    assert "ada" not in message.text


@pytest.mark.parametrize(
    ("job", "outcome"),
    [
        (a_job("R"), "You answered 3 names. Running again."),
        (a_job("P"), "You answered 3 names. Waiting for its turn."),
        (
            asking(1, 3),
            "You answered 3 names. Asking for the rest (4 names): `user 0`, `taxon 0`, `taxon 1` and 1 more",
        ),
        (a_job("A"), "You answered 3 names. Asking for something else, on its own page in EcoTaxa."),
        (a_job("E", progress_msg="'taxa'"), "You answered 3 names. Failed: The answer was incomplete."),
        (a_job("E", progress_msg="Killed"), "You answered 3 names. It was stopped."),
        (a_job("F", result={"rowcount": 8}), "You answered 3 names. Finished: 8 rows"),
        (a_job("F"), "You answered 3 names. Finished."),
        (a_job("X"), "You answered 3 names."),
    ],
)
def test_an_answered_question_says_what_became_of_it(job: Job, outcome: str) -> None:
    message = messages.answered(job, "You answered 3 names.", WEB)

    assert message.text.splitlines()[1] == outcome
    assert ("answer.open:1234" in buttons(message)) == bool(job.question)


def test_a_question_answered_elsewhere_says_so() -> None:
    message = messages.already_answered(a_job("R"), WEB)

    assert "already answered" in message.text
    assert "answer.open:1234" not in buttons(message)
    assert "answer.open:1234" in buttons(messages.already_answered(asking(), WEB))


def test_the_unlinked_are_offered_the_link_and_go_on_afterwards() -> None:
    message = messages.not_linked("job 1234")

    assert buttons(message) == {"link.open": "job 1234"}
    assert "`/ecotaxa job 1234`" in message.text
    assert buttons(messages.not_linked("")) == {"link.open": ""}
    assert buttons(messages.not_linked("x" * 5_000)) == {"link.open": ""}
    assert buttons(messages.token_rejected()) == {"link.open": ""}
    assert buttons(messages.link_again(TokenRejected(), "jobs")) == {"link.open": "jobs"}


def test_who_am_i_tells_account_and_expiry() -> None:
    message = messages.who_am_i(a_link(), NOW, WEB)

    assert "*Ada Lovelace* (`ada@example.org`)" in message.text
    assert "<https://ecotaxa.example|ecotaxa.example>" in message.text
    assert "Your sign-in is good until " in message.text
    assert "(20 days)" in message.text
    assert buttons(message) == {}


@pytest.mark.parametrize(
    ("link", "says"),
    [
        (a_link(days_left=2), "(2 days)"),
        (a_link(days_left=0), "no longer accepts"),
        (
            Link(a_link().person, a_link().token, "Ada", "", LinkState.REJECTED),
            "no longer accepts",
        ),
    ],
)
def test_who_am_i_offers_a_new_link_in_time(link: Link, says: str) -> None:
    message = messages.who_am_i(link, NOW, WEB)

    assert says in message.text
    assert "link.open" in buttons(message)


def test_unlinking_asks_first() -> None:
    message = messages.unlink_question(a_link())

    assert "Ada Lovelace" in message.text
    assert set(buttons(message)) == {"unlink.yes", "unlink.no"}


def test_help_has_every_command() -> None:
    text = messages.help_text().text

    for word in ("jobs", "job 1234", "link", "whoami", "unlink", "help"):
        assert f"`/ecotaxa {word}`" in text
    assert text == shown(messages.help_text())


def test_an_apology_is_the_hint_and_a_reference() -> None:
    assert messages.sorry(Unavailable()).text == f"⚠️ {Unavailable.hint}"
    assert "`a1b2c3`" in messages.sorry(BotError(), "a1b2c3").text
    assert "&lt;!channel&gt;" in messages.sorry(UsageError("I don't know `<!channel>`.")).text


WIDE = [
    a_job(
        "E",
        n,
        type="X" * 100,
        progress_msg="𐀀 " * 3_000,
        errors=["&<>" * 500] * 50,
        question={
            "missing_users": ["&" * 900] * 300,
            "missing_taxa": ["𐀀" * 900 + str(k) for k in range(300)],
        },
        params={"prj_id": "2147483647,2147483646,2147483645,2147483644,7"},
        result={"rowcount": 10**300, "out_file": "&" * 3_000},
    )
    for n in range(2_147_483_600, 2_147_483_640)
]


@pytest.mark.parametrize("state", ["P", "R", "A", "E", "F", "X"])
def test_the_widest_jobs_still_fit_into_every_message(state: str) -> None:
    jobs = [Job.parse({**job.raw, "state": state}) for job in WIDE]
    note = "<!channel> " * 500

    names = dict.fromkeys((2_147_483_647, 2_147_483_646, 2_147_483_645, 5), "&" * 900)
    check_message(a_list(jobs, 1))
    everybodys = [Job.parse({**job.raw, "owner_id": 5}) for job in jobs]
    check_message(a_list(everybodys, 1, "all", titles=names, owners=names))
    for job in jobs[:1]:
        check_message(messages.job_details(job, now=NOW, web_url=WEB))
        for event in Event:
            check_message(messages.notice(event, job, WEB))
        check_message(messages.answered(job, prose(note, 2_000), WEB))
        check_message(messages.already_answered(job, WEB))


@settings(max_examples=150)
@given(
    st.lists(any_job, max_size=12),
    st.integers(-2, 5),
    st.sampled_from(["", "failed asking", "exports imports project 7 all", "all"]),
    st.booleans(),
    nasty_text,
)
def test_any_list_keeps_slacks_rules(jobs: list[Job], page: int, wanted: str, live: bool, name: str) -> None:
    names = dict.fromkeys((1, 2, 7), name)
    check_message(a_list(jobs, page, wanted, live=live, titles=names, owners=names))


@settings(max_examples=300)
@given(any_job, nasty_text)
def test_any_jobs_messages_keep_slacks_rules(job: Job, summary: str) -> None:
    check_message(messages.job_details(job, now=NOW, web_url=WEB))
    for event in Event:
        check_message(messages.notice(event, job, WEB))
    check_message(messages.answered(job, prose(summary, 2_000), WEB))
    check_message(messages.already_answered(job, WEB))


@given(nasty_text, nasty_text, st.integers(-5, 31))
def test_any_accounts_messages_keep_slacks_rules(name: str, words: str, days_left: int) -> None:
    link = a_link(name, words, days_left)
    for message in (
        messages.linked(link, NOW),
        messages.who_am_i(link, NOW, WEB),
        messages.unlink_question(link),
        messages.not_linked(words),
        messages.token_rejected(),
        messages.link_again(TokenRejected(), words),
        messages.unlinked(),
        messages.kept(),
        messages.help_text(),
    ):
        check_message(message)


@given(job_json)
def test_the_same_job_always_makes_the_same_message(raw: dict[str, Any]) -> None:
    first, second = (messages.job_details(Job.parse(raw), now=NOW, web_url=WEB) for _ in range(2))

    assert first == second
