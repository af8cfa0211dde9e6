"""Reads the connected accounts: each by its connector's own declaration, then how they fit together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from bot.configuration.problems import Place, meant, names
from bot.configuration.reading import Reader
from bot.configuration.shape import AccountSection, NotificationsSection
from bot.configuration.values import Account, Paused, Server
from bot.plan import SmtpDoorPlan
from connectors.catalog import Catalog
from connectors.contract import Declaration
from routing.ids import AccountId

_COMMON = ("id", "connector", "title")


@runtime_checkable
class HasAddresses(Protocol):
    """The configuration of an account that receives at mail addresses."""

    @property
    def addresses(self) -> tuple[str, ...]: ...


@runtime_checkable
class HasDoor(Protocol):
    """The configuration of an account that may receive through our own SMTP port."""

    @property
    def door(self) -> bool: ...


@runtime_checkable
class AnswersFrom(Protocol):
    """The configuration of an account whose answers another account sends."""

    @property
    def answer_from(self) -> str: ...


@runtime_checkable
class HasSmtp(Protocol):
    """The configuration of an account that may send mail; None when it cannot."""

    @property
    def smtp(self) -> BaseModel | None: ...


@dataclass(frozen=True, slots=True)
class Accounts:
    """What was read. `places` has also those that are not in order, so that nobody is told that they do not exist."""

    ready: tuple[Account, ...]
    paused: tuple[Paused, ...]
    places: Mapping[str, Place]
    channels: Mapping[str, frozenset[str]]

    @property
    def served(self) -> frozenset[str]:
        return frozenset().union(*self.channels.values())


def read_accounts(reader: Reader, catalog: Catalog, server: Server | None, door: SmtpDoorPlan | None) -> Accounts:
    ready: dict[Place, Account] = {}
    paused: list[Paused] = []
    places: dict[str, Place] = {}
    channels: dict[str, frozenset[str]] = {}
    for place, entry in reader.entries(reader.document.get("accounts", []), ("accounts",)):
        common = reader.read(AccountSection, {key: entry[key] for key in _COMMON if key in entry}, place)
        if common is None:
            places.setdefault(str(entry.get("id", "")), place)
            continue
        if common.id in places:
            reader.problems.error((*place, "id"), "duplicate", name=common.id)
        places.setdefault(common.id, place)
        declaration = _declaration(reader, catalog, common.connector, place)
        if declaration is None:
            continue
        channels[common.id] = frozenset(channel.name for channel in declaration.channels)
        _check_reachable(reader, declaration, server, place)
        title = common.title or common.id
        settings = reader.secrets.fill(declaration.config, _own(entry), place)
        config = reader.checked(declaration.config, settings, place)
        if reason := reader.secrets.unreadable(place):
            mailbox: object = config
            addresses = mailbox.addresses if isinstance(mailbox, HasAddresses) else ()
            paused.append(Paused(AccountId(common.id), common.connector, title, reason, addresses))
        elif config is not None:
            ready[place] = Account(AccountId(common.id), common.connector, title, settings, config)
    _check_together(reader, ready, places, door)
    if not places:
        reader.problems.warn(("accounts",), "no_account")
    return Accounts(tuple(ready.values()), tuple(paused), places, channels)


def _declaration(reader: Reader, catalog: Catalog, connector: str, place: Place) -> Declaration | None:
    declaration = catalog.declarations.get(connector)
    if declaration is None:
        known = catalog.declarations
        reader.problems.error(
            (*place, "connector"),
            "unknown_connector",
            name=connector,
            meant=meant(connector, known),
            known=names(known),
        )
    return declaration


def _own(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in _COMMON}


def _check_reachable(reader: Reader, declaration: Declaration, server: Server | None, place: Place) -> None:
    if declaration.public and server is not None and not server.public_url:
        reader.problems.error(place, "public_url_for_account", connector=declaration.name)


def _check_together(
    reader: Reader, ready: Mapping[Place, Account], places: Mapping[str, Place], door: SmtpDoorPlan | None
) -> None:
    owners: dict[str, str] = {}
    through_door: list[str] = []
    by_id = {account.id: account for account in ready.values()}
    for place, account in ready.items():
        config: BaseModel = account.config
        if isinstance(config, HasAddresses):
            for address in config.addresses:
                if address.casefold() in owners:
                    owner = owners[address.casefold()]
                    reader.problems.error((*place, "address"), "same_address", address=address, owner=owner)
                owners.setdefault(address.casefold(), account.id)
        if isinstance(config, HasDoor) and config.door:
            through_door.append(account.id)
            if door is None:
                reader.problems.error((*place, "door"), "door_missing")
        if isinstance(config, AnswersFrom):
            _check_answers(reader, (*place, "answer_from"), config.answer_from, by_id, places)
    if door is not None and not through_door and ready:
        reader.problems.error(("smtp_door",), "door_without_mailbox")


def _check_answers(
    reader: Reader, place: Place, sender: str, ready: Mapping[AccountId, Account], places: Mapping[str, Place]
) -> None:
    if not sender:
        return
    account = ready.get(AccountId(sender))
    mailboxes = [one.id for one in ready.values() if isinstance(one.config, HasAddresses)]
    if account is None and sender in places:
        return  # It is there; what is wrong with it was said at its own place.
    if account is None or not isinstance(account.config, HasAddresses):
        reader.problems.error(place, "answer_from", name=sender, known=names(mailboxes))


def read_notices_from(reader: Reader, section: NotificationsSection | None, accounts: Accounts) -> AccountId | None:
    """The account that writes to people of the team; None when none is named, or it cannot write just now."""
    if section is None or not section.mail_account:
        return None
    able = [one.id for one in accounts.ready if isinstance(one.config, HasSmtp) and one.config.smtp is not None]
    wanted = AccountId(section.mail_account)
    if wanted in able:
        return wanted
    if wanted in [one.id for one in accounts.ready] or wanted not in accounts.places:
        place = ("notifications", "mail_account")
        reader.problems.error(place, "notices_from", name=section.mail_account, known=names(able))
    return None  # A paused account; or what is wrong with it was said at its own place.
