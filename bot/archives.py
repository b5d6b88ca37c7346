"""The checksums of a zip archive, proved while it passes by: constant memory, no I/O.

Every stored or deflated member's CRC-32 and sizes are compared with what its headers announce, and
all members with the central directory at the end; zip64 and data descriptors included.
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import TypeVar

_T = TypeVar("_T")
_Step = Generator[None, bytes, _T]
"""A piece of reading: waits at each `yield` for the next bytes."""

_MEMBER, _ENTRY, _END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_END64, _LOCATOR, _DESCRIPTOR = b"PK\6\6", b"PK\6\7", b"PK\7\x08"
_STORED, _DEFLATED = 0, 8
_SEALED, _SIZES_FOLLOW = 0b110_0001, 8
"""Flags: encrypted, patched or strongly encrypted; sizes and checksum stand behind the member."""

_IN_EXTRA, _IN_EXTRA_16 = 0xFFFF_FFFF, 0xFFFF
_LEAST, _MOST = 4 * 1024, 64 * 1024
_INFLATED = 256 * 1024


class BrokenArchive(Exception):
    """The archive is not whole; the text says where, without foreign words."""


@dataclass(slots=True)
class _Member:
    """One member as one of its two headers tells it; sizes in bytes."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    is_zip64: bool = False

    @property
    def is_readable(self) -> bool:
        """Whether its checksum can be proved: it is neither encrypted nor packed in a rare way."""
        return self.method in (_STORED, _DEFLATED) and not self.flags & _SEALED

    @property
    def print(self) -> int:
        """A number that two different members do not share."""
        head = self.flags & _SEALED, self.method, self.crc
        facts = struct.pack("<HHIQQQ", *head, self.packed, self.size, self.offset)
        return int.from_bytes(blake2b(facts + self.name, digest_size=16).digest())


