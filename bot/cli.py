"""The command line: `ecotaxa-bot run | demo | check | …`, one word for each thing an operator does."""

import argparse
import asyncio
import gc
import getpass
import resource
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import bot
from bot.errors import BotError, EcoTaxaError
from bot.settings import EcoTaxaAddress, Mode, Settings, SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 good, 1 something failed, 2 a setting or word is wrong."""
    chosen = _parser().parse_args(arguments)
    try:
        return _do(chosen)
    except (SettingsError, ValueError) as errors:
        _complain(str(errors))
        return 2
    except EOFError:
        _complain("Nothing was typed.")
        return 2
    except (BotError, OSError) as error:
        _complain(error.hint if isinstance(error, EcoTaxaError) else str(error))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ecotaxa-bot",
        description="EcoTaxa's jobs in Slack. Settings come from the environment and .env.",
    )
    parser.add_argument("--version", action="version", version=f"ecotaxa-bot {bot.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot until it is told to stop")
    demo = commands.add_parser("demo", help="run the bot on an embedded EcoTaxa and Slack, with a web page")
    demo.add_argument("--port", type=int, default=8765, help="where the page is served (default 8765)")
    demo.add_argument(
        "--speed", type=float, default=1.0, help="how fast the embedded EcoTaxa works (default 1)"
    )
    commands.add_parser("check", help="are the settings good, do Slack, EcoTaxa and the database answer?")
    commands.add_parser(
        "rotate-keys", help="seal every stored token with the first of TOKEN_KEYS, also while bots run"
    )
    backup = commands.add_parser(
        "backup", help="write the whole database into a new file, also while bots run"
    )
    restore = commands.add_parser("restore", help="fill an empty database with what a backup holds")
    for keeping in (backup, restore):
        keeping.add_argument(
            "file", metavar="FILE", type=Path, help="an SQLite file, whatever the database is"
        )
    audit = commands.add_parser("audit", help="print who did what to which job, and what came of it")
    audit.add_argument("--since", type=int, metavar="DAYS", help="only of the last days (default: all)")
    form = audit.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="comma-separated, with a line of names (default)")
    form.add_argument("--jsonl", action="store_true", help="a JSON object a line")
    manifest = commands.add_parser("manifest", help="print the manifest from which Slack makes the app")
    manifest.add_argument(
        "--mode",
        choices=get_args(Mode),
        default="socket",
        help="how Slack reaches the bot, as SLACK_MODE says (default socket)",
    )
    manifest.add_argument("--url", help="the bot's public address, for --mode http: https://bot.lab.example")
    commands.add_parser("new-key", help="print a new key for TOKEN_KEYS")
    token = commands.add_parser("token", help="ask for your EcoTaxa password here and print a token to paste")
    token.add_argument("--email", help="your EcoTaxa e-mail (asked for when left out)")
    token.add_argument(
        "--api-url", help="the EcoTaxa API (default: ECOTAXA_API_URL, else the public instance)"
    )
    return parser


def _do(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "run":
            return _run()
        case "demo":
            from bot.sandbox.demo import run_demo  # noqa: PLC0415  # only the demo loads the sandbox

            return run_demo(chosen.port, chosen.speed)
        case "check":
            return _check()
        case "rotate-keys" | "backup" | "restore":
            return _keep(chosen)
        case "audit":
            return _audit(chosen.since, as_csv=not chosen.jsonl)
        case "manifest":
            return _manifest(chosen.mode, chosen.url)
        case "new-key":
            return _new_key()
        case _:
            return _token(chosen.email, chosen.api_url)


def _complain(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201  # the terminal is where the command was typed


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # as above


def _run() -> int:
    # Nothing of what is loaded can go: to look through it at every step is a part of the start.  The bot
    # itself begins again once it is ready.
    gc.disable()
    from bot import lifetime, logs, traces  # noqa: PLC0415  # `new-key` and `token` start without the whole bot

    # A core dump would hold every key and token, in a file that nobody looks after.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    settings = Settings.read()
    logs.configure(settings.log_level)
    with traces.sent_to(settings.otel_exporter_otlp_endpoint):
        asyncio.run(lifetime.run(settings))
    return 0


def _check() -> int:
    from bot import logs  # noqa: PLC0415  # as above
    from bot.check import check  # noqa: PLC0415  # as above

    logs.configure("ERROR")
    good = True
    for finding in asyncio.run(check(Settings.read())):
        good = good and finding.good
        _say(f"{'ok  ' if finding.good else 'FAIL'} {finding.what}: {finding.text}")
    return 0 if good else 1


def _keep(chosen: argparse.Namespace) -> int:
    from bot import logs, upkeep  # noqa: PLC0415  # as above

    logs.configure("ERROR")
    settings = Settings.read()
    match chosen.command:
        case "rotate-keys":
            doing = upkeep.rotate_keys(settings)
        case "backup":
            doing = upkeep.back_up(settings, chosen.file)
        case _:
            doing = upkeep.restore(settings, chosen.file)
    _say(asyncio.run(doing))
    return 0


def _audit(days: int | None, *, as_csv: bool) -> int:
    from bot.ledger import ledger  # noqa: PLC0415  # as above
    from bot.upkeep import opened  # noqa: PLC0415  # as above

    settings = Settings.read()
    since = None if days is None else datetime.now(UTC) - timedelta(days=min(max(days, 0), 36_500))

    async def lines() -> list[str]:
        async with opened(settings) as store:
            return [*await ledger(store, since, as_csv=as_csv)]

    for line in asyncio.run(lines()):
        _say(line)
    return 0


def _manifest(mode: str, url: str | None) -> int:
    from bot.manifest import manifest  # noqa: PLC0415  # as above

    if (mode == "http") != bool(url):
        raise ValueError("--mode http and --url go together: Slack has to know where the bot is")
    _say(manifest(EcoTaxaAddress.read().ecotaxa_web_url, url).rstrip())
    return 0


def _new_key() -> int:
    from bot.vault import Vault  # noqa: PLC0415  # as above

    _say(Vault.new_key())
    return 0


def _token(email: str | None, api_url: str | None) -> int:
    from bot import logs  # noqa: PLC0415  # as above
    from bot.ecotaxa import EcoTaxa  # noqa: PLC0415  # as above
    from bot.tls import trusting  # noqa: PLC0415  # as above

    logs.configure("ERROR")
    settings = EcoTaxaAddress.read()
    where, tls = api_url or settings.ecotaxa_api_url, trusting(settings.ca_file)

    async def login(address: str, password: str) -> str:
        ecotaxa = EcoTaxa(where, tls=tls)
        try:
            return (await ecotaxa.login(address, password)).secret
        finally:
            await ecotaxa.aclose()

    # The questions go to standard error, so that the token alone can be piped.
    if email is None:
        _complain("Your EcoTaxa e-mail:")
        email = sys.stdin.readline().strip()
    password = getpass.getpass("Your EcoTaxa password: ", stream=sys.stderr)
    _say(asyncio.run(login(email, password)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
