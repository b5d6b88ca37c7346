"""Archives proved while they pass."""

import io
import itertools
import tracemalloc
import zipfile
import zlib
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.archives import ArchiveCheck, BrokenArchive

NOISE = Random(1).randbytes(70_000)


class Unseekable(io.RawIOBase):
    """A place to write to that cannot go back: sizes then follow the members."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.written += bytes(data)
        return len(data)


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, *, passing: bool = False) -> bytes:
    place: Any = Unseekable() if passing else io.BytesIO()
    with zipfile.ZipFile(place, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return bytes(place.written) if passing else bytes(place.getvalue())


def proved(data: bytes, step: int | None = None) -> ArchiveCheck:
    check = ArchiveCheck()
    for at in range(0, len(data), step or max(1, len(data))):
        check.feed(data[at : at + (step or len(data))])
    check.finish()
    return check


MEMBERS = {"a/table.tsv": b"object_id\tarea\n" * 9000, "é<!channel>.png": NOISE, "empty": b""}


@pytest.mark.parametrize("step", [1, 3, 1000, None])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_whole_archive_passes_in_pieces_of_any_size(method: int, step: int | None) -> None:
    check = proved(archive(MEMBERS, method), step)

    assert (check.members, check.gave_up) == (3, False)


@pytest.mark.parametrize("step", [1, 5000, None])
def test_members_whose_sizes_follow_are_proved_too(step: int | None) -> None:
    check = proved(archive(MEMBERS, passing=True), step)

    assert (check.members, check.gave_up) == (3, False)


def test_wide_headers_and_sizes_that_follow() -> None:
    places: list[Any] = [io.BytesIO(), Unseekable()]
    for place in places:
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as made:
            with made.open("wide", "w", force_zip64=True) as member:
                member.write(NOISE)
            with made.open("wide and empty", "w", force_zip64=True):
                pass
            made.mkdir("folder")
            made.comment = b"with a comment"
        assert proved(bytes(getattr(place, "written", b"") or place.getvalue())).members == 3


def test_an_archive_of_nothing_is_whole() -> None:
    assert proved(archive({})).members == 0


def test_what_cannot_be_told_in_passing_is_let_by() -> None:
    stored = archive(MEMBERS, zipfile.ZIP_STORED, passing=True)
    rare = archive(MEMBERS, zipfile.ZIP_BZIP2)

    assert proved(stored).gave_up
    assert proved(rare).members == 3


def _flip(data: bytes, at: int, bit: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


STORED = archive({"one": NOISE}, zipfile.ZIP_STORED)
DEFLATED = archive({"one": NOISE, "two": b"x" * 5000})
PASSED = archive({"one": NOISE}, passing=True)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (_flip(STORED, 5000), "a byte of a stored member"),
        (_flip(STORED, 14), "a member's checksum"),
        (_flip(STORED, 30), "a member's name"),
        (_flip(DEFLATED, 40_000), "a byte of a deflated member"),
        (_flip(PASSED, PASSED.index(b"PK\7\x08") + 4), "a checksum that follows"),
        (_flip(PASSED, PASSED.index(b"PK\7\x08") + 8), "a size that follows"),
        (_flip(DEFLATED, DEFLATED.index(b"PK\1\2") + 42), "where the directory says a member begins"),
        (_flip(DEFLATED, len(DEFLATED) - 6), "where the end says the directory begins"),
        (_flip(DEFLATED, len(DEFLATED) - 12), "how many members the end counts"),
        (DEFLATED + b"x", "a byte behind the end"),
        (DEFLATED[:-1], "the last byte missing"),
        (DEFLATED[: len(DEFLATED) // 2], "half of it missing"),
        (DEFLATED[: DEFLATED.index(b"PK\1\2")], "the directory missing"),
        (b"", "nothing at all"),
        (b"<html>502 Bad Gateway</html>" * 9, "a page in its place"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_broken_is_found(wrong: bytes, what: str) -> None:
    for step in (None, 7):
        with pytest.raises(BrokenArchive):
            proved(wrong, step)


def test_a_member_that_the_directory_does_not_list_is_found() -> None:
    one, two = archive({"one": NOISE}), archive({"two": NOISE})
    directory = two.index(b"PK\1\2")

    with pytest.raises(BrokenArchive, match="lists other members"):
        proved(one[: one.index(b"PK\1\2")] + two[directory:])


def test_an_archive_that_becomes_huge_takes_no_room() -> None:
    data = archive({"zeros": bytes(50_000_000)})
    check = ArchiveCheck()
    tracemalloc.start()
    check.feed(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    check.finish()

    assert len(data) < 100_000
    assert peak < 4_000_000


contents = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30),
    st.binary(max_size=3000),
    max_size=6,
)


@given(members=contents, passing=st.booleans(), step=st.integers(1, 4000))
@settings(deadline=None)
def test_every_archive_that_python_writes_is_whole(
    members: dict[str, bytes], passing: bool, step: int
) -> None:
    data = archive(members, passing=passing)

    assert proved(data, step).members == len(members)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_no_archive_that_python_finds_broken_passes(method: int) -> None:
    whole = archive({"one": b"some words " * 50, "two": NOISE[:50]}, method)

    passed = [
        (at, bit)
        for at, bit in itertools.product(range(len(whole)), range(8))
        if _passes(wrong := _flip(whole, at, bit)) and not _python_takes(wrong)
    ]

    assert passed == []


@given(junk=st.binary(max_size=400), start=st.sampled_from([b"", b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6"]))
@settings(deadline=None)
def test_junk_is_refused_and_never_a_surprise(junk: bytes, start: bytes) -> None:
    try:
        proved(start + junk)
    except BrokenArchive:
        return
    assert zipfile.is_zipfile(io.BytesIO(start + junk))


def _passes(data: bytes) -> bool:
    try:
        return bool(proved(data))
    except BrokenArchive:
        return False


def _python_takes(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as read:
            return read.testzip() is None
    except NotImplementedError:
        # Of a later version than Python reads is not broken.
        return True
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OSError, zlib.error):
        return False
