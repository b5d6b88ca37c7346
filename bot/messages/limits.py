"""What is said to somebody who asks for more than their share; no I/O."""

from math import ceil

from bot.language import say_n


def too_much(seconds: float) -> str:
    """It was a lot, and when to try again: one sentence, which may stand in a field too."""
    return say_n(
        "That was a lot at once: please try again in {n} second.",
        "That was a lot at once: please try again in {n} seconds.",
        ceil(seconds),
    )


def too_many_tries(seconds: float) -> str:
    """Nobody may try passwords or tokens so often."""
    return say_n(
        "That was tried often: please try again in {n} minute.",
        "That was tried often: please try again in {n} minutes.",
        ceil(seconds / 60),
    )
