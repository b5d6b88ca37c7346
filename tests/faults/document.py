"""docs/faults.md: what people see of each fault, from the cases that the tests play."""

from itertools import groupby

from tests.faults.cases import ALL, LIST, Case
from tests.markdown import table

_HEAD = """\
# When something ails

What people see while one of the bot's peers ails, after how many seconds at most, and when the bot is well
again once the fault has ended: always by itself, with nothing lost and nothing told twice. Every line is
played by a test (`tests/faults/`), with a proxy on the wire between the bot and its peer, and `make docs`
writes this page from what those assert.

Three things are the same for all:

- What happened meanwhile is told once, as soon as the bot looks again. That is within the time given here
  after a fault of seconds, and within 13 minutes after one of hours.
- Certificates are always verified, by the system's authorities and those of `CA_FILE`. No redirect is
  followed: whatever the bot sends, a token above all, goes to the host that was meant, or nowhere.
- The log has a line a minute for a database that cannot be used, and a line a try for the rest.
"""

_ASKED = "Somebody types `/ecotaxa jobs`, and a job ends meanwhile."
_ABOUT = {
    "EcoTaxa": _ASKED,
    "Slack's Web API": f"{_ASKED} An answer that does not reach Slack is not given later: type it again.",
    "Slack's Socket Mode": "What people do does not reach the bot, and Slack tells them so in its own words."
    " News reach them all the same, by the Web API.",
    "PostgreSQL": f"{_ASKED} What was just being told is looked for in Slack two minutes later, and told if"
    " it is not there.",
    "SQLite": "`/ecotaxa jobs`, which only reads, is answered as ever. Whoever wants something kept, as by"
    " `/ecotaxa notify here`, is told that it was not.",
    "The clock": "The machine's clock is another from one moment to the next.",
}
_SEEN = {LIST: "their jobs, as ever", "": "nothing"}


def text() -> str:
    """The whole page."""
    parts = [_HEAD]
    for peer, cases in groupby(ALL, key=lambda case: case.peer):
        head = ("fault", "what people see", "within", "well again within")
        parts.append(f"\n## {peer}\n\n{_ABOUT[peer]}\n\n{table(head, map(_row, cases))}")
    return "".join(parts)


def _row(case: Case) -> tuple[str, str, str, str]:
    sees = _SEEN.get(case.sees, f"“{case.sees}”")
    if not case.sees and case.peer == "Slack's Socket Mode":
        sees = "Slack's own words, that the app did not answer"
    return case.fault, sees, f"{case.within:g} s" if case.sees else "", f"{case.again:g} s"
