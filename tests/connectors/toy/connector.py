"""Connects carrier pigeons: the dovecote signs body and time, takes answers with an idempotency key, shows no more."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, SecretStr

from connectors.contract import Ability, Channel, Declaration, Delivery, Health, Operation, Request, Tools, Verified
from connectors.http import Provider, call, download, hosts_of, secure_base
from connectors.text import clean, one_line
from routing.contacts import Conversation
from routing.errors import BadSignature, Gone, MadoguchiError, Malformed, NeedsAttention, Rejected, Unreadable
from routing.ids import AccountId
from routing.messages import Item, Kind, NewAttachment, Party, Received, Skipped, Thread
from routing.replies import Letter, Limits, Prepared, SendClass, Sent, Window, code_points

FRESH = timedelta(seconds=300)
LIMITS = Limits(text=140, unit="characters", measure=code_points)


class PigeonConfig(BaseModel):
    secret: SecretStr
    base: Annotated[str, AfterValidator(secure_base)] = "https://dovecote.example"


class PigeonConnection:
    """One dovecote."""

    connector = "pigeon"
    body_limit = 1024 * 1024

    def __init__(self, account: AccountId, config: PigeonConfig, tools: Tools) -> None:
        self.account = account
        self._config = config
        self._tools = tools
        self._provider = Provider("The dovecote", hosts_of(config.base))

    def verify(self, request: Request) -> Verified:
        sent, given = request.headers.get("x-pigeon-time", ""), request.headers.get("x-pigeon-seal", "")
        secret = self._config.secret.get_secret_value().encode()
        seal = hmac.new(secret, sent.encode("utf-8", "replace") + b"." + request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(seal.encode(), given.encode("utf-8", "replace")) or not sent.isdigit():
            raise BadSignature("x-pigeon-seal")
        if abs(self._tools.clock() - datetime.fromtimestamp(int(sent), UTC)) > FRESH:
            raise BadSignature("too old, or from the future")
        try:
            told = json.loads(request.body)
        except (ValueError, RecursionError) as failure:
            raise Malformed("not JSON") from failure
        if not isinstance(told, dict) or not isinstance(told.get("ring"), str):
            raise Malformed("a pigeon without a ring")
        return Verified(told["ring"], str(told.get("loft", "")))

    def read(self, delivery: Delivery) -> Sequence[Item]:
        try:
            told = json.loads(delivery.body)
        except (ValueError, RecursionError) as failure:
            raise Unreadable("not JSON") from failure
        ring, loft, words = (told.get(name) if isinstance(told, dict) else None for name in ("ring", "loft", "words"))
        if not isinstance(ring, str) or not one_line(ring):
            raise Unreadable("a pigeon without a ring")
        if not isinstance(words, str) or not isinstance(loft, str) or not one_line(loft):
            return [Skipped(one_line(ring), "a pigeon without a letter")]
        return [
            Received(
                external_id=one_line(ring),
                kind=Kind.DM,
                channel="pigeon",
                sender=Party(f"pigeon:{self.account}", one_line(loft)),
                thread=Thread(key=one_line(loft)),
                text=clean(words),
                sent_at=delivery.received_at,
                attachments=(NewAttachment("feather.txt", "text/plain", source=one_line(ring)),),
            )
        ]

    def limits(self, channel: str) -> Limits:
        return LIMITS

    def window(self, conversation: Conversation, now: datetime) -> Window:
        return Window(open=6 <= now.hour < 20, note="Pigeons sleep at night.")

    def sender_name(self) -> str:
        return "The dovecote"

    def prepare(self, letter: Letter, now: datetime) -> Prepared:
        return Prepared("flight", SendClass.KEYED)

    async def send(self, letter: Letter, prepared: Prepared) -> Sent:
        if len(letter.text) > LIMITS.text:
            raise Rejected("A pigeon carries 140 characters.")
        body, headers = {"loft": letter.address, "words": letter.text}, {"Idempotency-Key": letter.key}
        url = f"{self._config.base}/flights"
        await call(self._tools.http, self._provider, "POST", url, now=self._tools.clock(), headers=headers, body=body)
        return Sent()

    async def fetch(self, source: str) -> bytes:
        url = f"{self._config.base}/feathers/{source}"
        try:
            answer = await download(self._tools.http, self._provider, url, now=self._tools.clock(), cap=1000)
        except Rejected as refusal:
            raise Gone(str(refusal)) from refusal
        return answer.body

    async def probe(self) -> Health:
        try:
            await call(self._tools.http, self._provider, "GET", self._config.base, now=self._tools.clock())
        except NeedsAttention as fault:
            return Health(ok=False, summary=str(fault), mend="Show the dovecote its ring again.")
        except MadoguchiError as fault:
            return Health(ok=False, summary=str(fault), mend="Wait for better weather.")
        return Health(ok=True, summary="The pigeons are well")


DECLARATION = Declaration(
    name="pigeon",
    channels=(
        Channel("pigeon", {"en": "Carrier pigeon", "ja": "伝書鳩"}, "bird", frozenset({Ability.ATTACHMENTS_IN})),
    ),
    config=PigeonConfig,
    operations=(Operation("flight", SendClass.KEYED, "the dovecote lets no two pigeons fly with one key"),),
    permissions=(),
    connect=PigeonConnection,
    public=True,
)
