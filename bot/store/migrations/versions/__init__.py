"""One module a step, each named for what it brings."""
