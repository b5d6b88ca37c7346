"""What Slack's refusals mean: its error codes as exceptions, one class a reaction."""

import json
import math
from collections.abc import Mapping
from typing import Any, cast

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import (
    DeliveryUnknown,
    MessageGone,
    MessageRefused,
    PlaceGone,
    SlackBusy,
    SlackError,
    UnknownRefusal,
    WorkspaceGone,
)

LONGEST_WAIT = 3600.0
"""Seconds that Slack may ask to wait: it names minutes at most."""

CODES: Mapping[type[SlackError], frozenset[str]] = {
    SlackBusy: frozenset({"ratelimited", "rate_limited", "service_unavailable", "request_timeout"}),
    PlaceGone: frozenset(
        {
            "channel_not_found", "is_archived", "not_in_channel", "user_not_found", "user_disabled",
            "cannot_dm_bot", "user_not_visible", "user_not_in_channel", "cannot_reply_to_message",
            "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
            "restricted_action_non_threadable_channel", "restricted_action_thread_locked",
        }
    ),
    MessageGone: frozenset(
        {
            "message_not_found", "cant_update_message", "edit_window_closed", "not_found", "expired_url",
            "used_url",
        }
    ),
    MessageRefused: frozenset(
        {
            "invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text",
            "too_many_attachments", "attachment_payload_limit_exceeded", "too_many_contact_cards",
            "markdown_text_conflict", "metadata_too_large", "invalid_metadata_format",
            "invalid_metadata_schema", "invalid_arguments", "invalid_arg_name", "invalid_array_arg",
            "invalid_charset", "invalid_form_data", "invalid_json", "json_not_object",
            "invalid_post_type", "missing_post_type", "hash_conflict", "expired_trigger_id",
            "exchanged_trigger_id", "invalid_trigger_id", "push_limit_reached", "view_too_large",
            "duplicate_external_id",
        }
    ),
    WorkspaceGone: frozenset(
        {
            "token_revoked", "account_inactive", "invalid_auth", "not_authed", "team_access_not_granted",
            "token_expired", "missing_scope", "org_login_required", "team_added_to_org", "team_not_found",
            "not_allowed_token_type", "no_permission", "access_denied", "accesslimited",
            "app_access_restricted", "ekm_access_denied", "enterprise_is_restricted",
            "two_factor_setup_required", "restricted_action", "messages_tab_disabled",
        }
    ),
    DeliveryUnknown: frozenset({"internal_error", "fatal_error"}),
}  # fmt: skip
"""Slack's documented error codes by what to do about them.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""


def meaning(status: int, code: str, retry_after: float | None = None) -> SlackError:
    """The exception that an unhappy answer of Slack's stands for; a code unknown here may pass."""
    detail = f"Slack answered {status} {code}"
    if status == 429 or code in CODES[SlackBusy]:
        return SlackBusy(retry_after if retry_after is not None else 5.0, detail=detail)
    for error, codes in CODES.items():
        if code in codes:
            return error(detail=detail)
    return DeliveryUnknown(detail=detail) if status >= 500 else UnknownRefusal(detail=detail)


def refusal_of(refusal: SlackApiError) -> SlackError:
    """The exception that a refused call stands for, or a call that something else answered."""
    response: AsyncSlackResponse = refusal.response
    data = cast(dict[str, Any], response.data)
    if response.status_code == 200 and "error" not in data:
        return DeliveryUnknown(detail="Slack answered something that is not Slack's")
    retry_after = next((v for k, v in response.headers.items() if k.lower() == "retry-after"), None)
    return meaning(response.status_code, str(data.get("error", "")), seconds_asked(retry_after))


def told_by(text: str) -> str:
    """What a response_url answered: `ok`, or an error code, bare or in JSON."""
    try:
        answer = json.loads(text)
    except ValueError:
        return text.strip()[:60]
    if not isinstance(answer, dict):
        return ""
    return "ok" if answer.get("ok") else str(answer.get("error", ""))


def seconds_asked(text: str | None) -> float | None:
    """The seconds of a `Retry-After`; None where it tells none that Slack would."""
    try:
        seconds = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return seconds if 0 <= seconds <= LONGEST_WAIT else None
