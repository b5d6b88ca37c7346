"""More people than the sandbox brings, each with a place in Slack and an account in EcoTaxa."""

from bot.sandbox.ecotaxa import accounts
from bot.sandbox.slack.people import CHANNELS, PEOPLE, Channel, Person


def names(count: int) -> list[str]:
    """The names of so many made-up people, as the sandbox's driver wants them."""
    return [f"bench{number:03}" for number in range(count)]


def add(count: int) -> None:
    """Let so many made-up people into every sandbox that this process makes from now on."""
    for name in names(count):
        email = f"{name}@lab.example"
        person = Person(f"U0{name.upper()}", name, name.title(), "Europe/Paris", email)
        PEOPLE[person.id] = person
        CHANNELS[person.im] = Channel(person.im, "directmessage", person.id)
        # The sandbox has no door for new accounts: its list of people is a constant.
        vars(accounts)["PEOPLE"] += ((person.real_name, email, "Bench"),)
