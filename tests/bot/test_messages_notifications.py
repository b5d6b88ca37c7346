"""What is told unasked, beyond the one notice: cards that live, news in one message, and the rest."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import messages
from bot.filters import Kind
from bot.jobs import Event, Job, JobState
from bot.messages import Cells, Message, Ping, Tally
from bot.messages.amounts import lasting
from bot.messages.notify_modal import MINUTES
from bot.messages.summaries import Day
from bot.rules.places import Place
from bot.rules.preferences import Preferences, Quiet, Reminder, Summary
from bot.sandbox.slack.blockkit.surfaces import check_message_blocks, check_view
from tests.bot.slack_limits import WEB, any_job, check_message, check_modal

EVENTS = {"F": Event.FINISHED, "E": Event.FAILED, "K": Event.KILLED, "A": Event.ASKED}


def a_job(state: str = "R", job_id: int = 1234, **more: object) -> Job:
    """A job of that state, K for a stopped one."""
    raw: dict[str, Any] = {
        "id": job_id,
        "state": "E" if state == "K" else state,
        "type": "FileImport" if state == "A" else "GeneralExport",
        "creation_date": "2026-11-23T11:00:00",
        "params": {"req": {"project_id": 42}},
    }
    if state == "K":
        raw["progress_msg"] = "Killed"
    if state == "A":
        raw["question"] = {"missing_users": [], "missing_taxa": ["egg"]}
    return Job.parse(raw | more)


def a_ping(state: str, job_id: int, whose: str = "", **more: object) -> Ping:
    return Ping(EVENTS[state], a_job(state, job_id, **more), whose)


def told(states: str, whose: str = "") -> list[Ping]:
    return [a_ping(state, number, whose) for number, state in enumerate(states, 1)]


def shown(message: Message) -> str:
    """All that the blocks say."""
    parts: list[str] = []
    for block in message.blocks:
        texts = [block.get("text"), *(block["elements"] if block["type"] == "context" else ())]
        parts += [text["text"] for text in texts if text]
    return "\n".join(parts)


def elements(message: Message) -> list[dict[str, Any]]:
    found = [block["accessory"] for block in message.blocks if "accessory" in block]
    return found + [it for block in message.blocks if block["type"] == "actions" for it in block["elements"]]


def names(message: Message) -> list[str]:
    """What its buttons say; `menu` for a menu."""
    return [it["text"]["text"] if it["type"] == "button" else "menu" for it in elements(message)]


def choices(menu: dict[str, Any]) -> dict[str, str]:
    return {option["value"]: option["text"]["text"] for option in menu["options"]}


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(seconds=59.7), "1 min"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(minutes=90), "90 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=30), "30 h"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_a_duration_is_told_roughly(duration: timedelta, words: str) -> None:
    assert lasting(duration) == words


@pytest.mark.parametrize(
    ("job", "attempt", "left", "words"),
    [
        (a_job("P"), 1, None, "waiting for its turn"),
        (a_job("P"), 3, None, "waiting for its turn · Attempt 3"),
        (a_job("R"), 1, None, ""),
        (a_job("R", progress_pct=45), 1, timedelta(minutes=4), "▓▓▓▓░░░░░░ 45 % · about 4 min left"),
        (
            a_job("R", progress_pct=45, progress_msg="Writing *rows*"),
            2,
            None,
            "▓▓▓▓░░░░░░ 45 % · Attempt 2\nWriting \N{ASTERISK OPERATOR}rows\N{ASTERISK OPERATOR}",
        ),
    ],
)
def test_a_card_says_how_far_its_job_is(job: Job, attempt: int, left: timedelta | None, words: str) -> None:
    card = messages.job_card(job, WEB, attempt=attempt, left=left)

    assert shown(card).partition("\n")[2] == words
    assert words in card.text
    assert card.text.startswith(f"{messages.state_words(job)} · General export · #1234 · project 42")
    assert names(card) == ["Details", "Stop", "Open in EcoTaxa", "menu"]


@pytest.mark.parametrize("state", "FEKA")
def test_at_the_end_a_card_says_what_the_notice_does(state: str) -> None:
    job = a_job(state, errors=["No such file"] if state == "E" else [])
    card, notice = messages.job_card(job, WEB, attempt=2), messages.notice(EVENTS[state], job, WEB)

    assert (card.text, shown(card)) == (notice.text, shown(notice))
    assert names(card) == names(notice) + (["menu"] if state == "A" else [])


def test_what_nobody_wants_to_hear_any_more_can_be_muted() -> None:
    menu = elements(messages.job_card(a_job(), WEB))[-1]

    assert menu["action_id"] == "mute:1234"
    assert choices(menu) == {
        "job:1234": "Mute this job",
        "project:42": "Mute project 42",
        "hour": "Nothing for an hour",
        "tomorrow": "Nothing until tomorrow",
    }
    many = elements(messages.job_card(a_job(params={"prj_id": "1,2"}), WEB))[-1]
    assert list(choices(many)) == ["job:1234", "hour", "tomorrow"]


@pytest.mark.parametrize(
    ("projects", "first"),
    [(["42", "42"], ["project:42"]), (["42", "43"], []), (["42", "42,43"], []), (["42", ""], [])],
)
def test_of_several_jobs_their_project_can_be_muted_where_it_is_one(
    projects: list[str], first: list[str]
) -> None:
    news = [a_ping("F", number, params={"prj_id": it}) for number, it in enumerate(projects, 1)]

    assert list(choices(elements(messages.pings(news, WEB))[-1])) == [*first, "hour", "tomorrow"]


@pytest.mark.parametrize("state", "PRFEKAX")
def test_a_card_that_others_read_says_nothing_that_the_job_says_itself(state: str) -> None:
    said: dict[str, Any] = {} if state == "K" else {"progress_msg": "ada's secret", "errors": ["the secret"]}
    job = a_job(state, progress_pct=45, **said)
    card = messages.job_card(job, WEB, {42: "A secret title"}, left=timedelta(hours=2), whose="<@U0ADA>")

    assert "secret" not in card.text + shown(card)
    assert card.text.startswith("<@U0ADA> ")
    assert shown(card).startswith("<@U0ADA> *")
    assert "Stop" not in names(card)
    assert "menu" not in names(card)
    assert ("Tell me too" in names(card)) is (state in "PRAX")
    assert "Details" in names(card)


@pytest.mark.parametrize("state", "FEKA")
@pytest.mark.parametrize("whose", ["", "<@U0ADA>"])
def test_one_piece_of_news_is_told_as_ever_and_can_be_muted_by_whose_it_is(state: str, whose: str) -> None:
    ping = a_ping(state, 7, whose)
    one = messages.pings([ping], WEB, {42: "Tara"}, late=True)
    if whose:
        alone = messages.report(ping.event, ping.job, WEB, whose)
    else:
        alone = messages.notice(ping.event, ping.job, WEB, {42: "Tara"})

    assert (one.text, shown(one)) == (alone.text, shown(alone))
    if whose:
        assert elements(one) == elements(alone), "others have nothing of it to mute"
    else:
        assert elements(one)[:-1] == elements(alone)
        assert elements(one)[-1]["action_id"] == "mute:7"


def test_several_are_one_message_with_the_sum_first_and_the_urgent_on_top() -> None:
    news = [
        a_ping("F", 1, result={"out_file": "a.zip", "rowcount": 8}),
        a_ping("E", 2, progress_msg="Disk full", errors=["Disk full", "Disk full"]),
        a_ping("A", 3),
        a_ping("K", 4),
        a_ping("F", 5),
    ]
    many = messages.pings(news, WEB, {42: "Tara"})

    assert shown(many).splitlines()[0] == "*5 jobs: 2 finished, 1 failed, 1 stopped, 1 asks*"
    assert re.findall(r"#(\d)", shown(many)) == ["3", "2", "4", "1", "5"]
    assert names(many) == ["Answer", "What went wrong", "Details", "Get the file", "Details", "menu"]
    assert shown(many).count("(Tara)") == 5
    assert many.text.splitlines() == [
        "5 jobs: 2 finished, 1 failed, 1 stopped, 1 asks",
        "❓ Asks · Import · #3 · project 42 (Tara): could not match 1 taxon",
        "❌ Failed · General export · #2 · project 42 (Tara): Disk full",
        "⏹️ Stopped · General export · #4 · project 42 (Tara): It was stopped.",
        "✅ Finished · General export · #1 · project 42 (Tara): 8 rows in `a.zip`",
        "✅ Finished · General export · #5 · project 42 (Tara)",
    ]


def test_what_quiet_hours_held_back_says_so() -> None:
    assert messages.pings(told("FFA"), WEB, late=True).text.startswith(
        "While it was quiet: 2 finished, 1 asks\n"
    )


def test_a_job_that_has_changed_twice_is_told_once() -> None:
    asked, finished = a_ping("A", 7), a_ping("F", 7)

    assert messages.pings([asked, finished], WEB) == messages.pings([finished], WEB)
    assert messages.pings([asked, a_ping("F", 8), finished], WEB).text.startswith("2 jobs: 2 finished\n")


def test_news_of_several_people_say_whose_they_are_and_nothing_that_jobs_say() -> None:
    news = [
        a_ping("E", 1, "<@U0ADA>", progress_msg="the secret", errors=["secret"]),
        a_ping("A", 2, "<@U0BOB>"),
    ]
    many = messages.pings(news, WEB, {42: "A secret title"})

    assert "secret" not in many.text + shown(many)
    assert "<@U0ADA> *❌ Failed*" in shown(many)
    assert "<@U0BOB> ❓ Asks" in many.text
    assert names(many) == ["Details", "What went wrong"]


@pytest.mark.parametrize("number", [2, 40, 41, 500])
def test_any_number_of_jobs_fits_and_the_rest_is_counted(number: int) -> None:
    many = messages.pings(told("FE" * (number // 2) + "A" * (number % 2)), WEB)

    check_message(many)
    rows = shown(many).count("*\N{WHITE HEAVY CHECK MARK} F") + len(re.findall(r"\*(?:❌|❓)", shown(many)))
    assert rows == min(number, 40)
    assert ("… and" in shown(many)) is (number > 40)
    if number > 40:
        assert shown(many).endswith(f"… and {number - 40} more")
    assert many.text.startswith(f"{number} jobs: ")


@settings(max_examples=150)
@given(st.lists(any_job, min_size=1, max_size=60), st.sampled_from(["", "<@U0ADA>"]), st.booleans())
def test_whatever_news_there_is_slack_takes_it(jobs: list[Job], whose: str, late: bool) -> None:
    news = [Ping(list(Event)[job.id % 4], job, whose) for job in jobs]
    titles = {project: "<!channel> *x* " * 9 for job in jobs for project in job.project_ids}

    for message in (
        messages.pings(news, WEB, titles, late=late),
        messages.retold(news, jobs[0], "You answered.", WEB, titles),
    ):
        check_message(message)
        check_message_blocks(message.blocks)


def test_once_a_question_is_answered_its_row_says_so() -> None:
    news = [*told("FA"), a_ping("A", 3)]
    goes_on = a_job("R", 2, type="FileImport")
    after = messages.retold(news, goes_on, "You answered 1 name.", WEB, {42: "Tara"})

    assert "*3 jobs: 1 finished, 1 asks, 1 running*" in shown(after)
    assert "#2 · <https://ecotaxa.example/prj/42|project 42> (Tara)\nYou answered 1 name." in shown(after)
    assert "▶️ Running · Import · #2 · project 42 (Tara): You answered 1 name." in after.text
    assert names(after) == ["Details", "Answer", "Details", "menu"]
    assert re.findall(r"#(\d)", shown(after)) == ["2", "3", "1"], "it stays where it was"


def test_the_answer_to_a_single_question_is_told_as_ever() -> None:
    goes_on = a_job("R", 2)

    assert messages.retold(told("A"), a_job("R", 1), "You answered.", WEB) == messages.answered(
        a_job("R", 1), "You answered.", WEB
    )
    assert messages.retold([a_ping("A", 2)], goes_on, "Sent.", WEB).text.endswith("Sent. Running again.")


_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
any_preferences = st.builds(
    Preferences,
    events=st.frozensets(st.sampled_from(Event)),
    kinds=st.frozensets(st.sampled_from(Kind)),
    least_minutes=st.sampled_from(MINUTES),
    direct=st.booleans(),
    in_thread=st.booleans(),
    cards=st.booleans(),
    slow=st.booleans(),
    quiet=st.none() | st.builds(Quiet, _times, _times),
    summary=st.sampled_from(Summary),
    reminders=st.frozensets(st.sampled_from(Reminder)),
)


def on_screen(view: dict[str, Any]) -> dict[str, Any]:
    """The modal as Slack sends it back when nobody has touched it."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state = {
                "type": element["type"],
                "selected_option": element.get("initial_option"),
                "selected_options": element.get("initial_options", []),
                "selected_time": element.get("initial_time"),
            }
            values[block["block_id"]] = {element["action_id"]: state}
    return {**view, "state": {"values": values}}


