import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import ONE_JOB, TABLE, Command, Entry, Here, Word, parse
from bot.errors import UsageError
from bot.filters import Filter
from bot.numbers import HIGHEST_JOB
from tests.bot.slack_limits import nasty_text

WEB = "https://ecotaxa.obs-vlfr.fr"
PAGE = f"{WEB}/gui/job/show/1234"
FOREIGN = "https://ecotaxa.example/gui/job/show/1234"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", Command(Word.HELP)),
        ("  \n ", Command(Word.HELP)),
        ("help", Command(Word.HELP)),
        ("help jobs", Command(Word.HELP)),
        ("?", Command(Word.HELP)),
        ("jobs", Command(Word.JOBS)),
        ("  JOBS  ", Command(Word.JOBS)),
        ("list", Command(Word.JOBS)),
        ("jobs failed project 42", Command(Word.JOBS, wanted=Filter.parse("failed project 42"))),
        ("tasks all", Command(Word.JOBS, wanted=Filter(everyone=True))),
        ("Link", Command(Word.LINK)),
        ("login", Command(Word.LINK)),
        ("whoami", Command(Word.WHOAMI)),
        ("unlink", Command(Word.UNLINK)),
        ("job 1234", Command(Word.JOB, 1234)),
        ("Job   #1234 ", Command(Word.JOB, 1234)),
        ("job # 1234", Command(Word.JOB, 1234)),
        ("job\n1234", Command(Word.JOB, 1234)),
        ("show 0012", Command(Word.JOB, 12)),
        ("1234", Command(Word.JOB, 1234)),
        ("#1234", Command(Word.JOB, 1234)),
        ("# 1234", Command(Word.JOB, 1234)),
        (f"job {HIGHEST_JOB}", Command(Word.JOB, HIGHEST_JOB)),
        (PAGE, Command(Word.JOB, 1234)),
        (f"job {PAGE}/", Command(Word.JOB, 1234)),
        (f"job {PAGE}?tab=log#end", Command(Word.JOB, 1234)),
        (f"<{PAGE}>", Command(Word.JOB, 1234)),
        (f"job <{PAGE}|the one from this morning>", Command(Word.JOB, 1234)),
        ("http://ECOTAXA.obs-vlfr.fr/gui/job/show/9", Command(Word.JOB, 9)),
        (f"restart <{PAGE}|#1234>", Command(Word.RESTART, 1234)),
        ("notify", Command(Word.NOTIFY)),
        ("notify here", Command(Word.NOTIFY, here=Here.ON)),
        ("notify HERE project 42", Command(Word.NOTIFY, here=Here.ON, project_id=42)),
        (f"notify here <{WEB}/prj/42>", Command(Word.NOTIFY, here=Here.ON, project_id=42)),
        ("notify here off", Command(Word.NOTIFY, here=Here.OFF)),
        ("notify here  Stop ", Command(Word.NOTIFY, here=Here.OFF)),
        ("watch", Command(Word.WATCH)),
        ("watch project 42", Command(Word.WATCH, project_id=42)),
        (f"watch <{WEB}/prj/42|Tara>", Command(Word.WATCH, project_id=42)),
        ("watch 12", Command(Word.WATCH, job_ids=(12,))),
        ("watch 12, #13 12", Command(Word.WATCH, job_ids=(12, 13))),
        ("watch 12 <@U0ADA>", Command(Word.WATCH, job_ids=(12,), follower="U0ADA")),
        ("watch <@W0ADA|ada> #12", Command(Word.WATCH, job_ids=(12,), follower="W0ADA")),
        (f"watch <{PAGE}> <@U0ADA|ada>", Command(Word.WATCH, job_ids=(1234,), follower="U0ADA")),
    ],
)
def test_a_command_is_understood(text: str, command: Command) -> None:
    assert parse(text, WEB) == command


@pytest.mark.parametrize("word", ["", *sorted(ONE_JOB)])
@pytest.mark.parametrize(
    "link",
    [
        FOREIGN,
        f"<{FOREIGN}>",
        f"<{FOREIGN}|{PAGE}>",
        f"<{FOREIGN}|#1234>",
        "http://localhost:5001/gui/job/show/1234",
        "https://ecotaxa.obs-vlfr.fr:8443/gui/job/show/1234",
        "https://ecotaxa.obs-vlfr.fr.example/gui/job/show/1234",
        "https://ecotaxa.obs-vlfr.fr@ecotaxa.example/gui/job/show/1234",
        f"https://ecotaxa.example/?next={PAGE}",
        "https://[/gui/job/show/1234",
    ],
)
def test_a_link_of_another_ecotaxa_is_no_job_of_this_one(word: str, link: str) -> None:
    with pytest.raises(UsageError, match="is of another EcoTaxa"):
        parse(f"{word} {link}", WEB)


