"""Is LINE's side of one official account: who its friends are, what was said, what it may still send."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.customers.people import PEOPLE, person_on_line

REPLY_TOKEN_LIFE = 60.0
RETRY_KEY_LIFE = 24 * 3600.0
STATELESS_TOKEN_LIFE = 900
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One thing said on a phone, by the person (`outgoing` is False) or by the account."""

    id: str
    person: str
    outgoing: bool
    kind: str
    at: float
    text: str = ""
    sticker: tuple[str, str] | None = None
    picture: str = ""
    sender_name: str = ""
    standing: str = "delivered"  # a person's: sending, waiting, delivered
    remark: str = ""
    was_read: bool = False
    unsent: bool = False
    edited: bool = False

    def shown(self) -> dict[str, object]:
        return {
            "id": self.id,
            "person": self.person,
            "direction": "received" if self.outgoing else "sent",  # as the person holding the phone sees it
            "type": self.kind,
            "at": self.at,
            "text": self.text,
            "sticker": list(self.sticker) if self.sticker else None,
            "picture": self.picture,
            "sender_name": self.sender_name,
            "state": self.standing,
            "remark": self.remark,
            "read": self.was_read,
            "unsent": self.unsent,
            "edited": self.edited,
        }


@dataclass(frozen=True, slots=True)
class ReplyToken:
    person: str
    issued: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A push that was taken under a retry key."""

    request_id: str
    at: float
    sent: tuple[dict[str, str], ...]


@dataclass
class LineAccount:
    """The account's state. What changes is told to `announce`."""

    announce: Callable[[Mapping[str, Any]], None]
    clock: Callable[[], float]
    secret: str
    access_token: str
    channel_id: str
    display_name: str
    monthly_limit: int | None = 200
    used_this_month: int = 0
    bubbles: dict[str, Bubble] = field(default_factory=dict)
    contents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    reply_tokens: dict[str, ReplyToken] = field(default_factory=dict)
    retry_keys: dict[str, Accepted] = field(default_factory=dict)
    read_tokens: dict[str, str] = field(default_factory=dict)
    stateless_tokens: dict[str, float] = field(default_factory=dict)
    _last_id: int = 560_000_000_000_000_000

    @property
    def bot_user_id(self) -> str:
        return "U" + hashlib.sha256(f"line bot {self.channel_id}".encode()).hexdigest()[:32]

    def sign(self, body: bytes) -> str:
        return base64.b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()

    def knows_token(self, token: str) -> bool:
        if hmac.compare_digest(token.encode(), self.access_token.encode()):
            return True
        return self.stateless_tokens.get(token, 0.0) > self.clock()

    def issue_token(self) -> str:
        token = secrets.token_urlsafe(48)
        self.stateless_tokens[token] = self.clock() + STATELESS_TOKEN_LIFE
        return token

    def next_message_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)

    def next_event_id(self) -> str:
        """A ULID: 48 bits of time in milliseconds and 80 of chance, in Crockford's base 32."""
        number = (int(self.clock() * 1000) << 80) | secrets.randbits(80)
        return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))

    def issue_reply_token(self, person: str) -> str:
        token = secrets.token_hex(16)
        self.reply_tokens[token] = ReplyToken(person, self.clock())
        return token

    def renew_reply_token(self, token: str) -> None:
        """A redelivered event's token may be used for a minute again, unless it is used up."""
        known = self.reply_tokens[token]
        self.reply_tokens[token] = replace(known, issued=self.clock())

    def take_reply_token(self, token: str) -> str | None:
        """Whom the token answers; nobody if it is unknown, used, or older than a minute."""
        known = self.reply_tokens.get(token)
        if known is None or known.used or self.clock() - known.issued > REPLY_TOKEN_LIFE:
            return None
        self.reply_tokens[token] = replace(known, used=True)
        return known.person

    def accepted_under(self, retry_key: str) -> Accepted | None:
        known = self.retry_keys.get(retry_key)
        return known if known and self.clock() - known.at < RETRY_KEY_LIFE else None

    def may_push(self) -> bool:
        return self.monthly_limit is None or self.used_this_month < self.monthly_limit

    def is_friend(self, line_user_id: str) -> bool:
        person = person_on_line(line_user_id)
        return person is not None and person.key not in self.blocked

    def keep(self, bubble: Bubble) -> Bubble:
        self.bubbles[bubble.id] = bubble
        self.announce({"type": "bubble", "bubble": bubble.shown()})
        return bubble

    def mark_read(self, read_token: str) -> bool:
        """Shows everything the person said up to that message as read."""
        message_id = self.read_tokens.get(read_token)
        if message_id is None:
            return False
        last = self.bubbles[message_id]
        for bubble in list(self.bubbles.values()):
            if bubble.person == last.person and not bubble.outgoing and not bubble.was_read and bubble.at <= last.at:
                self.keep(replace(bubble, was_read=True))
        return True

    def shown(self) -> dict[str, object]:
        return {
            "name": self.display_name,
            "quota": self.monthly_limit,
            "used": self.used_this_month,
            "blocked": sorted(self.blocked),
            "people": [person.key for person in PEOPLE],
        }

    def announce_account(self) -> None:
        self.announce({"type": "line", "line": self.shown()})
