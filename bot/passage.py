"""A file's bytes on their way through the bot: counted and proved as they pass."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from bot.archives import BrokenArchive, Proof
from bot.ecotaxa import JobFile
from bot.errors import UnexpectedAnswer
from bot.language import mark, say

BROKEN = mark("The file reached me broken or changed on its way, so I posted nothing. Please try again.")

_AHEAD = 4
"""How many chunks may wait for their proof while others are sent."""


class Passage:
    """A file's bytes on their way; they are proved in a thread of their own while they are sent."""

    sent: int
    """How many have gone by so far."""

    def __init__(self, file: JobFile) -> None:
        self.sent = 0
        self._file = file
        self._proof = Proof(is_archive=file.filename.casefold().endswith(".zip"))
        self._prover = ThreadPoolExecutor(1, "proof")
        self._proving: deque[asyncio.Future[None]] = deque()
        self._broken: BrokenArchive | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        async for chunk in self._file.chunks:
            self._proving.append(loop.run_in_executor(self._prover, self._prove, chunk))
            if len(self._proving) > _AHEAD:
                await self._proving.popleft()
            if self._broken is not None:
                raise self._broken
            self.sent += len(chunk)
            yield chunk

    def _prove(self, chunk: bytes) -> None:
        if self._broken is None:
            try:
                self._proof.feed(chunk)
            except BrokenArchive as error:
                self._broken = error

    async def proved(self) -> Proof:
        """What was found out, once all bytes have gone by; raises BrokenArchive or UnexpectedAnswer.

        Not in the iteration, which nobody takes to its very end: a known length is enough.
        """
        while self._proving:
            await self._proving.popleft()
        if self._broken is not None:
            raise self._broken
        self._proof.finish()
        if self.sent != self._file.length:
            raise UnexpectedAnswer(say(BROKEN), detail=f"{self.sent} bytes of {self._file.length}")
        return self._proof

    def close(self) -> None:
        """Nothing more will be proved; what is under way ends by itself."""
        self._prover.shutdown(wait=False, cancel_futures=True)
