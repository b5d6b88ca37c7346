import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.filters import DUMP_LIMIT, HIGHEST_ID, Filter, Kind, Status
from tests.bot.slack_limits import nasty_text

FAILED, ASKING = Status.FAILED, Status.ASKING
any_filter = st.builds(
    Filter,
    st.frozensets(st.sampled_from(Status)),
    st.frozensets(st.sampled_from(Kind)),
    st.none() | st.integers(1, HIGHEST_ID),
    st.booleans(),
)


def a_filter(*named: Status | Kind, project: int | None = None, everyone: bool = False) -> Filter:
    states = frozenset(name for name in named if isinstance(name, Status))
    kinds = frozenset(name for name in named if isinstance(name, Kind))
    return Filter(states, kinds, project, everyone)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Filter()),
        ("  ", Filter()),
        ("failed", a_filter(FAILED)),
        ("FAILED", a_filter(FAILED)),
        ("failures", a_filter(FAILED)),
        ("errors asks", a_filter(FAILED, ASKING)),
        ("done", a_filter(Status.FINISHED)),
        ("killed", a_filter(Status.STOPPED)),
        ("pending running", a_filter(Status.WAITING, Status.RUNNING)),
        ("export", a_filter(Kind.EXPORTS)),
        ("imports, predictions and subset", a_filter(Kind.IMPORTS, Kind.PREDICTIONS, Kind.SUBSETS)),
        ("project 42", a_filter(project=42)),
        ("Project #42", a_filter(project=42)),
        ("project:42", a_filter(project=42)),
        ("https://ecotaxa.obs-vlfr.fr/prj/42", a_filter(project=42)),
        ("<https://ecotaxa.obs-vlfr.fr/prj/42?x=1|Tara exports failed>", a_filter(project=42)),
        ("all", a_filter(everyone=True)),
        ("everybody's failed jobs", a_filter(FAILED, everyone=True)),
        ("failed exports in project 42, all", a_filter(FAILED, Kind.EXPORTS, project=42, everyone=True)),
        ("all project 42 exports failed", a_filter(FAILED, Kind.EXPORTS, project=42, everyone=True)),
        ("project 42 project 042", a_filter(project=42)),
    ],
)
def test_words_in_any_order_say_which_jobs(text: str, wanted: Filter) -> None:
    assert Filter.parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fialed", "I don't know `fialed` here. Did you mean `failed`?"),
        ("failed exprts", "Did you mean `exports`?"),
        ("everybod", "Did you mean `all`?"),
        ("please", "Try `failed`"),
        ("project", "Which project?"),
        ("failed project exports", "Which project?"),
        ("42", "Is `42` a job or a project?"),
        ("#42", "Is `#42` a job or a project?"),
        ("project 0", "Project numbers go from 1"),
        (f"project {HIGHEST_ID + 1}", "Project numbers go from 1"),
        (f"project {'9' * 5000}", "Project numbers go from 1"),
        ("project 1 project 2", "one project at a time"),
        ("`<!channel>`", "I don't know `'<!channel>'`"),
    ],
)
def test_what_is_not_understood_gets_a_sentence_that_helps(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refusal:
        Filter.parse(text)

    assert says in refusal.value.hint


@pytest.mark.parametrize(
    ("wanted", "number", "words"),
    [
        (Filter(), 0, "jobs"),
        (Filter(), 1, "job"),
        (a_filter(FAILED), 3, "failed jobs"),
        (a_filter(ASKING, FAILED), 2, "failed or asking jobs"),
        (a_filter(FAILED, Kind.EXPORTS), 1, "failed export"),
        (a_filter(Kind.IMPORTS, Kind.EXPORTS), 2, "exports and imports"),
        (a_filter(Kind.IMPORTS, Kind.EXPORTS), 1, "export or import"),
    ],
)
def test_a_filter_says_what_it_shows(wanted: Filter, number: int, words: str) -> None:
    assert wanted.nouns(number) == words


@given(any_filter)
def test_a_filter_travels_in_a_button_and_comes_back_the_same(wanted: Filter) -> None:
    dumped = wanted.dump()

    assert len(dumped) < 150
    assert Filter.load(dumped) == wanted
    assert Filter.parse(dumped) == wanted


@given(nasty_text | st.text())
def test_any_text_is_a_filter_or_a_usage_error(text: str) -> None:
    hint = ""
    try:
        wanted = Filter.parse(text)
    except UsageError as refusal:
        wanted, hint = Filter(), refusal.hint

    assert hint.count("`") % 2 == 0
    assert len(hint) < 200
    assert not hint or Filter.load(text) == Filter()
    assert Filter.load(wanted.dump()) == wanted


def test_a_value_that_no_button_of_ours_carries_shows_everything_of_ones_own() -> None:
    assert Filter.load("all " * DUMP_LIMIT) == Filter()
    assert Filter.load("<!channel>") == Filter()
