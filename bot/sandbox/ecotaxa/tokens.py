"""The tokens that a login hands out: signed, timed, never stored."""

import base64
import hmac
import json
from binascii import Error as BadBase64
from datetime import UTC, datetime, timedelta

TOKEN_LIFE = timedelta(days=31)
"""How long after its issue a token is good."""


class Signer:
    """Makes and reads tokens of the form `payload.timestamp.signature`.

    The form is itsdangerous' URLSafeTimedSerializer: the payload is base64url JSON, the timestamp
    big-endian Unix seconds in base64url, the signature an HMAC-SHA1 under a key derived from the secret.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"ecotaxa sandbox login", "sha1")

    def issue(self, user_id: int, at: datetime, key: str = "user_id") -> str:
        """A token for the account, as issued at `at`; newer logins spell the payload's key `_user_id`."""
        payload = _encode(json.dumps({key: user_id}, separators=(",", ":")).encode())
        seconds = int(at.timestamp())
        signed = f"{payload}.{_encode(seconds.to_bytes((seconds.bit_length() + 7) // 8, 'big'))}"
        return f"{signed}.{self._signature(signed)}"

    def owner(self, token: str, now: datetime) -> int:
        """The account whose token it is; ValueError when it is not good `now` (any more)."""
        try:
            payload, stamp, signature = token.split(".")
            if not hmac.compare_digest(self._signature(f"{payload}.{stamp}").encode(), signature.encode()):
                raise ValueError("not signed by this server")
            issued = datetime.fromtimestamp(int.from_bytes(_decode(stamp), "big"), UTC)
            owner = json.loads(_decode(payload))
            if now - issued > TOKEN_LIFE:
                raise ValueError("expired")
            return int(owner["user_id"] if "user_id" in owner else owner["_user_id"])
        except (BadBase64, KeyError, TypeError, OverflowError) as error:
            raise ValueError("not a token") from error

    def _signature(self, signed: str) -> str:
        return _encode(hmac.digest(self._key, signed.encode(), "sha1"))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