@given(any_preferences)
def test_what_the_settings_show_is_what_they_are(preferences: Preferences) -> None:
    view = messages.notify_modal(preferences, "Europe/Paris", [])

    check_modal(view)
    check_view(view, "modal")
    assert messages.read_notify_modal(on_screen(view)) == preferences


@pytest.mark.parametrize(("minutes", "nearest"), [(3, 2), (4, 5), (30, 15), (1_440, 60)])
def test_minutes_between_the_choices_are_shown_as_the_nearest(minutes: int, nearest: int) -> None:
    view = messages.notify_modal(Preferences(least_minutes=minutes), "UTC", [])

    assert messages.read_notify_modal(on_screen(view)).least_minutes == nearest


def test_the_settings_name_the_time_zone_and_each_channel_with_its_end() -> None:
    places = [Place(5, "C0LAB", None), Place(6, "C0SHIP", 42)]
    view = messages.notify_modal(Preferences(), "Europe/Paris", places)

    assert "In your own time zone, Europe/Paris." in str(view)
    rows = {block["text"]["text"]: block["accessory"] for block in view["blocks"] if "accessory" in block}
    assert {words: (it["action_id"], it["value"]) for words, it in rows.items()} == {
        "<#C0LAB>: all your jobs": ("place.end:5", "5"),
        "<#C0SHIP>: your jobs of project 42": ("place.end:6", "6"),
    }