def test_an_ecotaxa_below_a_path_knows_its_own_links() -> None:
    web_url = "https://lab.example/ecotaxa/"

    assert parse("kill https://lab.example/ecotaxa/gui/job/show/7", web_url) == Command(Word.KILL, 7)
    with pytest.raises(UsageError, match="is of another EcoTaxa"):
        parse("kill https://lab.example/ecotaxa-test/gui/job/show/7", web_url)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("jbos", "Did you mean `jobs`?"),
        ("who-am-i", "Did you mean `whoami`?"),
        ("unlnk", "Did you mean `unlink`?"),
        ("disco", "Did you mean `unlink`?"),
        ("frobnicate", "I don't know `frobnicate`. Type `/ecotaxa help`"),
        ("`<!channel>", "I don't know `'<!channel>`."),
        ("x" * 5_000, f"I don't know `{'x' * 30}…`."),
        ("jobs please", "I don't know `please` here."),
        ("jobs fialed", "Did you mean `failed`?"),
        ("whoami please", "`whoami` stands alone."),
        ("job", "Which job?"),
        ("job twelve", "`twelve` is not a job's number."),
        ("job 12 13", "`12 13` is not a job's number."),
        ("job 12.5", "`12.5` is not a job's number."),
        ("job \uff11\uff12", "is not a job's number."),
        ("job -13", "Job numbers start at 1."),
        ("-13", "Job numbers start at 1."),
        ("job 0", "Job numbers start at 1."),
        ("#0", "Job numbers start at 1."),
        (f"job {HIGHEST_JOB + 1}", "too high for a job"),
        ("9" * 5_000, "too high for a job"),
        ("https://ecotaxa.obs-vlfr.fr/prj/12", "That link leads to no job."),
        ("https://ecotaxa.obs-vlfr.fr/gui/job/show/-12", "Job numbers start at 1."),
        ("<https://ecotaxa.obs-vlfr.fr/gui/job/show/|x>", "That link leads to no job."),
        ("job <@U123>", "is not a job's number."),
        ("notify there", "Type `/ecotaxa notify` for your settings"),
        ("notify here project", "as in `/ecotaxa notify here project 42`"),
        ("watch 12 @ada", "I could not tell who that is."),
        ("watch <@U0ADA>", "One job and one person at a time"),
        ("watch 12 13 <@U0ADA>", "One job and one person at a time"),
        (f"watch <{WEB}/prj/42> <@U0ADA>", "One job and one person at a time"),
        ("watch project x", "as in `/ecotaxa watch project 42`"),
        ("watch 12 x", "is not a job's number."),
        ("watch " + "7 " * 101, "I can watch 100 jobs as one."),
        ("forget", "Type `/ecotaxa forget me`"),
        ("forget <@U0ADA>", "I forget nobody else"),
        ("audit <@U0ADA>", "`audit` stands alone"),
    ],
)
def test_what_is_not_understood_gets_a_sentence_that_helps(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse(text, WEB)

    assert says in refusal.value.hint
    assert len(refusal.value.hint) < 200


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.word)
def test_every_word_and_every_other_name_of_it_works_as_the_table_says(entry: Entry) -> None:
    for name in (entry.word, *entry.aliases):
        assert parse(f"{name} {entry.arguments}", WEB).word is entry.word
    assert parse(entry.usage.removeprefix("/ecotaxa"), WEB).word is entry.word


def test_the_table_has_every_word_once_and_no_name_twice() -> None:
    names = [name for entry in TABLE for name in (entry.word.value, *entry.aliases)]

    assert {entry.word for entry in TABLE} == set(Word)
    assert len(names) == len(set(names))


@given(
    st.sampled_from(["", "job ", "jobs ", "#", "-", "<http://", "https://x/job/show/"]),
    nasty_text | st.text(),
)
def test_any_text_is_a_command_or_a_usage_error(start: str, text: str) -> None:
    understood: Command | UsageError
    try:
        understood = parse(start + text, "https://x")
    except UsageError as refusal:
        understood = refusal

    if isinstance(understood, UsageError):
        assert understood.hint.count("`") % 2 == 0
        assert len(understood.hint) < 200
    else:
        assert (understood.job_id is not None) == (understood.word is Word.JOB)
        assert understood.job_id is None or 1 <= understood.job_id <= HIGHEST_JOB
