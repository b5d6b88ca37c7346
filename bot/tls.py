"""Whom to believe on a TLS connection: one context for EcoTaxa and Slack, which always verifies."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import certifi


def trusting(ca_file: Path | None = None) -> ssl.SSLContext:
    """A context that takes a certificate by the system's authorities, by certifi's, or by those of `ca_file`.

    The chain, the dates and the host name are verified; there is no way not to.  Raises OSError (of which
    ssl.SSLError is one) when `ca_file` cannot be read or holds no certificate in PEM.
    """
    context = ssl.create_default_context()
    # A slim container, and macOS, may have no authorities where OpenSSL looks for them.
    context.load_verify_locations(certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def distrusted(error: BaseException) -> str:
    """Why a certificate was not taken, if that is what stands behind an error; else empty.

    The words are OpenSSL's, and hold nothing that was sent.
    """
    return next((each.verify_message for each in _causes(error)), "")


def _causes(error: BaseException | None) -> Iterator[ssl.SSLCertVerificationError]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        # aiohttp keeps the cause beside the exception, not behind it.
        inner = getattr(error, "certificate_error", error)
        if isinstance(inner, ssl.SSLCertVerificationError):
            yield inner
        error = error.__cause__ or error.__context__