def test_the_settings_hold_any_number_of_channels() -> None:
    many = [Place(number, "C0LAB", number) for number in range(1, 301)]
    view = messages.notify_modal(Preferences(), "<!channel>" * 20, many)

    check_modal(view)
    check_view(view, "modal")
    assert "… and 240 more" in str(view)


def test_a_modal_that_sends_nothing_is_read_as_nothing_chosen() -> None:
    assert messages.read_notify_modal({}) == Preferences(
        events=frozenset(), cards=False, slow=False, reminders=frozenset()
    )


def cells(states: str, project_id: int | None = None) -> Cells:
    """A watch of jobs of these states, K for a stopped one."""
    jobs = {n: JobState("E" if it == "K" else it) for n, it in enumerate(states, 1)}
    return Cells(jobs, frozenset(n for n, it in enumerate(states, 1) if it == "K"), project_id)


def test_a_batch_is_one_card_with_the_sum_in_words_and_a_cell_a_job() -> None:
    card = messages.watch_card(cells("FFEKARP?", 42), WEB, {42: "Tara"})

    assert shown(card).splitlines() == [
        "*4 of 8 jobs done · <https://ecotaxa.example/prj/42|project 42> (Tara)*",
        "■ 2 finished · ✕ 1 failed · ◇ 1 stopped · ? 1 asks · ▣ 1 running · □ 2 waiting",
        "`■■✕◇?▣□□`",
        "Asks: <https://ecotaxa.example/gui/job/show/5|#5>",
        "Failed: <https://ecotaxa.example/gui/job/show/3|#3>",
    ]
    assert card.text.splitlines() == [
        "4 of 8 jobs done · project 42 (Tara)",
        "2 finished, 1 failed, 1 stopped, 1 asks, 1 running, 2 waiting",
        "Asks: #5",
        "Failed: #3",
    ]
    assert [it["action_id"] for it in elements(card)] == ["watch.stop"]