class ArchiveCheck:
    """Reads an archive in pieces of any size: `feed` each, then `finish`; both raise BrokenArchive.

    `members` counts those that have gone by.  `gave_up` says that a member's end cannot be told in
    passing (stored, its size only behind it): from there on nothing is proved.
    """

    def __init__(self) -> None:
        self.members = 0
        self.gave_up = False
        self._is_over = False
        self._held = memoryview(b"")
        self._position = 0
        # A sum is the same in whatever order the directory lists the members, and takes no room.
        self._seen = self._listed = self._entries = 0
        self._reading = self._archive()
        next(self._reading)

    def feed(self, piece: bytes) -> None:
        """Read on."""
        if piece and not self.gave_up:
            self._reading.send(piece)

    def finish(self) -> None:
        """There is no more to come."""
        if not self._is_over and not self.gave_up:
            raise BrokenArchive(f"it ends in the middle, after {self._position} bytes")

    def _archive(self) -> _Step[None]:
        mark = yield from self._take(4)
        while mark == _MEMBER:
            yield from self._member()
            if self.gave_up:
                yield
                return
            mark = yield from self._take(4)
        directory = self._position - 4
        while mark == _ENTRY:
            yield from self._entry()
            mark = yield from self._take(4)
        if self._seen != self._listed or self.members != self._entries:
            raise BrokenArchive("its directory lists other members than it holds")
        yield from self._end(mark, directory)
        self._is_over = True
        if not self._held:
            yield
        raise BrokenArchive("more bytes follow its end")

    def _member(self) -> _Step[None]:
        offset = self._position - 4
        head = struct.unpack("<HHHIIIIHH", (yield from self._take(26)))
        _, flags, method, _, crc, packed, size, name_length, extra_length = head
        name = yield from self._take(name_length)
        extra = _zip64((yield from self._take(extra_length)))
        wide = iter(struct.unpack(f"<{len(extra) // 8}Q", extra[: len(extra) // 8 * 8]))
        size = next(wide, size) if size == _IN_EXTRA else size
        packed = next(wide, packed) if packed == _IN_EXTRA else packed
        member = _Member(name, flags, method, crc, packed, size, offset, bool(extra))
        follows = bool(flags & _SIZES_FOLLOW)
        if follows and (method != _DEFLATED or not member.is_readable):
            self.gave_up = True
            return
        if follows:
            yield from self._deflated(member, None)
            yield from self._descriptor(member)
        elif not member.is_readable:
            yield from self._skip(packed)
        elif method == _DEFLATED:
            yield from self._deflated(member, packed)
        else:
            yield from self._stored(member)
        self.members += 1
        self._seen += member.print

    def _stored(self, member: _Member) -> _Step[None]:
        crc, left = 0, member.packed
        while left:
            piece = yield from self._some(left)
            crc = zlib.crc32(piece, crc)
            left -= len(piece)
        _compare(member, crc, member.packed, member.packed)

    def _deflated(self, member: _Member, packed: int | None) -> _Step[None]:
        """Inflate a member of so many bytes, or up to its own end where that is not announced."""
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        start, crc, size, most = self._position, 0, 0, _LEAST
        while not inflater.eof:
            left = _MOST if packed is None else packed - (self._position - start)
            if not left:
                raise BrokenArchive(f"member {self.members + 1} is cut short")
            piece = yield from self._some(min(left, most))
            for inflated in _inflated(inflater, piece, self.members):
                crc, size = zlib.crc32(inflated, crc), size + len(inflated)
                if packed is not None and size > member.size:
                    raise BrokenArchive(f"member {self.members + 1} is longer than announced")
            # What is behind an end that was not announced is read twice: little at first.
            most = _MOST if packed is not None else min(2 * most, _MOST)
        self._give_back(inflater.unused_data)
        if packed is None:
            member.crc, member.packed, member.size = crc, self._position - start, size
        _compare(member, crc, self._position - start, size)

    def _descriptor(self, member: _Member) -> _Step[None]:
        """Read what stands behind a member: its mark is optional, its sizes have 4 or 8 bytes."""
        first = yield from self._take(4)
        crc = (yield from self._take(4)) if first == _DESCRIPTOR else first
        wide = struct.pack("<QQ", member.packed, member.size)
        narrow = struct.pack("<II", member.packed & _IN_EXTRA, member.size & _IN_EXTRA)
        told = yield from self._take(8)
        if member.is_zip64 or told != narrow:
            told += yield from self._take(8)
        if crc != struct.pack("<I", member.crc) or told not in (narrow, wide):
            raise BrokenArchive(f"member {self.members + 1} is another than announced")

    def _entry(self) -> _Step[None]:
        head = struct.unpack("<HHHHHHIIIHHHHHII", (yield from self._take(42)))
        _, _, flags, method, _, _, crc, packed, size, name_length, extra_length, comment_length = head[:12]
        offset = head[15]
        name = yield from self._take(name_length)
        extra = _zip64((yield from self._take(extra_length)))
        yield from self._skip(comment_length)
        wide = iter(struct.unpack(f"<{len(extra) // 8}Q", extra[: len(extra) // 8 * 8]))
        size = next(wide, size) if size == _IN_EXTRA else size
        packed = next(wide, packed) if packed == _IN_EXTRA else packed
        offset = next(wide, offset) if offset == _IN_EXTRA else offset
        self._entries += 1
        self._listed += _Member(name, flags, method, crc, packed, size, offset).print

    def _end(self, mark: bytes, directory: int) -> _Step[None]:
        length = self._position - 4 - directory
        if mark == _END64:
            (rest,) = struct.unpack("<Q", (yield from self._take(8)))
            told = struct.unpack("<HHIIQQQQ", (yield from self._take(44)))
            if told[5:] != (self._entries, length, directory):
                raise BrokenArchive("its zip64 end tells of another directory")
            yield from self._skip(max(0, rest - 44))
            mark = yield from self._take(4)
            if mark == _LOCATOR:
                yield from self._skip(16)
                mark = yield from self._take(4)
        if mark != _END:
            raise BrokenArchive(f"something that no archive holds, at byte {self._position - 4}")
        _, _, _, entries, size, offset, comment = struct.unpack("<HHHHIIH", (yield from self._take(18)))
        told_here = (
            (entries, self._entries, _IN_EXTRA_16),
            (size, length, _IN_EXTRA),
            (offset, directory, _IN_EXTRA),
        )
        if any(says not in (true, elsewhere) for says, true, elsewhere in told_here):
            raise BrokenArchive("its end tells of another directory")
        yield from self._skip(comment)

    def _some(self, limit: int) -> _Step[memoryview]:
        """At least one and at most `limit` bytes, as many as are at hand."""
        while not self._held:
            self._held = memoryview((yield))
        piece, self._held = self._held[:limit], self._held[limit:]
        self._position += len(piece)
        return piece

    def _take(self, count: int) -> _Step[bytes]:
        taken = bytearray()
        while len(taken) < count:
            taken += yield from self._some(count - len(taken))
        return bytes(taken)

    def _skip(self, count: int) -> _Step[None]:
        while count:
            count -= len((yield from self._some(count)))

    def _give_back(self, unread: bytes) -> None:
        if unread:
            self._position -= len(unread)
            self._held = memoryview(unread + self._held)


def _inflated(inflater: "zlib._Decompress", piece: memoryview, members: int) -> Iterator[bytes]:
    """What a piece becomes, in parts of a bounded size."""
    left: memoryview | bytes = piece
    try:
        while not inflater.eof:
            part = inflater.decompress(left, _INFLATED)
            yield part
            left = inflater.unconsumed_tail
            # A full part may have left more behind, also where all of the piece is used up.
            if not left and len(part) < _INFLATED:
                return
    except zlib.error:
        raise BrokenArchive(f"member {members + 1} cannot be unpacked") from None


def _compare(member: _Member, crc: int, packed: int, size: int) -> None:
    if (crc, packed, size) != (member.crc, member.packed, member.size):
        raise BrokenArchive(f"the checksum or size of the member at byte {member.offset} is wrong")


def _zip64(extra: bytes) -> bytes:
    """What the zip64 field among a header's extra fields holds; empty without one."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1:
            return extra[4 : 4 + length]
        extra = extra[4 + length :]
    return b""


class Proof:
    """What is found out about a file while it passes: its SHA-256, and whether an archive is whole."""

    def __init__(self, *, is_archive: bool) -> None:
        self._sha256 = sha256()
        self._archive = ArchiveCheck() if is_archive else None

    def feed(self, piece: bytes) -> None:
        """Take the next bytes in: some milliseconds a megabyte.  Raises BrokenArchive."""
        self._sha256.update(piece)
        if self._archive is not None:
            self._archive.feed(piece)

    def finish(self) -> None:
        """There is no more to come; raises BrokenArchive where an archive is not whole."""
        if self._archive is not None:
            self._archive.finish()

    @property
    def digest(self) -> str:
        """The SHA-256 of what was fed, in hexadecimal."""
        return self._sha256.hexdigest()

    @property
    def members(self) -> int | None:
        """How many members of the archive were proved; None where nothing could be."""
        archive = self._archive
        return archive.members if archive is not None and not archive.gave_up else None
