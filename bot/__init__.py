"""The core of ecotaxa-bot: jobs, links, watching, notifying; it knows nothing of Slack's requests."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("ecotaxa-bot")
except PackageNotFoundError:  # a tree that runs without having been installed
    __version__ = "0+unknown"
