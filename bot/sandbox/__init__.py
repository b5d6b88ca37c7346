"""A Slack and an EcoTaxa that run on one laptop, for the demo and the tests."""
