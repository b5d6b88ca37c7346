"""The database's history: every release's tables grow out of the one's before."""
