"""Slack's external upload: announce a file, send its bytes, and only then let it be seen."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.errors import DeliveryUnknown, SlackBusy
from bot.links import Workspace
from bot.slack import Slack
from bot.text import plain

SNIPPET_BYTES = 1_000_000
"""Slack's limit for a text that it shows folded into the conversation."""

_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file whose bytes Slack has, and that nobody sees yet."""

    file_id: str
    filename: str


class Uploads:
    """Files for Slack's conversations.

    https://docs.slack.dev/messaging/working-with-files#uploading_files
    """

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def of(self, workspace: Workspace) -> "Uploads":
        """The same for the conversations of one workspace."""
        return Uploads(self._slack.of(workspace))

    async def share(
        self,
        channel: str,
        filename: str,
        length: int,
        chunks: AsyncIterator[bytes],
        *,
        thread_ts: str | None = None,
        comment: str = "",
        snippet_type: str | None = None,
    ) -> str:
        """Put a file of exactly `length` bytes (at least one) into a conversation, or a thread: its id.

        `comment` is mrkdwn that stands above it.  Raises what `put` and `complete` raise, and what
        `chunks` raises.
        """
        uploaded = await self.put(filename, length, chunks, snippet_type=snippet_type)
        await self.complete(uploaded, channel, thread_ts=thread_ts, comment=comment)
        return uploaded.file_id

    async def share_text(
        self, channel: str, filename: str, text: str, *, thread_ts: str | None = None, comment: str = ""
    ) -> str:
        """Put a text that is at hand into a conversation, as a snippet where it is short enough: its id.

        An empty text becomes an empty line, for Slack takes no empty file.
        """
        body = text.encode(errors="replace") or b"\n"
        kind = "text" if len(body) <= SNIPPET_BYTES else None
        return await self.share(
            channel, filename, len(body), _once(body), thread_ts=thread_ts, comment=comment, snippet_type=kind
        )

    async def put(
        self, filename: str, length: int, chunks: AsyncIterator[bytes], *, snippet_type: str | None = None
    ) -> Uploaded:
        """Bring the bytes to Slack, where nobody sees them yet: a put that fails leaves nothing behind.

        Raises SlackBusy when it broke off and may be begun anew, and what `chunks` raises.
        """
        name = plain(filename, _NAME_LIMIT)
        kind = {"snippet_type": snippet_type} if snippet_type else {}
        try:
            place = await self._slack.read("files.getUploadURLExternal", filename=name, length=length, **kind)
        except DeliveryUnknown as error:
            raise SlackBusy(1.0, detail=error.detail) from None
        await self._slack.upload(str(place["upload_url"]), length, chunks)
        return Uploaded(str(place["file_id"]), name)

    async def complete(
        self, uploaded: Uploaded, channel: str, *, thread_ts: str | None = None, comment: str = ""
    ) -> None:
        """Let the file be seen; never repeated by itself.

        Raises DeliveryUnknown when that may or may not have taken place, PlaceGone where the bot may
        not put files, and the other SlackErrors.
        """
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        said = {"initial_comment": comment} if comment else {}
        await self._slack.call(
            "files.completeUploadExternal",
            files=[{"id": uploaded.file_id, "title": uploaded.filename}],
            channel_id=channel,
            **thread,
            **said,
        )

    async def is_there(
        self, file_id: str, channel: str, since: float, *, thread_ts: str | None = None
    ) -> bool:
        """Whether a conversation shows the file, sent after the Unix time `since`; raises SlackError.

        Where the bot may not read the conversation, that is a WorkspaceGone for a missing scope.
        """
        where = ("conversations.replies", {"ts": thread_ts}) if thread_ts else ("conversations.history", {})
        page = await self._slack.read(where[0], channel=channel, oldest=f"{since:.6f}", limit=200, **where[1])
        shown = (file for message in page.get("messages", []) for file in message.get("files") or [])
        return any(file.get("id") == file_id for file in shown)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
