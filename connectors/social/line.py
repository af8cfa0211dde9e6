"""Connects LINE Official Accounts: signed webhooks in, reply and push messages out.

https://developers.line.biz/en/reference/messaging-api/
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from connectors.contract import (
    Ability,
    Channel,
    Declaration,
    Delivery,
    Health,
    Operation,
    Request,
    Tools,
    Verified,
)
from connectors.social.line_api import DeadReplyToken, LineApi
from connectors.social.line_config import LineConfig
from connectors.social.line_events import CHANNEL, delivery_id, lane, read_envelope, read_events
from connectors.social.line_fields import Odd
from connectors.social.line_health import examine
from connectors.social.line_letters import LIMITS, sent_ids, write
from connectors.social.line_messages import SOURCE_PREFIX
from routing.contacts import Conversation
from routing.errors import BadSignature, Gone, Malformed, Rejected, TryLater, Unreadable
from routing.ids import AccountId
from routing.messages import Item
from routing.replies import Letter, Limits, Prepared, SendClass, Sent, Window

# LINE promises a reply token for one minute; one as old as this may not arrive in time.
REPLY_TOKEN_LIFE = timedelta(seconds=50)
# A retry key is known to LINE for 24 hours. Counted from when the letter was written, which is never after the first
# attempt, and a little less, so that no repeat comes after LINE has forgotten.
RETRY_KEY_LIFE = timedelta(hours=23, minutes=30)

REPLY = Operation("reply", SendClass.ASK, "with the reply token, within 50 s of the customer's message; costs no quota")
PUSH = Operation("push", SendClass.KEYED, "with X-Line-Retry-Key, which LINE remembers for 24 hours")
LATE_PUSH = Operation("late_push", SendClass.ASK, "a push of a letter so old that LINE may have forgotten its key")


class LineConnection:
    """One LINE Official Account."""

    connector = "line"

    def __init__(self, account: AccountId, config: LineConfig, tools: Tools) -> None:
        self.account = account
        self.body_limit = config.body_limit
        self._config = config
        self._tools = tools
        self._secret = config.channel_secret.get_secret_value().encode()
        self._api = LineApi(tools.http, config, tools.clock)

    def verify(self, request: Request) -> Verified:
        expected = base64.b64encode(hmac.digest(self._secret, request.body, hashlib.sha256))
        given = request.headers.get("x-line-signature", "").encode("utf-8", "replace")
        if not hmac.compare_digest(expected, given):
            raise BadSignature("x-line-signature")
        try:
            destination, events = read_envelope(request.body)
        except Odd as oddity:
            raise Malformed(str(oddity)) from oddity
        if self._config.bot_user_id and destination != self._config.bot_user_id:
            raise Malformed("for another account")
        if not events:
            return Verified("", "")
        return Verified(delivery_id(events, request.body), lane(events, self.account))

    def read(self, delivery: Delivery) -> Sequence[Item]:
        try:
            _, events = read_envelope(delivery.body)
        except Odd as oddity:
            raise Unreadable(str(oddity)) from oddity
        return read_events(events, self.account, delivery.received_at, delivery.body)

    def limits(self, channel: str) -> Limits:  # noqa: ARG002  one account of LINE has one channel
        return LIMITS

    def window(self, conversation: Conversation, now: datetime) -> Window:  # noqa: ARG002  LINE's does not close
        if conversation.handle.get("mode") == "standby":
            return Window(open=False, note="Another service holds this chat in LINE; answering here is not allowed.")
        return Window(open=True)

    def sender_name(self) -> str:
        return self._config.name or f"LINE {self._config.channel_id}"

    def prepare(self, letter: Letter, now: datetime) -> Prepared:
        fresh = letter.handle_at is not None and now - letter.handle_at < REPLY_TOKEN_LIFE
        if fresh and letter.handle.get("reply_token"):
            return _prepared(REPLY)
        return _prepared(PUSH if now - letter.created_at < RETRY_KEY_LIFE else LATE_PUSH)

    async def send(self, letter: Letter, prepared: Prepared) -> Sent:
        messages = write(letter, self._tools.link, show_agent=self._config.show_agent_name)
        if prepared.operation == REPLY.name:
            try:
                body = {"replyToken": letter.handle.get("reply_token", ""), "messages": messages}
                answer = await self._api.post("/v2/bot/message/reply", body)
                return Sent(sent_ids(answer.fields()))
            except DeadReplyToken:
                # LINE said no, so the same words may go as a push, keyed for LINE and asked about if unclear.
                pass
        body = {"to": letter.handle.get("to") or letter.address, "messages": messages}
        answer = await self._api.post("/v2/bot/message/push", body, retry_key=letter.key, accept=frozenset({409}))
        # 409 means that LINE has accepted this key already; its body repeats the ids.
        return Sent(sent_ids(answer.fields()))

    async def fetch(self, source: str) -> bytes:
        message_id = source.removeprefix(SOURCE_PREFIX)
        path = f"/v2/bot/message/{quote(message_id, safe='')}/content"
        try:
            answer = await self._api.content(path, cap=self._config.attachment_limit, accept=frozenset({202, 404, 410}))
        except Rejected as refusal:
            raise Gone(str(refusal)) from refusal
        if answer.status == 202:
            return await self._not_yet(path)
        if answer.status in (404, 410):
            raise Gone("LINE does not keep this file any more, or the customer took it back")
        return answer.body

    async def profile(self, address: str) -> Mapping[str, str] | None:
        try:
            found = await self._api.get(f"/v2/bot/profile/{quote(address, safe='')}")
        except Rejected:
            # 404: the customer has blocked the account, or never agreed to show a profile.
            return None
        known = {"name": found.get("displayName"), "language": found.get("language")}
        return {name: value for name, value in known.items() if isinstance(value, str) and value} or None

    async def probe(self) -> Health:
        return await examine(self._api, self._config, f"{self._tools.public_url.rstrip('/')}/hooks/{self.account}")

    async def _not_yet(self, path: str) -> bytes:
        """A large video or voice message is still being prepared, or never will be."""
        answer = await self._api.content(f"{path}/transcoding", cap=10_000, accept=frozenset())
        if answer.fields().get("status") == "failed":
            raise Gone("LINE could not prepare this file")
        raise TryLater("LINE is still preparing this file", after=timedelta(seconds=10))


def _prepared(operation: Operation) -> Prepared:
    return Prepared(operation.name, SendClass(operation.send_class))


DECLARATION = Declaration(
    name="line",
    channels=(
        Channel(
            name=CHANNEL,
            title={"en": "LINE", "ja": "LINE"},
            icon="speech_balloon",
            abilities=frozenset(
                {
                    Ability.EDITS,
                    Ability.UNSENDS,
                    Ability.ATTACHMENTS_IN,
                    Ability.ATTACHMENTS_OUT,
                    Ability.PROFILE,
                }
            ),
        ),
    ),
    config=LineConfig,
    operations=(REPLY, PUSH, LATE_PUSH),
    permissions=("Messaging API channel", "Use webhook: on", "Webhook redelivery: on"),
    connect=LineConnection,
    public=True,
)
