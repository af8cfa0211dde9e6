"""Connects contact forms: what people send by page or JSON comes in, the answers leave by mail."""

import json
import mimetypes
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Ability, Channel, Declaration, Delivery, Health, Tools
from connectors.text import clean, file_name, one_line
from connectors.web.form_config import FormConfig
from routing.contacts import Conversation
from routing.errors import Unreadable
from routing.ids import AccountId
from routing.messages import Item, Kind, NewAttachment, Party, Received, Thread
from routing.replies import Limits, Window, code_points

CHANNEL = "form"
_TYPES = mimetypes.MimeTypes()


class FormConnection:
    """One contact form. Its answers leave through the mail account it names, where the conversation goes on: answers
    to that mail carry our signature, which leads back to this conversation."""

    def __init__(self, account: AccountId, config: FormConfig, tools: Tools) -> None:
        self.account = account
        self.answers_through = AccountId(config.answer_from)
        self.config = config
        self.tools = tools

    def read(self, delivery: Delivery) -> Sequence[Item]:
        try:
            told = json.loads(delivery.body)
        except (ValueError, RecursionError) as failure:
            raise Unreadable("not JSON") from failure
        if not isinstance(told, dict):
            raise Unreadable("not an object")
        submit, email = one_line(_text(told, "submit")), one_line(_text(told, "email"))
        if not submit or not email:
            raise Unreadable("a form without its id or its sender")
        return [_received(told, submit, email, delivery.received_at)]

    def limits(self, channel: str) -> Limits:  # noqa: ARG002  a form has one channel
        """Of what people may write to us; answers keep the mail account's limits."""
        return Limits(self.config.text_limit, "characters", code_points, undo=timedelta(seconds=10))

    def window(self, conversation: Conversation, now: datetime) -> Window:  # noqa: ARG002  mail may be written always
        return Window(open=True)

    def sender_name(self) -> str:
        return self.config.company

    async def probe(self) -> Health:
        return Health(
            ok=True, summary="The form is open", facts={"page": self.page_url, "answers": self.answers_through}
        )

    @property
    def page_url(self) -> str:
        return f"{self.tools.public_url.rstrip('/')}/form/{self.account}"


def _received(told: Mapping[str, Any], submit: str, email: str, at: datetime) -> Received:
    # The same page may be sent with another address, when its writer goes back to mend it: that is another
    # conversation, since an answer goes to the address that began it.
    page = submit.rpartition("-")[0]
    return Received(
        external_id=submit,
        kind=Kind.FORM,
        channel=CHANNEL,
        sender=Party("email", email, one_line(_text(told, "name"))),
        thread=Thread(key=f"{page}:{email.casefold()}"),
        text=_words(told),
        sent_at=at,
        subject=one_line(_text(told, "subject")),
        participants=(email.casefold(),),
        attachments=tuple(_attachments(told)),
        language=one_line(_text(told, "language")),
    )


def _words(told: Mapping[str, Any]) -> str:
    """The message, and below it the answers to further questions."""
    answers = [
        f"{one_line(_text(one, 'label'))}: {clean(_text(one, 'value'))}"
        for one in _objects(told, "fields")
        if _text(one, "value")
    ]
    return "\n\n".join(part for part in (clean(_text(told, "message")), "\n".join(answers)) if part)


def _attachments(told: Mapping[str, Any]) -> Sequence[NewAttachment]:
    found: list[NewAttachment] = []
    for one in _objects(told, "files"):
        name, blob, size = (
            file_name(_text(one, "name"), otherwise="file"),
            one_line(_text(one, "blob")),
            one.get("size"),
        )
        if blob and isinstance(size, int) and not isinstance(size, bool):
            media_type = _TYPES.guess_type(name)[0] or "application/octet-stream"
            found.append(NewAttachment(name, media_type, blob=blob, size=size))
    return found


def _text(fields: Mapping[str, Any], name: str) -> str:
    found = fields.get(name)
    return found if isinstance(found, str) else ""


def _objects(fields: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = fields.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


DECLARATION = Declaration(
    name="form",
    channels=(
        Channel(
            name=CHANNEL,
            title={"en": "Contact form", "ja": "お問い合わせフォーム"},
            icon="memo",
            abilities=frozenset({Ability.ATTACHMENTS_IN}),
        ),
    ),
    config=FormConfig,
    operations=(),
    permissions=(),
    connect=FormConnection,
)