def test_a_batch_knows_what_is_done_and_what_is_not() -> None:
    watched = cells("FEKAP")

    assert (watched.done, watched.failed, watched.asking, watched.open) == (3, [2], [4], [4, 5])


@given(st.text("FEKARP?", min_size=61, max_size=400))
def test_a_bar_too_short_for_all_shows_the_shares_and_forgets_no_state(states: str) -> None:
    words = shown(messages.watch_card(cells(states), WEB)).splitlines()
    bar = next(line.strip("`") for line in words if line.startswith("`"))

    assert len(bar) == 60
    assert set(bar) == set(states.translate(str.maketrans("FEKARP?", "■✕◇?▣□□")))


def test_a_batch_that_is_done_or_no_longer_watched_has_no_button() -> None:
    done, left = messages.watch_done(cells("FFE"), WEB), messages.watch_stopped(cells("FP"), WEB)

    assert done.text.splitlines() == ["All 3 jobs are done", "2 finished, 1 failed", "Failed: #3"]
    assert left.text.splitlines() == ["No longer watched", "1 finished, 1 waiting"]
    assert elements(done) == elements(left) == []


def test_which_jobs_to_watch_is_asked_with_all_of_them_chosen() -> None:
    jobs = [a_job(job_id=number) for number in range(1, 151)]
    view = messages.watch_chooser(jobs, {42: "<!channel> *Tara*"})

    check_modal(view)
    check_view(view, "modal")
    first = view["blocks"][0]["element"]["options"][0]["text"]["text"]
    assert first == "#1 · ▶️ Running · General export · project 42 · <!channel> *Tara*"
    assert messages.read_watch_chooser(on_screen(view)) == [*range(1, 101)]


