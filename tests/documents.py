"""Documents that are made from what the tests assert, so that they cannot tell anything else.

`make docs` writes them anew; `tests/test_documents.py` fails while a committed one differs.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.deploy import figures
from tests.faults import document as faults

ROOT = Path(__file__).parents[1]

DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "docs/faults.md": faults.text,
    "docs/metrics.md": figures.text,
}
"""Each file, and what makes its text."""


def main() -> None:
    """Write all of them."""
    for name, text in DOCUMENTS.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
