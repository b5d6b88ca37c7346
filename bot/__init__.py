"""The core of ecotaxa-bot: jobs, links, watching, notifying; it knows nothing of Slack's requests."""

__version__ = "0.1.0"