@pytest.mark.parametrize(
    ("project_id", "words"),
    [
        (None, "None of your jobs waits, runs or asks: there is nothing to watch."),
        (42, "None of your jobs of project 42 waits, runs or asks: there is nothing to watch."),
    ],
)
def test_where_there_is_nothing_to_watch_that_is_said(project_id: int | None, words: str) -> None:
    assert messages.watch_nothing(project_id).text == words
    assert "nothing to watch" in str(messages.watch_chooser([], {}))
    assert "submit" not in messages.watch_chooser([], {})
    assert messages.read_watch_chooser(messages.watch_chooser([], {})) == []


AT = datetime(2026, 11, 23, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "first", "offered"),
    [
        (
            messages.slow(a_job(progress_pct=45), timedelta(minutes=10), WEB),
            "🐢 It takes longer than usual: such jobs take about 10 min.",
            ["Details", "Stop", "Open in EcoTaxa", "menu"],
        ),
        (
            messages.waits_long(a_job("P", type="Prediction"), timedelta(hours=3), WEB),
            "⏳ It has waited for the GPU for 3 h: others go first.",
            ["Details", "Stop", "Open in EcoTaxa", "menu"],
        ),
        (
            messages.waits_long(a_job("P"), timedelta(minutes=31), WEB),
            "⏳ It has waited for its turn for 31 min: others go first.",
            ["Details", "Stop", "Open in EcoTaxa", "menu"],
        ),
        (
            messages.unanswered(a_job("A"), WEB),
            "⏰ It still waits for an answer, and does nothing until then.\ncould not match 1 taxon",
            ["Answer", "Open in EcoTaxa", "menu"],
        ),
        (
            messages.unanswered(a_job("A", question={"colour": "?"}), WEB),
            "⏰ It still waits for an answer, and does nothing until then.",
            ["Details", "Open in EcoTaxa", "menu"],
        ),
        (
            messages.file_expires(a_job("F", result={"out_file": "a.zip"}), AT, WEB),
            "⏰ EcoTaxa deletes its file: {date_short_pretty} {time}|⏰ EcoTaxa deletes its file: "
            "2026-11-23 11:24 UTC>\n`a.zip`",
            ["Get the file", "Details", "Open in EcoTaxa", "menu"],
        ),
    ],
)
def test_a_reminder_says_what_it_is_about_and_what_to_do(
    said: Message, first: str, offered: list[str]
) -> None:
    assert first in shown(said)
    assert first in said.text
    assert said.text.splitlines()[0].count("#1234") == 1
    assert names(said) == offered


