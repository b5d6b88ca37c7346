"""A faithful EcoTaxa for one laptop: its jobs API over HTTP, with jobs that run by themselves."""

from bot.sandbox.ecotaxa.server import KEEPALIVE_SECONDS, EcoTaxa

__all__ = ["KEEPALIVE_SECONDS", "EcoTaxa"]
