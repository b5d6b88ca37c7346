"""Who stands in the fields of an import's question before anybody has typed."""

from typing import Any

from bot.sandbox.driver import Actor, SandboxDriver
from bot.sandbox.screen import View
from tests.stories.conftest import comes_to


async def asked(
    person: Actor, driver: SandboxDriver, kind: str = "ask-users", **more: Any
) -> tuple[int, View]:
    """Start an import that asks, and open its form."""
    job_id = await driver.ecotaxa.start(kind, **more)
    ping = await person.wait_for_message(f"#{job_id}", person.im)
    # What was asked just before may stand in the same message.
    await person.press(ping, f"answer.open:{job_id}")
    return job_id, await person.wait_for_view("could not match")


def standing(view: View) -> dict[str, tuple[str, str]]:
    """By the quoted name: who stands in its field, with the e-mail, and what is said below."""
    fields = [block for block in view.blocks if block["type"] == "input"]
    return {
        field["label"]["text"].split("“")[1].removesuffix("”"): (
            field["element"].get("initial_option", {}).get("value", ""),
            field.get("hint", {}).get("text", ""),
        )
        for field in fields
    }


async def id_of(driver: SandboxDriver, email: str) -> int:
    """The number of a person at EcoTaxa."""
    users = (await driver.ecotaxa.state())["users"]
    return next(int(user["id"]) for user in users if user["email"] == email)


async def test_a_person_is_found_by_the_files_email_or_by_any_word_of_the_name(
    linked: Actor, driver: SandboxDriver
) -> None:
    people = {
        "e. r.": ("elena@lab.example", "elena@lab.example", "same e-mail"),
        "anna muller": ("Anna.Schmidt@awi.example", "anna.schmidt@awi.example", "same e-mail"),
        "claire dupont": ("claire.martin@lov.example", "claire.martin@lov.example", "same e-mail"),
        "eva rodriguez": ("", "eva@uvigo.example", "same name"),
        "mateo gonzalez": ("", "mateo@imarpe.example", "same name"),
    }
    files = {name: {"email": email} if email else {} for name, (email, _, _) in people.items()}

    _, view = await asked(linked, driver, options={"users": files})

    found = standing(view)
    for name, (_, email, why) in people.items():
        who, hint = found[name]
        assert who == f"user:{await id_of(driver, email)}", name
        assert hint.endswith(f"Suggestion: {why}")


async def test_the_files_email_overrules_whom_one_meant_by_the_name_before(
    linked: Actor, driver: SandboxDriver
) -> None:
    nobody: dict[str, Any] = {"users": {"e. rodriguez": {}}}
    job_id, view = await asked(linked, driver, options=nobody)
    await linked.choose(view, "User “e. rodriguez”", "Eduardo")
    await linked.submit()
    await linked.wait_for_view("You answered")
    await linked.close()
    await comes_to(driver, job_id, "F")
    eduardo = f"user:{await id_of(driver, 'eduardo.rodriguez@ulpgc.example')}"
    _, view = await asked(linked, driver, options=nobody)
    assert standing(view)["e. rodriguez"] == (eduardo, "Suggestion: you chose this before")
    await linked.close()

    by_email = {"users": {"e. rodriguez": {"email": "elena@lab.example"}}}
    _, view = await asked(linked, driver, options=by_email)

    who, hint = standing(view)["e. rodriguez"]
    assert who == f"user:{await id_of(driver, 'elena@lab.example')}"
    assert hint.endswith("Suggestion: same e-mail")
    await linked.close()

    strange = {"users": {"e. rodriguez": {"email": "e.r@nowhere.example"}}}
    _, view = await asked(linked, driver, options=strange)
    assert standing(view)["e. rodriguez"][0] == eduardo, "an e-mail that nobody has says nothing"


async def test_a_list_that_shows_not_all_says_so(linked: Actor, driver: SandboxDriver) -> None:
    _, view = await asked(linked, driver, "ask-taxa", names=["oncaea?"])
    field = "Taxon “oncaea?”"

    many = await linked.options(view, field, "*e*")
    few = await linked.options(view, field, "oncae")

    assert len(many) == 100
    assert many[-2]["text"]["text"] == "More than shown: type on"
    assert "More than shown" not in str(few)
    await linked.choose(view, field, many[-2])
    assert "Choose at least one" in next(iter((await linked.submit()).values())), "it stands for nothing"
