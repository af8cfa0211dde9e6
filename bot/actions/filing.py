"""A long message as a text file in the thread."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled
from bot.cards.entries import answer
from bot.surface import Answer, Done
from routing.desk.filing import Written
from routing.errors import Refused
from routing.messages import Message


async def as_file(asked: Asked) -> Answer:
    message = await asked.desk.message(asked.value("message"))
    if message is None or message.ticket != asked.action.ticket or message.unsent:
        raise Refused("gone")
    content = _words(message).encode("utf-8", "replace")
    blob = await asked.house.blobs.put(content)
    name = f"{message.sent_at.astimezone(asked.house.zone):%Y-%m-%d-%H%M}.txt"
    await asked.desk.as_file(asked.actor, message.id, Written(blob, len(content), name))
    return Done(answer(asked.reader, "tell.as_file"))


def _words(message: Message) -> str:
    """Who wrote, when, about what, and all of it, also what the thread folds away."""
    head = [message.author, message.sent_at.isoformat(timespec="minutes"), message.subject]
    return "\n".join([*(one for one in head if one), "", message.full_text or message.text, ""])


HANDLERS: Mapping[str, Entitled] = {"as_file": Entitled(as_file)}
