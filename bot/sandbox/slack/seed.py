"""Furnishes a new workspace: a small help-desk team, its rooms, and every kind of person an app must tell apart."""

from dataclasses import dataclass
from functools import partial

from bot.sandbox.slack.model import Channel
from bot.sandbox.slack.people import Language, Standing, person
from bot.sandbox.slack.settings import AppSettings
from bot.sandbox.slack.wire import JsonObject

TEAM_ID = "T0SUNRISE"
PARTNER_TEAM_ID = "T0PARTNER"
BOT_USER = "U0MADOGUCHI"
BOT_ID = "B0MADOGUCHI"

AKI, BEN, YUI = "U0AKI", "U0BEN", "U0YUI"
GUEST, SINGLE_CHANNEL_GUEST, STRANGER, DEACTIVATED = "U0GUEST", "U0SINGLE", "U0STRANGER", "U0GONE"

GENERAL, SUPPORT, BILLING, JAPAN = "C0GENERAL", "C0SUPPORT", "C0BILLING", "C0JAPAN"
MANAGERS, PARTNERS, LOUNGE, OLD = "C0MANAGERS", "C0PARTNERS", "C0LOUNGE", "C0OLD"


@dataclass(frozen=True, slots=True)
class Seed:
    """What a workspace holds before anybody says a word."""

    team: JsonObject
    users: tuple[JsonObject, ...]
    channels: tuple[Channel, ...]
    bot_user: str
    bot_id: str


def sunrise_coffee(app: AppSettings, *, base_url: str, created: int) -> Seed:
    """The demo company: Sunrise Coffee, who answer customers in English and Japanese."""
    team: JsonObject = {
        "id": TEAM_ID,
        "name": "Sunrise Coffee",
        "domain": "sunrise-coffee",
        "url": f"{base_url}/",
        "email_domain": "sunrise-coffee.example",
        "icon": {"image_default": True},
        "avatar_base_url": f"{base_url}/avatars/",
        "is_verified": False,
    }
    home = partial(_at_home, base_url=base_url, updated=created)
    users = (
        home(AKI, "aki", "Aki Tanaka", standing="owner", language="ja", title="Support lead"),
        home(BEN, "ben", "Ben Carter", title="Support"),
        home(YUI, "yui", "Yui Sato", language="ja", title="Support"),
        home(GUEST, "gina", "Gina Guest", standing="guest", title="Contractor"),
        home(SINGLE_CHANNEL_GUEST, "sol", "Sol Single", standing="single_channel_guest", title="Auditor"),
        home(DEACTIVATED, "former", "Fay Former", standing="deactivated"),
        person(
            STRANGER,
            team_id=PARTNER_TEAM_ID,
            name="pat",
            real_name="Pat Partner",
            standing="stranger",
            avatar_base=base_url,
            updated=created,
        ),
        person(
            BOT_USER,
            team_id=TEAM_ID,
            name="madoguchi",
            real_name="Madoguchi",
            standing="bot",
            avatar_base=base_url,
            updated=created,
            bot_id=BOT_ID,
            app_id=app.app_id,
        ),
    )
    return Seed(team, users, _rooms(created), BOT_USER, BOT_ID)


def _at_home(
    id_: str,
    name: str,
    real_name: str,
    *,
    base_url: str,
    updated: int,
    standing: Standing = "member",
    language: Language = "en",
    title: str = "",
) -> JsonObject:
    return person(
        id_,
        team_id=TEAM_ID,
        name=name,
        real_name=real_name,
        email=f"{name}@sunrise-coffee.example",
        standing=standing,
        language=language,
        title=title,
        avatar_base=base_url,
        updated=updated,
    )


def _rooms(created: int) -> tuple[Channel, ...]:
    staff = [AKI, BEN, YUI]
    rooms: tuple[tuple[str, str, list[str], JsonObject], ...] = (
        (GENERAL, "general", [*staff, GUEST], {"is_general": True, "purpose": "Everybody is here"}),
        (SUPPORT, "support", [*staff, GUEST, SINGLE_CHANNEL_GUEST, BOT_USER], {"topic": "Customers' questions"}),
        (BILLING, "billing", [*staff, BOT_USER], {"topic": "Invoices and refunds"}),
        (JAPAN, "support-ja", [AKI, YUI, BOT_USER], {"topic": "日本語のお問い合わせ"}),
        (MANAGERS, "managers", [AKI, BOT_USER], {"is_private": True, "topic": "Digests and alerts"}),
        (
            PARTNERS,
            "partners",
            [*staff, STRANGER, BOT_USER],
            {"is_ext_shared": True, "shared_team_ids": [TEAM_ID, PARTNER_TEAM_ID]},
        ),
        (LOUNGE, "lounge", staff, {"topic": "The bot is not here"}),
        (OLD, "old-support", [*staff, BOT_USER], {"is_archived": True}),
    )
    return tuple(
        Channel(id=id_, name=name, creator=AKI, created=created, team_id=TEAM_ID, members=members, **more)
        for id_, name, members, more in rooms
    )
