"""Sealed secrets open for their person only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import TokenUnreadable
from bot.links import Person
from bot.vault import Vault

ELENA = Person(None, "T1", "U1")
OLD, NEW = Vault.new_key(), Vault.new_key()
SEALED_ELSEWHERE = Vault([NEW]).seal(ELENA, "plankton")


@given(st.text())
def test_what_was_sealed_opens_again(secret: str) -> None:
    vault = Vault([OLD])

    assert vault.open(ELENA, vault.seal(ELENA, secret)) == secret


def test_what_is_sealed_does_not_show() -> None:
    sealed = Vault([OLD]).seal(ELENA, "plankton")

    assert "plankton" not in sealed
    assert sealed != Vault([OLD]).seal(ELENA, "plankton")


def test_an_older_key_still_opens_and_the_first_one_seals() -> None:
    both = Vault([NEW, OLD])

    assert both.open(ELENA, Vault([OLD]).seal(ELENA, "plankton")) == "plankton"
    assert Vault([NEW]).open(ELENA, both.seal(ELENA, "plankton")) == "plankton"


@pytest.mark.parametrize(
    "other", [Person("E1", "T1", "U1"), Person(None, "T2", "U1"), Person(None, "T1", "U2")]
)
def test_a_row_copied_to_another_person_does_not_open(other: Person) -> None:
    vault = Vault([OLD])

    with pytest.raises(TokenUnreadable):
        vault.open(other, vault.seal(ELENA, "plankton"))


@pytest.mark.parametrize("sealed", ["", "plankton", "é", "\ud800", "gAAAA", SEALED_ELSEWHERE])
def test_what_no_key_opens_is_unreadable(sealed: str) -> None:
    with pytest.raises(TokenUnreadable) as caught:
        Vault([OLD]).open(ELENA, sealed)

    assert "plankton" not in f"{caught.value!r}{caught.value.detail}"


def test_a_tampered_row_is_unreadable() -> None:
    sealed = Vault([OLD]).seal(ELENA, "plankton")
    tampered = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]

    with pytest.raises(TokenUnreadable):
        Vault([OLD]).open(ELENA, tampered)


@pytest.mark.parametrize("key", ["", "short", "é" * 44, "A" * 40, "!" * 44])
def test_a_malformed_key_is_named_by_its_place_in_one_line(key: str) -> None:
    with pytest.raises(ValueError, match="key 2 is malformed") as caught:
        Vault([NEW, key])

    assert "\n" not in str(caught.value)
    assert not key or key not in str(caught.value)


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no key"):
        Vault([])
