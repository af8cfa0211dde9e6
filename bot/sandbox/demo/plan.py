"""The demo company's configuration: Sunrise Coffee, who answer in English and Japanese."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.plan import AccountPlan, Plan, SmtpDoorPlan
from bot.sandbox.slack import seed
from bot.slack.workspace import SlackWorkspace
from bot.surface import Room
from routing.agents import Role
from routing.folding import folded
from routing.ids import AccountId, OrganisationId, RoomId, TeamId
from routing.policy import Policy
from routing.rules import Rule
from routing.teams import Team
from routing.templates import Template
from routing.ticket import Priority

MAIL, FORM, LINE = AccountId("support-mail"), AccountId("contact-form"), AccountId("line")
SUPPORT, JAPAN, BILLING, MANAGERS = RoomId("support"), RoomId("support-ja"), RoomId("billing"), RoomId("managers")
ADDRESS = "support@sunrise-coffee.example"
LINE_SECRET = "sandbox-line-secret"  # noqa: S105  a demo secret, public by design
LINE_TOKEN = "sandbox-line-token"  # noqa: S105  likewise


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything of the demo listens, all on 127.0.0.1."""

    page: int
    program: int
    smtp_door: int
    customers_smtp: int
    customers_line: int


def demo_plan(
    ports: Ports, folder: Path, *, language: str, keys: str, database_url: str = "", redis_url: str = ""
) -> Plan:
    """What `madoguchi demo` runs: the same parts as a real installation."""
    program = f"http://127.0.0.1:{ports.program}"
    return Plan(
        policy=demo_policy(language),
        zone=ZoneInfo("Asia/Tokyo"),
        rooms={one.id: one for one in _rooms()},
        accounts=_accounts(ports),
        workspaces=(
            SlackWorkspace(
                team_id=seed.TEAM_ID,
                bot_token="xoxb-sandbox",  # noqa: S106  a demo secret, public by design
                signing_secret="sandbox-signing-secret",  # noqa: S106  likewise
                api_base=f"http://127.0.0.1:{ports.page}/api/",
            ),
        ),
        database_url=database_url or f"sqlite+aiosqlite:///{folder / 'madoguchi.db'}",
        redis_url=redis_url,
        data_dir=folder,
        port=ports.program,
        public_url=program,
        smtp_door=SmtpDoorPlan("127.0.0.1", ports.smtp_door),
        keys=keys,
        allow_loopback=True,
    )


def _rooms() -> tuple[Room, ...]:
    def room(name: RoomId, place: str, language: str) -> Room:
        return Room(name, "slack", seed.TEAM_ID, place, name, language)

    return (
        room(SUPPORT, seed.SUPPORT, "en"),
        room(JAPAN, seed.JAPAN, "ja"),
        room(BILLING, seed.BILLING, "en"),
        room(MANAGERS, seed.MANAGERS, "en"),
    )


def demo_policy(language: str) -> Policy:
    return Policy(
        organisation=OrganisationId("sunrise"),
        name="Sunrise Coffee",
        language=language,
        timezone="Asia/Tokyo",
        rules=(
            Rule(
                "urgent words",
                words=tuple(folded(word) for word in ("urgent", "asap", "至急", "緊急")),
                priority=Priority.URGENT,
                stop=False,
            ),
            Rule(
                "money goes to billing",
                words=tuple(folded(word) for word in ("refund", "invoice", "charged", "返金", "請求", "領収書")),
                rooms=(BILLING,),
            ),
            Rule("LINE speaks Japanese", accounts=frozenset({LINE}), rooms=(JAPAN,)),
            Rule(
                "Japanese words",
                words=tuple(folded(word) for word in ("です", "ます", "ください", "でしょうか")),
                rooms=(JAPAN,),
            ),
        ),
        default_rooms=(SUPPORT,),
        alerts_room=MANAGERS,
        templates={one.id: one for one in _templates()},
        roles={"aki@sunrise-coffee.example": Role.MANAGER},
        undo={"line": timedelta(seconds=10)},
        surge=dict.fromkeys((SUPPORT, JAPAN, BILLING), 20),
        teams={one.id: one for one in _teams()},
    )


def _teams() -> tuple[Team, ...]:
    return (
        Team(TeamId("money"), "Billing / 経理", (BILLING,)),
        Team(TeamId("japan"), "Japan / 日本", (JAPAN,)),
    )


def _templates() -> list[Template]:
    text = files("bot.sandbox.demo").joinpath("templates.toml").read_text("utf-8")
    return [
        Template(name, entry["title"], {language: entry[language].strip() for language in ("en", "ja")})
        for name, entry in tomllib.loads(text).items()
    ]


def _accounts(ports: Ports) -> tuple[AccountPlan, ...]:
    line = f"http://127.0.0.1:{ports.customers_line}"
    return (
        AccountPlan(
            MAIL,
            "mail",
            ADDRESS,
            {
                "address": ADDRESS,
                "display_name": "Sunrise Coffee",
                "door": True,
                "signature": "Sunrise Coffee · Support",
                "smtp": {"host": "127.0.0.1", "port": ports.customers_smtp, "security": "none"},
            },
        ),
        AccountPlan(
            FORM,
            "form",
            "Web site",
            {
                "answer_from": MAIL,
                "company": "Sunrise Coffee",
                "heading": {"en": "Contact us", "ja": "お問い合わせ"},
                "answer_within": {"en": "one business day", "ja": "1営業日以内"},
                "allowed_origins": [f"http://127.0.0.1:{ports.page}"],
            },
        ),
        AccountPlan(
            LINE,
            "line",
            "Sunrise Coffee",
            {
                "channel_id": "1234567890",
                "channel_secret": LINE_SECRET,
                "access_token": LINE_TOKEN,
                "name": "Sunrise Coffee",
                "api_base": line,
                "data_base": line,
            },
        ),
    )
