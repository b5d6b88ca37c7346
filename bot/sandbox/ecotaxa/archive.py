"""A real zip archive of any size below 4 GB that takes no room: its bytes are made as they are read.

Its members are stored, not deflated, and all but the last hold the same megabyte, so that where each byte
stands and every checksum are known beforehand.
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
import zlib
from collections.abc import Iterator
from functools import cached_property
from random import Random

MEMBER = 1 << 20
"""Bytes in each member but the last."""

LARGEST = (1 << 32) - 1
"""Beyond this the format needs its 64-bit extension."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_NAME = "images/{:08}.png"
_NAME_BYTES = len(_NAME.format(0))
_HEAD = _LOCAL.size + _NAME_BYTES
_ENTRY = _CENTRAL.size + _NAME_BYTES

SMALLEST = _HEAD + _ENTRY + _END.size
"""An archive with one empty member."""

_VERSION, _FLAGS, _STORED, _TIME, _DATE = 20, 0, 0, 0, 0x5A21


class MadeUpArchive:
    """The archive of `size` bytes; ValueError when there can be none."""

    def __init__(self, size: int) -> None:
        if not SMALLEST <= size <= LARGEST:
            raise ValueError(f"an archive has {SMALLEST} to {LARGEST} bytes")
        self.size = size
        self._count = max(1, (size - _END.size) // (MEMBER + _HEAD + _ENTRY))
        self._stride = _HEAD + MEMBER
        overhead = self._count * (_HEAD + _ENTRY) + _END.size
        self._last = size - overhead - (self._count - 1) * MEMBER
        self._directory_at = (self._count - 1) * self._stride + _HEAD + self._last
        self._megabyte = Random(size).randbytes(MEMBER)  # noqa: S311 - filling, not a secret

    def chunks(self, start: int, most: int) -> Iterator[bytes | memoryview]:
        """Its bytes from `start` on, at most `most` at a time; the same bytes whatever the start."""
        content = memoryview(self._megabyte)
        while start < self.size:
            piece: bytes | memoryview
            if start >= self._directory_at:
                at = start - self._directory_at
                piece = self._directory[at : at + most]
            else:
                number = min(start // self._stride, self._count - 1)
                at = start - number * self._stride - _HEAD
                if at < 0:
                    piece = self._head(number)[at:]
                else:
                    left = min(most, self._length(number) - at)
                    piece = content[at % MEMBER : min(at % MEMBER + left, MEMBER)]
            yield piece
            start += len(piece)

    def _length(self, number: int) -> int:
        return MEMBER if number < self._count - 1 else self._last

    def _checksum(self, number: int) -> int:
        return self._whole_checksum if number < self._count - 1 else self._last_checksum

    @cached_property
    def _whole_checksum(self) -> int:
        return zlib.crc32(self._megabyte)

    @cached_property
    def _last_checksum(self) -> int:
        whole, rest = divmod(self._last, MEMBER)
        return zlib.crc32(self._megabyte[:rest], zlib.crc32(self._megabyte * whole))

    def _facts(self, number: int) -> tuple[int, ...]:
        length = self._length(number)
        return _FLAGS, _STORED, _TIME, _DATE, self._checksum(number), length, length, _NAME_BYTES, 0

    def _head(self, number: int) -> bytes:
        return _LOCAL.pack(b"PK\3\4", _VERSION, *self._facts(number)) + _NAME.format(number).encode()

    def _entry(self, number: int) -> bytes:
        facts = (_VERSION, _VERSION, *self._facts(number), 0, 0, 0, 0, number * self._stride)
        return _CENTRAL.pack(b"PK\1\2", *facts) + _NAME.format(number).encode()

    @cached_property
    def _directory(self) -> bytes:
        entries = b"".join(self._entry(number) for number in range(self._count))
        end = (0, 0, self._count, self._count, len(entries), self._directory_at, 0)
        return entries + _END.pack(b"PK\5\6", *end)
