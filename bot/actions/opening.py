"""New tickets for customers who phoned or stopped by."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, Word
from bot.cards import lists
from bot.cards.entries import refusal_words
from bot.cards.new_ticket import BY_RULES, new_ticket_form
from bot.surface import Answer, Done, FieldErrors
from routing.desk.opening import CHANNEL, TakenDown
from routing.errors import Refused
from routing.ids import AccountId, RoomId, new_id
from routing.ticket import Priority

_FIELD = {"new.nobody": "name", "new.address": "address", "reply.cannot_send": "account"}


async def open_form(asked: Asked) -> Answer:
    """Offers the rooms that the person is in; the one they ask from is chosen already."""
    accounts = asked.desk.accounts
    mail = {account: accounts.title(account) for account in accounts.sending_on(CHANNEL)}
    if not mail:
        raise Refused("new.no_account")
    inside = (await asked.reach()).rooms
    here = asked.house.room_at(asked.action.who, asked.action.place)
    rooms = [room for room in asked.house.rooms.values() if room.id in inside]
    return new_ticket_form(new_id(), mail, rooms, here.id if here and here.id in inside else None, asked.reader)


async def take_down(asked: Asked) -> Answer:
    room, priority = asked.value("room"), asked.value("priority")
    if room not in ("", BY_RULES) and RoomId(room) not in (await asked.reach()).rooms:
        raise Refused("new.room")
    taken = TakenDown(
        key=asked.value("key"),
        account=AccountId(asked.value("account")),
        name=asked.value("name"),
        address=asked.value("address"),
        subject=asked.value("subject"),
        text=asked.value("text"),
        room=RoomId(room) if room not in ("", BY_RULES) else None,
        priority=Priority(priority) if priority in set(Priority) else None,
        mine="mine" in asked.value("mine").split(","),
    )
    try:
        ticket = await asked.desk.take_down(asked.actor, taken)
    except Refused as refusal:
        return FieldErrors({_FIELD.get(refusal.key, "text"): refusal_words(asked.reader, refusal)})
    (listed,) = await asked.desk.listing([ticket])
    return Done(lists.new_entry(listed, asked.reader))


HANDLERS: Mapping[str, Entitled] = {
    "new_ticket": Entitled(open_form, word=Word(also=("new",), opens=True)),
    "take_down": Entitled(take_down, form=True),
}
