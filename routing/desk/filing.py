"""Puts a long message into its ticket's thread as a text file."""

from dataclasses import dataclass

from routing.agents import Actor
from routing.desk.records import Scribe
from routing.desk.working import change, locked, worker
from routing.errors import Gone
from routing.ids import AttachmentId, MessageId, new_id
from routing.messages import Attachment, Fetching, Message
from routing.ports import Tx
from routing.ticket import Ticket

AS_FILE = "as_file"


@dataclass(frozen=True, slots=True)
class Written:
    """A message's words as a file, put into the blob store already."""

    blob: str
    size: int
    name: str


async def as_file(tx: Tx, scribe: Scribe, actor: Actor, message_id: MessageId, written: Written) -> Ticket:
    """The file takes its place in the thread like any other of the message: in every room, once, and it goes when the
    customer takes the message back. Asked for again nothing changes. Raises Gone for words that were taken back."""
    worker(actor)
    known = (await tx.get(Message, [message_id])).get(message_id)
    if known is None:
        raise Gone(f"message {message_id} does not exist")
    ticket = await locked(tx, known.ticket)
    message = (await tx.get(Message, [message_id])).get(message_id)
    if message is None or message.unsent or message.ticket != ticket.id:
        raise Gone(f"message {message_id} is not there any more")
    if any(one.source == AS_FILE for one in await tx.attachments_of([message_id])):
        return ticket
    changed = ticket.next_seq().touched(at=scribe.now)
    tx.add(
        Attachment(
            id=AttachmentId(new_id()),
            organisation=ticket.organisation,
            ticket=ticket.id,
            message=message_id,
            account=message.account,
            seq=changed.seq,
            name=written.name,
            media_type="text/plain",
            size=written.size,
            blob=written.blob,
            source=AS_FILE,
            state=Fetching.STORED,
        )
    )
    return await change(tx, scribe, actor, ticket, changed, "message.as_file", message=message_id)
