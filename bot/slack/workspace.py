"""Knows one Slack workspace: its credentials, who our bot is there, and whether the set-up is right."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.pace import Pace
from bot.slack.payload import object_of, text_of
from bot.slack.web import LIBRARY_LOG, Web
from routing.errors import Gone, MadoguchiError, NeedsAttention
from routing.rates import Rates

SLACK_API = "https://slack.com/api/"
# Each with what it is for; the manifest asks for exactly these.
SCOPES = {
    "app_mentions:read": "hears what the team asks of it by its name",
    "channels:history": "reads what the team writes under a card in public rooms",
    "channels:read": "sees whether a room is archived, renamed or shared with another company",
    "chat:write": "posts and edits cards",
    "commands": "the command /desk, and the shortcuts of the manifest",
    "files:read": "takes files along that the team sends to a customer",
    "files:write": "shows customers' attachments in the card's thread",
    "groups:history": "the same in private rooms that the app was invited to",
    "groups:read": "the same for private rooms",
    "im:history": "hears what people ask of it directly, and finds a direct message of its own again after a crash",
    "im:write": "tells people directly what concerns them",
    "pins:write": "pins each room's queue board",
    "users:read": "knows names, and who is a guest or from another company",
    "users:read.email": "recognises one person on Slack and elsewhere",
}


@dataclass(frozen=True, slots=True)
class SlackWorkspace:
    """One workspace as configured. Socket Mode needs `app_token` (xapp-…), HTTP needs `signing_secret`.

    `limited`: our calls keep Slack's limits; a stand-in may have none.
    """

    team_id: str
    bot_token: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    api_base: str = SLACK_API
    limited: bool = True


@dataclass(frozen=True, slots=True)
class Bot:
    """Who we are in the workspace."""

    user: str
    bot: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found: `mend` is empty when it is well."""

    what: str
    mend: str = ""

    @property
    def ok(self) -> bool:
        return not self.mend


class Workspace:
    """An open workspace: its Web API and who our bot is in it."""

    def __init__(self, config: SlackWorkspace, session: aiohttp.ClientSession, rates: Rates) -> None:
        self.config = config
        self.team = config.team_id
        client = AsyncWebClient(
            token=config.bot_token, base_url=config.api_base, session=session, logger=LIBRARY_LOG, retry_handlers=[]
        )
        self.session = session
        self.web = Web(client, Pace(rates, config.team_id, config.limited))
        self.bot: Bot | None = None
        self._asking = asyncio.Lock()

    async def identity(self) -> Bot:
        """Who our bot is; asked once. Raises NeedsAttention when the token belongs to another workspace."""
        async with self._asking:
            if self.bot is None:
                answer = await self.web.call("auth.test", {})
                if text_of(answer, "team_id") != self.team:
                    raise NeedsAttention(
                        f"the bot token belongs to the workspace {text_of(answer, 'team_id')}, not to {self.team}: "
                        "write each workspace's own token beside its id"
                    )
                self.bot = Bot(text_of(answer, "user_id"), text_of(answer, "bot_id"))
            return self.bot

    async def probe(self, places: Iterable[str] = ()) -> list[Finding]:
        """Looks at token, permissions and rooms, and says of each fault how to mend it."""
        try:
            findings = [await self._probe_token()]
        except MadoguchiError as fault:
            return [Finding(f"workspace {self.team}: {fault}", "check the bot token and that Slack can be reached")]
        return findings + [await self._probe_room(place) for place in places]

    async def _probe_token(self) -> Finding:
        bot = await self.identity()
        granted = await self.web.scopes()
        if missing := sorted(SCOPES.keys() - granted):
            return Finding(
                f"workspace {self.team}: permissions missing: {', '.join(missing)}",
                "update the app from the manifest that comes with this version and install it again",
            )
        return Finding(f"workspace {self.team}: signed in as {bot.user}")

    async def _probe_room(self, place: str) -> Finding:
        try:
            room = object_of(await self.web.read("conversations.info", {"channel": place}), "channel")
        except Gone:
            return Finding(
                f"room {place}: not found", "check its id; if it is private, write /invite @Madoguchi in that room"
            )
        except MadoguchiError as fault:
            return Finding(f"room {place}: {fault}", "check that the app is installed with all its permissions")
        name = f"room #{text_of(room, 'name')} ({place}, {'private' if room.get('is_private') else 'public'})"
        if room.get("is_archived"):
            return Finding(f"{name} is archived", "unarchive it or choose another room")
        if is_shared_outside(room):
            return Finding(f"{name} is shared with another company", "choose a room that only your team can read")
        if not room.get("is_member"):
            return Finding(f"{name}: the app is not a member", "write /invite @Madoguchi in that room")
        return Finding(name)


def is_shared_outside(room: object) -> bool:
    """Whether people of other companies read the room, or are about to."""
    return isinstance(room, dict) and bool(room.get("is_ext_shared") or room.get("is_pending_ext_shared"))