@pytest.mark.parametrize(
    ("said", "words", "offered"),
    [
        (messages.sign_in_expires(AT), "🔑 Your sign-in to EcoTaxa ends: ", ["Renew my sign-in"]),
        (messages.unreachable(AT), "⚠️ EcoTaxa does not answer. What you miss, I tell you when it does.", []),
        (
            messages.reachable(AT, AT + timedelta(minutes=12)),
            "✅ EcoTaxa answers again. It did not for 12 min.",
            [],
        ),
        (
            messages.place_lost("C0LAB", None),
            "🔕 I can no longer write in <#C0LAB>, so I tell your jobs there no more.\n"
            "To begin anew, type `/invite @EcoTaxa` and then `/ecotaxa notify here` there.",
            [],
        ),
        (messages.place_lost("C0LAB", 42), "`/ecotaxa notify here project 42`", []),
        (messages.muted("job:12", AT), "🔕 I tell you nothing more of #12.", ["Undo"]),
        (messages.muted("job:12", AT), "Until {date_short_pretty}", ["Undo"]),
        (messages.muted("project:42", None), "🔕 I tell you nothing more of project 42.", ["Undo"]),
        (messages.muted("all", AT), "🔕 I tell you nothing for now; what you miss, I tell you", ["Undo"]),
        (messages.unmuted(), "🔔 I tell you again.", []),
        (
            messages.told_here("C0LAB", None),
            "🔔 I tell in <#C0LAB> how your jobs end.\nEverybody there sees it",
            ["Notification settings"],
        ),
        (
            messages.told_here("C0LAB", 42),
            "🔔 I tell in <#C0LAB> how your jobs of project 42 end.",
            ["Notification settings"],
        ),
        (
            messages.not_told_here("C0LAB"),
            "🔕 I no longer tell your jobs in <#C0LAB>.",
            ["Notification settings"],
        ),
        (
            messages.invite_first("C0LAB"),
            "I am not in <#C0LAB>. Invite me first: type `/invite @EcoTaxa`",
            [],
        ),
        (messages.following(12), "🔔 I tell you too how #12 ends.", []),
        (messages.following(12, "U0BOB"), "🔔 I tell <@U0BOB> how #12 ends.", []),
    ],
)
def test_what_is_said_beside_jobs(said: Message, words: str, offered: list[str]) -> None:
    check_message(said)
    assert words in shown(said)
    assert words in said.text
    assert names(said) == offered


def test_what_was_muted_is_what_is_undone() -> None:
    assert elements(messages.muted("project:42", None))[0]["value"] == "project:42"


