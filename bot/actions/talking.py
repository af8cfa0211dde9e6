"""What happens to messages that people write, change or delete under a card: notes, or replies where the room says
so."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.actions.context import Asked, Entitled, House, source_of
from bot.actions.files import fetched
from bot.actions.replies import open_with
from bot.cards import forms
from bot.cards.entries import answer, held_answer, undone_answer
from bot.cards.model import Entry
from bot.cards.parts import Reader
from bot.cards.scheduled import scheduled_answer
from bot.cards.talking import kept_inside_entry, stopped_entry
from bot.surface import Answer, Room, Spoken, Surface, ThreadMessage, ThreadPolicy, Who
from routing.agents import Actor
from routing.desk.talking import Changed, Heard, Said
from routing.errors import Gone, Refused, Rejected
from routing.ids import AgentId, TicketId, new_id
from routing.messages import Message, NewAttachment
from routing.ports import Reads
from routing.postings import Posting, PostingState
from routing.replies import Sending
from routing.ticket import Ticket

# Found later than this, a message no longer leaves by itself: its author has long looked elsewhere.
FRESH = timedelta(minutes=10)
INTERNAL = "//"


async def take(
    house: House,
    actor: Actor,
    who: Who,
    room: Room,
    posting: Posting,
    message: ThreadMessage,
    reader: Reader,
    *,
    mentions: tuple[AgentId, ...] = (),
) -> Entry | None:
    """Takes what somebody wrote, changed or deleted, and whom it names. Returns what they must know of it, if anything.
    May come twice. Raises Refused for whoever may not, and for new words where the ticket was moved away; TryLater when
    nothing was kept."""
    surface = house.surfaces[who.surface]
    inside = room.thread_messages is ThreadPolicy.CUSTOMER and _is_inside(message.text)
    said = Said(
        source=source_of(who, message.place, message.reference),
        posting=posting.id,
        reference=message.reference,
        text=message.text[len(INTERNAL) :].lstrip() if inside else message.text,
        at=surface.posted_at(message.reference),
        inside=inside,
        mentions=mentions,
    )
    ticket = posting.ticket
    if message.spoken is Spoken.DELETED:
        changed = await house.desk.retract(actor, ticket, said)
        return _tell_change(house, reader, ticket, changed)
    if message.spoken is Spoken.EDITED and await house.desk.has_heard(ticket, said):
        changed = await house.desk.reword(actor, ticket, said)
        return _tell_change(house, reader, ticket, changed)
    if posting.state is PostingState.MOVED:
        if message.spoken is Spoken.EDITED or await house.desk.has_heard(ticket, said):
            return None
        raise Refused("moved_away")
    said = replace(said, files=await _files(house, surface, who, message))
    if inside or room.thread_messages is ThreadPolicy.NOTES:
        heard = await house.desk.hear_note(actor, ticket, said)
    else:
        heard = await _hear_reply(house, actor, surface, ticket, said)
    if heard.known and message.spoken is Spoken.EDITED:
        # The message itself came in between.
        return _tell_change(house, reader, ticket, await house.desk.reword(actor, ticket, said))
    return _tell_heard(house, reader, ticket, heard)


def _is_inside(text: str) -> bool:
    """A Japanese keyboard types the slashes full width."""
    return unicodedata.normalize("NFKC", text[: len(INTERNAL)]) == INTERNAL


async def _hear_reply(house: House, actor: Actor, surface: Surface, ticket: TicketId, said: Said) -> Heard:
    if house.clock() - said.at > FRESH:
        return await house.desk.stay_note(actor, ticket, said, Refused("talk.late"))
    if any(not file.blob for file in said.files):
        return await house.desk.stay_note(actor, ticket, said, Refused("reply.no_agent_files"))
    seen = await _seen(house, surface, ticket, said)
    return await house.desk.hear_reply(actor, ticket, replace(said, seen=seen))


def _tell_heard(house: House, reader: Reader, ticket: TicketId, heard: Heard) -> Entry | None:
    if heard.refused is not None:
        return kept_inside_entry(reader, ticket, heard.message, heard.refused)
    return held_answer(reader, ticket, heard.held, house.clock()) if heard.held is not None else None


async def _seen(house: House, surface: Surface, ticket_id: TicketId, said: Said) -> int:
    """The place of the customer's latest words that stood in the thread when this was written. Words that came into the
    thread afterwards, or not yet, its author has not read."""

    async def look(reads: Reads) -> tuple[int, str]:
        ticket = (await reads.get(Ticket, [ticket_id]))[ticket_id]
        latest = ticket.latest_seq
        entries = await reads.timeline(ticket_id, after=latest - 1, limit=1)
        posted = await reads.entries_of(said.posting, [entries[0].id]) if entries else {}
        return latest, next((one.reference for one in posted.values()), "")

    latest, reference = await house.desk.look(look)
    if latest == 0:
        return latest
    return latest if reference and surface.posted_at(reference) <= said.at else latest - 1


async def _files(house: House, surface: Surface, who: Who, message: ThreadMessage) -> tuple[NewAttachment, ...]:
    """The files of the message, in the blob store. One that cannot be had is kept by its reason."""
    found = []
    for file in message.files:
        try:
            found.append(await fetched(surface, house.blobs, who.workspace, file))
        except (Gone, Rejected) as fault:
            found.append(NewAttachment(file, "application/octet-stream", source=str(fault)))
    return tuple(found)


def _tell_change(house: House, reader: Reader, ticket: TicketId, changed: Changed) -> Entry | None:
    if changed.held is not None:
        if changed.held.scheduled:
            return scheduled_answer(reader, ticket, changed.held)
        return held_answer(reader, ticket, changed.held, house.clock())
    if changed.stopped is not None:
        return _tell_stopped(reader, changed.stopped, changed.why)
    match changed.state:
        case None:
            return None
        case Sending.HELD:
            return answer(reader, "tell.change_not_taken")
        case Sending.FAILED | Sending.UNKNOWN:
            return answer(reader, "tell.change_to_settle")
        case _:
            return answer(reader, "tell.change_too_late")


def _tell_stopped(reader: Reader, message: Message, why: Refused | None) -> Entry:
    return stopped_entry(reader, message, why) if why is not None else undone_answer(reader, message)


async def send_noted(asked: Asked) -> Answer:
    """A thread message that stayed a note: the reply form with its words and files in it, for its author."""
    note = await asked.desk.message(asked.value("message"))
    if note is None or note.agent != asked.agent.id or note.ticket != asked.action.ticket or note.unsent:
        raise Refused("gone")
    draft = forms.ReplyDraft(key=new_id(), text=note.text, again=note.id, source=note.external_id or "")
    return await open_with(asked, draft)


HANDLERS: Mapping[str, Entitled] = {"send_noted": Entitled(send_noted)}
