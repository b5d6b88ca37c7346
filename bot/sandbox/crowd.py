"""People beyond those whom the sandbox knows by name, each with a place in Slack and an EcoTaxa account."""


def names(count: int) -> list[str]:
    """What so many of them are called: `p001`, `p002`, …; in Slack they are `U0P001`, `U0P002`, …."""
    return [f"p{number:03}" for number in range(1, count + 1)]


def email(name: str) -> str:
    """The address with which one of them signs in to EcoTaxa."""
    return f"{name}@lab.example"


def real_name(name: str) -> str:
    """What one of them is called in full."""
    return f"Person {name.removeprefix('p')}"