@pytest.mark.parametrize("state", "FEKA")
def test_a_follower_is_told_what_the_channel_saw_but_no_file(state: str) -> None:
    job = a_job(state, errors=["the secret"], result={"rowcount": 8, "out_file": "a.zip"})
    told_one = messages.followed(EVENTS[state], job, "<@U0ADA>", WEB)
    bare = a_job(state, errors=["the secret"], result={"rowcount": 8})
    public = messages.report(EVENTS[state], bare, WEB, "<@U0ADA>")

    assert (told_one.text, shown(told_one)) == (public.text, shown(public))
    assert names(told_one) == ["Details", "Open in EcoTaxa"]


def charts(message: Message) -> dict[str, dict[str, Any]]:
    """The charts of a message, by their titles."""
    return {it["title"]: it["chart"] for it in message.blocks if it["type"] == "data_visualization"}


def drawn(chart: dict[str, Any]) -> dict[str, list[float]]:
    """The values of a chart, by its series."""
    return {it["name"]: [point["value"] for point in it["data"]] for it in chart["series"]}


def test_a_summary_says_its_one_fact_first_and_its_charts_also_in_words() -> None:
    days = [
        Day(date(2026, 11, 22), 5, wait=timedelta(minutes=4)),
        Day(date(2026, 11, 23), 7, 2, 1, timedelta(minutes=90)),
        Day(date(2026, 11, 24)),
    ]
    times = (timedelta(minutes=4), timedelta(hours=2), timedelta(seconds=30))
    week = messages.summary(Tally(AT - timedelta(days=7), AT, 12, 2, 1, 1, 3, days, *times), daily=False)

    assert week.text.splitlines()[:5] == [
        "Your week: 12 finished, 2 failed, 1 stopped, 1 asks, 3 running",
        "Half of them waited less than 4 min, none longer than 2 h. Half of them ran less than 30 s.",
        "Nov 22: 5 finished · waited 4 min",
        "Nov 23: 7 finished, 2 failed, 1 stopped · waited 90 min",
        "Nov 24: no jobs",
    ]
    jobs, waits = charts(week)["Jobs by day"], charts(week)["Waiting times by day"]
    assert drawn(jobs) == {"Finished": [5, 7, 0], "Failed": [0, 2, 0], "Stopped": [0, 1, 0]}
    assert drawn(waits) == {"Median wait": [4, 90, 0]}
    names = ["Nov 22", "Nov 23", "Nov 24"]
    assert jobs["axis_config"] == {"categories": names}
    assert waits["axis_config"] == {"categories": names, "y_label": "Minutes"}
    assert {jobs["type"], waits["type"]} == {"bar"}
    assert [point["label"] for point in jobs["series"][0]["data"]] == names
    assert [it["action_id"] for it in elements(week)] == ["notify.open"]
    check_message_blocks(week.blocks)


@pytest.mark.parametrize(
    ("wait", "shown"),
    [
        (None, None),
        (timedelta(seconds=40), None),
        (timedelta(seconds=90), ("Minutes", 1.5)),
        (timedelta(minutes=100), ("Hours", 1.7)),
        (timedelta(days=3), ("Hours", 72)),
    ],
)
def test_waits_have_a_chart_where_anybody_would_notice_them(
    wait: timedelta | None, shown: tuple[str, float] | None
) -> None:
    days = [Day(date(2026, 11, 22), 1, wait=wait), Day(date(2026, 11, 23), 1)]
    found = charts(messages.summary(Tally(AT - timedelta(days=7), AT, 2, by_day=days), daily=False))

    assert list(drawn(found["Jobs by day"])) == ["Finished", "Failed"], "nobody stopped any"
    waits = found.get("Waiting times by day")
    assert (waits and (waits["axis_config"]["y_label"], drawn(waits)["Median wait"][0])) == shown


def test_a_day_is_told_in_words_and_without_known_times_says_nothing_of_them() -> None:
    days = [Day(date(2026, 11, 22), finished=1, wait=timedelta(minutes=9))]
    day = messages.summary(Tally(AT - timedelta(days=1), AT, finished=1, by_day=days), daily=True)

    assert day.text.startswith("Your day: 1 finished\n<!date^")
    assert [block["type"] for block in day.blocks] == ["section", "context", "actions"]
