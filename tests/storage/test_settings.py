"""Secrets are unreadable without their key; a key that is missing or wrong is named and stops nothing else."""

import asyncio

import pytest
from cryptography.fernet import Fernet

from routing.errors import Gone, Misconfigured, NeedsAttention
from routing.ids import OrganisationId
from storage.settings import SqlSettings, read_keys
from storage.signing import KeyedSigner, open_signer, renew_signer
from storage.wire import Database
from tests.conftest import ORGANISATION, Clock
from tests.storage.rows import everything_in

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


async def settings_with(database: Database, keys: str, clock: Clock, organisation: str = ORGANISATION) -> SqlSettings:
    opened = SqlSettings(database, OrganisationId(organisation), read_keys(keys), clock=clock)
    await opened.open()
    return opened


@pytest.fixture
async def settings(database: Database, clock: Clock) -> SqlSettings:
    return await settings_with(database, f"old:{OLD}", clock)


async def test_a_secret_comes_back_but_stands_nowhere_in_the_database(
    settings: SqlSettings, database: Database
) -> None:
    await settings.put("imap.support", "hunter2 パスワード")
    assert await settings.secret("imap.support") == "hunter2 パスワード"
    assert await settings.names() == ["imap.support"]
    kept = await everything_in(database)
    assert "hunter2" not in kept
    assert "パスワード" not in kept
    assert OLD not in kept


async def test_a_secret_can_be_set_anew_and_removed(settings: SqlSettings) -> None:
    await settings.put("token", "one")
    await settings.put("token", "two")
    assert await settings.secret("token") == "two"
    await settings.remove("token")
    with pytest.raises(Gone, match="token"):
        await settings.secret("token")


async def test_of_two_who_set_a_new_secret_at_once_both_read_the_same(settings: SqlSettings) -> None:
    await asyncio.gather(*(settings.put_if_new("token", str(number)) for number in range(5)))
    first = await settings.secret("token")
    await settings.put_if_new("token", "late")
    assert await settings.secret("token") == first


async def test_a_missing_key_is_named_and_the_others_go_on(
    settings: SqlSettings, database: Database, clock: Clock
) -> None:
    await settings.put("imap.support", "hunter2")
    newer = await settings_with(database, f"new:{NEW}", clock)
    await newer.put("line.shop", "token")
    with pytest.raises(NeedsAttention, match="old"):
        await newer.secret("imap.support")
    assert await newer.secret("line.shop") == "token"


async def test_a_wrong_key_under_a_known_name_is_noticed_at_the_start(
    settings: SqlSettings, database: Database, clock: Clock
) -> None:
    await settings.put("imap.support", "hunter2")
    wrong = await settings_with(database, f"old:{OTHER}", clock)
    assert wrong.wrong_keys == {"old"}
    with pytest.raises(NeedsAttention, match="old"):
        await wrong.secret("imap.support")
    with pytest.raises(Misconfigured, match="old"):
        await wrong.put("imap.sales", "never encrypted with it")
    assert settings.wrong_keys == frozenset()
    assert await settings.secret("imap.support") == "hunter2"


async def test_after_a_rotation_the_old_key_is_not_needed_any_more(
    settings: SqlSettings, database: Database, clock: Clock
) -> None:
    await settings.put("one", "1")
    await settings.put("two", "2")
    both = await settings_with(database, f"new:{NEW}, old:{OLD}", clock)
    assert await both.secret("one") == "1"
    assert await both.rotate() == 2
    only_new = await settings_with(database, f"new:{NEW}", clock)
    assert [await only_new.secret("one"), await only_new.secret("two")] == ["1", "2"]


async def test_a_rotation_that_cannot_read_everything_changes_nothing(
    settings: SqlSettings, database: Database, clock: Clock
) -> None:
    await settings.put("one", "1")
    newer = await settings_with(database, f"new:{NEW}", clock)
    await newer.put("two", "2")
    with pytest.raises(NeedsAttention):
        await newer.rotate()
    assert await settings.secret("one") == "1"


async def test_without_a_key_nothing_secret_is_kept(database: Database, clock: Clock) -> None:
    keyless = await settings_with(database, "", clock)
    with pytest.raises(Misconfigured, match="MADOGUCHI_KEYS"):
        await keyless.put("token", "plain")
    assert await keyless.names() == []


async def test_organisations_have_their_own_secrets(settings: SqlSettings, database: Database, clock: Clock) -> None:
    await settings.put("token", "ours")
    theirs = await settings_with(database, f"old:{OLD}", clock, organisation="stranger")
    with pytest.raises(Gone):
        await theirs.secret("token")


@pytest.mark.parametrize(
    "text",
    ["nokey", "id:", ":key", "id:not-a-key", f"id:{OLD},other:short"],
    ids=["no id", "no key", "only a key", "not a key", "the second is not a key"],
)
def test_keys_that_cannot_be_read_say_how_to_write_them(text: str) -> None:
    with pytest.raises(Misconfigured, match="MADOGUCHI_KEYS"):
        read_keys(text)


# --- signatures ------------------------------------------------------------------------------------------------------


async def test_a_signature_is_ours_again_after_a_restart(
    settings: SqlSettings, database: Database, clock: Clock
) -> None:
    signature = (await open_signer(settings)).sign("reply", "conversation 1")
    again = await open_signer(await settings_with(database, f"old:{OLD}", clock))
    assert again.verifies("reply", "conversation 1", signature)
    assert not again.verifies("reply", "conversation 2", signature)
    assert not again.verifies("file", "conversation 1", signature), "signed for another purpose"


async def test_signatures_of_older_keys_stay_good_and_new_ones_are_made_with_the_newest(settings: SqlSettings) -> None:
    old = (await open_signer(settings)).sign("reply", "1")
    assert await renew_signer(settings) == 2
    renewed = await open_signer(settings)
    assert renewed.sign("reply", "1") != old
    assert renewed.verifies("reply", "1", old)


async def test_processes_that_start_together_sign_with_the_same_key(database: Database, clock: Clock) -> None:
    opened = [await settings_with(database, f"old:{OLD}", clock) for _ in range(4)]
    signers = await asyncio.gather(*(open_signer(one) for one in opened))
    assert len({signer.sign("reply", "1") for signer in signers}) == 1


def test_a_signature_survives_a_mail_address_in_capitals() -> None:
    signer = KeyedSigner([b"key"])
    signature = signer.sign("reply", "1")
    assert signature.isalnum()
    assert signature == signature.lower()
    assert len(signature) <= 20
    assert signer.verifies("reply", "1", signature.upper())


@pytest.mark.parametrize("odd", ["", "x", "\ud800", "é" * 16, "a" * 10_000, "\0"])
def test_an_odd_signature_is_simply_not_ours(odd: str) -> None:
    assert not KeyedSigner([b"key", b"older"]).verifies("reply", "1", odd)
    KeyedSigner([b"key"]).sign("reply", odd)
