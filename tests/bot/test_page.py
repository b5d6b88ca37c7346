"""The linking page's HTML: foreign words stay words, in it and in each of its fields."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import page
from bot.language import LANGUAGES, speaking
from tests.bot.slack_limits import nasty_text

ALONE = ("meta", "input")


class Reader(HTMLParser):
    """What stands on a page: its elements with their attributes, and the texts that people see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ALONE:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open and data.strip():
            self.texts.append(data.strip())

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        """The elements with the names of their attributes, less what is shown as typed."""
        return [(tag, list(held)) for tag, held in self.elements if tag != "code"]

    def one(self, **attributes: str) -> dict[str, str | None]:
        """The one element with these attributes."""
        (found,) = [held for _, held in self.elements if attributes.items() <= held.items()]
        return found


def form(words: str = "@elena", **more: str) -> str:
    return page.form(slack_account=words, web_url="https://ecotaxa.example/gui", proof="abc", **more)


@given(words=nasty_text | st.sampled_from(["<script>x()</script>", '"><b onclick=x>', "{0}{style}", "&lt;"]))
def test_whatever_people_are_called_or_type_the_page_is_made_of_the_same_elements(words: str) -> None:
    plain, nasty = (
        Reader(form("a", email="a", error="a")),
        Reader(form(words, email=words or "a", error=words or "a")),
    )

    assert nasty.shape == plain.shape


def test_every_field_has_its_label_and_the_error_is_told_with_it() -> None:
    asked, again = Reader(form()), Reader(form(error="No `x`.", email="elena@lab.example"))

    for field, kind, filled in (("email", "email", "username"), ("password", "password", "current-password")):
        assert asked.one(id=field)["type"] == kind
        assert asked.one(id=field)["autocomplete"] == filled
        assert "required" in asked.one(id=field)
        assert asked.one(**{"for": field})
        assert "aria-invalid" not in asked.one(id=field)
        assert again.one(id=field)["aria-describedby"] == "error"
    assert again.one(id="error")["role"] == "alert"
    assert "x" in again.texts, "as code"
    assert again.texts[0].startswith("Error: ")
    assert again.one(id="email")["value"] == "elena@lab.example"
    assert "value" not in again.one(id="password")
    assert "autofocus" in asked.one(id="email")
    assert "autofocus" in again.one(id="password")


def test_it_says_for_whom_and_where() -> None:
    texts = Reader(form("@elena (plankton-lab)")).texts

    assert "@elena (plankton-lab)" in texts
    assert "ecotaxa.example/gui" in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_its_language(language: str) -> None:
    with speaking(language):
        assert Reader(form()).elements[0] == ("html", {"lang": language})
        assert Reader(page.notice("a", "b")).elements[0] == ("html", {"lang": language})
