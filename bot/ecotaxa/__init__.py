"""The door to EcoTaxa: one typed client for its jobs, users and taxa."""

from bot.ecotaxa.client import EcoTaxa, JobFile

__all__ = ["EcoTaxa", "JobFile"]
