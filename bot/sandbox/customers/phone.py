"""Is LINE on the phones of the sample customers: what they tap is shown there and told to the program."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.sandbox.customers.line_account import Bubble, LineAccount
from bot.sandbox.customers.people import Person
from bot.sandbox.customers.webhooks import Courier, Watcher, nobody_watches


class Phone:
    """Everybody's phone. Every method returns when the program has taken the webhook, or LINE gave up bringing it."""

    def __init__(self, account: LineAccount, courier: Courier) -> None:
        self._account = account
        self._courier = courier

    async def say(self, person: Person, text: str) -> Bubble:
        bubble = self._new_bubble(person, "text", text=text)
        return await self._send(person, bubble, {"text": text})

    async def stick(self, person: Person, package: str, sticker: str, keywords: Sequence[str] = ()) -> Bubble:
        bubble = self._new_bubble(person, "sticker", sticker=(package, sticker))
        what = {"packageId": package, "stickerId": sticker, "stickerResourceType": "STATIC", "keywords": list(keywords)}
        return await self._send(person, bubble, what)

    async def show(self, person: Person, content_type: str, content: bytes) -> Bubble:
        """Sends a picture; the program fetches it from the content path."""
        bubble = self._new_bubble(person, "image")
        self._account.contents[bubble.id] = (content_type, content)
        bubble = replace(bubble, picture=f"/customers/line/{bubble.id}")
        return await self._send(person, bubble, {"contentProvider": {"type": "line"}})

    async def unsend(self, person: Person, message_id: str) -> Bubble:
        """Takes a message back: it is gone from the phone and from the content path. `KeyError` if it is not theirs."""
        bubble = self.own(person, message_id)
        self._account.contents.pop(message_id, None)
        bubble = self._account.keep(replace(bubble, unsent=True, text="", sticker=None, picture=""))
        return await self._tell_of(
            person, bubble, {"type": "unsend", "unsend": {"messageId": message_id}}, replyable=False
        )

    async def edit(self, person: Person, message_id: str, text: str) -> Bubble:
        """Changes a text that was sent; LINE tells it under the same message id. `KeyError` if it is not their text."""
        bubble = self.own(person, message_id)
        if bubble.kind != "text" or bubble.unsent:
            raise KeyError(message_id)
        bubble = self._account.keep(replace(bubble, text=text, edited=True))
        message = self._with_tokens({"type": "text", "id": message_id, "text": text})
        return await self._tell_of(person, bubble, {"type": "messageEdited", "message": message})

    async def follow(self, person: Person) -> None:
        """Adds the account as a friend, or unblocks it."""
        was_blocked = person.key in self._account.blocked
        self._account.blocked.discard(person.key)
        self._account.announce_account()
        await self._tell(person, {"type": "follow", "follow": {"isUnblocked": was_blocked}})

    async def block(self, person: Person) -> None:
        self._account.blocked.add(person.key)
        self._account.announce_account()
        await self._tell(person, {"type": "unfollow"}, replyable=False)

    def own(self, person: Person, message_id: str) -> Bubble:
        """That bubble; `KeyError` if there is none, or if it is not this person's."""
        bubble = self._account.bubbles[message_id]
        if bubble.person != person.key or bubble.outgoing:
            raise KeyError(message_id)
        return bubble

    def _new_bubble(self, person: Person, kind: str, **what: Any) -> Bubble:
        return Bubble(
            id=self._account.next_message_id(),
            person=person.key,
            outgoing=False,
            kind=kind,
            at=self._account.clock(),
            standing="sending",
            **what,
        )

    async def _send(self, person: Person, bubble: Bubble, what: dict[str, Any]) -> Bubble:
        self._account.keep(bubble)
        message = self._with_tokens({"type": bubble.kind, "id": bubble.id, **what})
        return await self._tell_of(person, bubble, {"type": "message", "message": message})

    async def _tell_of(
        self, person: Person, bubble: Bubble, event: dict[str, Any], *, replyable: bool = True
    ) -> Bubble:
        def show_standing(standing: str, remark: str) -> None:
            # The bubble is looked up anew: it may have been read or unsent while its webhook was on its way.
            self._account.keep(replace(self._account.bubbles[bubble.id], standing=standing, remark=remark))

        await self._tell(person, event, replyable=replyable, watcher=show_standing)
        return self._account.bubbles[bubble.id]

    async def _tell(
        self,
        person: Person,
        event: dict[str, Any],
        *,
        replyable: bool = True,
        watcher: Watcher = nobody_watches,
    ) -> None:
        reply_token = self._account.issue_reply_token(person.key) if replyable else None
        await self._courier.bring(event, person.line_user_id, reply_token=reply_token, watcher=watcher)

    def _with_tokens(self, message: dict[str, Any]) -> dict[str, Any]:
        read_token = secrets.token_urlsafe(24)
        self._account.read_tokens[read_token] = str(message["id"])
        if message["type"] in ("text", "sticker", "image"):
            message["quoteToken"] = secrets.token_urlsafe(24)
        return {**message, "markAsReadToken": read_token}
