"""Linking an account, seeing it, and taking it away."""

import pytest

from bot.sandbox.driver import Actor, SandboxDriver
from bot.vault import Vault
from tests.stories.conftest import Start, link, looked


async def test_the_help_says_what_there_is(elena: Actor) -> None:
    await elena.say("/ecotaxa")

    shown = await elena.wait_for_message("/ecotaxa jobs")
    assert shown.ephemeral


async def test_a_mistyped_word_gets_advice(elena: Actor) -> None:
    await elena.say("/ecotaxa jbos")

    await elena.wait_for_message("Did you mean `jobs`?")


async def test_linking_with_a_password_goes_on_with_what_was_asked(
    elena: Actor, driver: SandboxDriver
) -> None:
    job_id = await driver.ecotaxa.start("export")
    await elena.say("/ecotaxa jobs")
    unlinked = await elena.wait_for_message("I don't know your EcoTaxa account yet")
    await elena.press(unlinked, "Link my account")
    await elena.wait_for_view("passes through Slack")

    assert await elena.submit({"E-mail": elena.email, "Password": "plankton"}) == {}

    await elena.wait_for_view("Elena Rodriguez")
    listed = await elena.wait_for_message(f"#{job_id}", "C0GENERAL")
    assert listed.id == unlinked.id, "it takes the button's place"
    await elena.wait_for_message(lambda m: m.id == listed.id and "Finished" in m.text, "C0GENERAL")
    assert await elena.now(unlinked) is None or "Link my account" not in str(await elena.now(unlinked))


async def test_linking_with_a_token(elena: Actor, driver: SandboxDriver) -> None:
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")

    assert await elena.submit({"Or a token": await driver.ecotaxa.token("elena", age_days=3)}) == {}

    await elena.wait_for_view("27 days")


@pytest.mark.parametrize(
    ("fields", "block", "says"),
    [
        ({}, "email", "e-mail and password"),
        ({"E-mail": "elena@lab.example"}, "password", "password"),
        ({"E-mail": "elena@lab.example", "Password": "wrong"}, "password", "did not accept"),
        ({"E-mail": "nobody@lab.example", "Password": "plankton"}, "password", "did not accept"),
        ({"Or a token": "garbage"}, "token", "no EcoTaxa token"),
        (
            {"Or a token": "eyJ1c2VyX2lkIjoyfQ.awQhvw.Mn5PDG7-lcAzvAvni8BsXTGZUOs"},
            "token",
            "does not accept this token",
        ),
    ],
)
async def test_wrong_fields_are_told_at_the_field(
    elena: Actor, fields: dict[str, str], block: str, says: str
) -> None:
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")

    errors = await elena.submit(fields)

    assert list(errors) == [block]
    assert says in errors[block]


async def test_an_expired_token_is_told_at_the_field(elena: Actor, driver: SandboxDriver) -> None:
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")

    errors = await elena.submit({"Or a token": await driver.ecotaxa.token("elena", age_days=32)})

    assert "too old" in errors["token"]


async def test_a_slow_ecotaxa_is_waited_for_in_the_modal(elena: Actor, driver: SandboxDriver) -> None:
    await elena.say("/ecotaxa link")
    await elena.wait_for_view("Link EcoTaxa")
    await driver.ecotaxa.break_(slow=5)

    assert await elena.submit({"E-mail": elena.email, "Password": "wrong"}) == {}

    await elena.wait_for_view("Checking")
    await elena.wait_for_view("did not accept")
    await driver.ecotaxa.heal()
    assert await elena.submit({"E-mail": elena.email, "Password": "plankton"}) == {}
    await elena.wait_for_view("Linked")


async def test_whoami_says_who_and_until_when(linked: Actor) -> None:
    await linked.say("/ecotaxa whoami")

    shown = await linked.wait_for_message("You are *Elena Rodriguez*")
    assert "good until" in shown.text


async def test_unlink_asks_first_and_then_forgets(linked: Actor) -> None:
    await linked.say("/ecotaxa unlink")
    question = await linked.wait_for_message("Unlink *Elena Rodriguez*")
    await linked.press(question, "Keep it")
    await linked.wait_for_message("everything stays")
    await linked.say("/ecotaxa unlink")
    question = await linked.wait_for_message("Unlink *Elena Rodriguez*")
    await linked.press(question, "Unlink")

    await linked.wait_for_message("forgotten")
    await linked.say("/ecotaxa jobs")
    await linked.wait_for_message("I don't know your EcoTaxa account yet")


async def test_nobody_elses_account_is_shown(linked: Actor, driver: SandboxDriver) -> None:
    tomas = driver.person("tomas")
    await tomas.say("/ecotaxa whoami")

    await tomas.wait_for_message("I don't know your EcoTaxa account yet")


async def test_password_and_token_stay_out_of_everything(
    linked: Actor, driver: SandboxDriver, capfd: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    output = "".join(capfd.readouterr())
    database = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())  # type: ignore[attr-defined]  # a Path
    said = str(await linked.messages())

    for text in (output, said, database.decode("latin-1")):
        assert (
            "plankton" not in text.replace("lab.example:plankton", "").replace("C0PLANKTON", "")
            or text is said
        )
        assert "eyJ1c2VyX2lkIjo" not in text


async def test_whoami_says_who_also_when_the_token_is_no_longer_taken(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.new_secret()
    await linked.wait_for_message("no longer accepts your sign-in", linked.im)

    await linked.say("/ecotaxa whoami")

    shown = await linked.wait_for_message("You are *Elena Rodriguez*", "C0GENERAL")
    assert "Link my account" in str(shown.blocks)


async def test_a_lost_key_is_told_once_and_unlinking_still_works(
    start: Start, driver: SandboxDriver, settings: dict[str, str]
) -> None:
    elena = driver.person("elena")
    async with start():
        await link(elena)
        await looked(driver)
    settings["TOKEN_KEYS"] = Vault.new_key()
    async with start():
        told = await elena.wait_for_message("can no longer read your saved EcoTaxa sign-in", elena.im)
        assert "Link my account" in str(told.blocks)
        await elena.say("/ecotaxa unlink")
        question = await elena.wait_for_message("Unlink your account?")
        await elena.press(question, "Unlink")
        await elena.wait_for_message("forgotten")

        assert len(await elena.messages(elena.im)) == 1


async def test_an_open_list_stands_still_once_the_account_is_unlinked(
    linked: Actor, driver: SandboxDriver
) -> None:
    await driver.ecotaxa.speed(1)
    job_id = await driver.ecotaxa.start("long-export")
    await linked.say("/ecotaxa jobs", linked.im)
    shown = await linked.wait_for_message("Your 1 job", linked.im)
    await linked.say("/ecotaxa unlink")
    question = await linked.wait_for_message("Unlink *Elena Rodriguez*")
    await linked.press(question, "Unlink")
    await linked.wait_for_message("forgotten")
    await linked.wait_for_message(
        lambda m: m.id == shown.id and "moves by itself" not in str(m.blocks), linked.im
    )
    since = (await driver.ecotaxa.traffic())["seq"]
    await driver.person("tomas").say("/ecotaxa help")

    assert (await driver.ecotaxa.traffic(since))["entries"] == [], f"nobody asks for job {job_id} any more"
