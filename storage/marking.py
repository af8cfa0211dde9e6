"""Says which changes of a transaction concern the search index, and marks the tickets that wait to be read again."""

from datetime import timedelta

from sqlalchemy import BigInteger, ClauseElement, bindparam, case, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from routing.contacts import Contact, Conversation, Identity
from routing.messages import Attachment, Direction, Message
from routing.ports import Row
from routing.postings import Posting
from routing.ticket import Ticket
from storage.statements import Among, Bulk, Statement, arrays, ours
from storage.tables import SEARCH_WAITING, TICKETS

INDEX = "search"  # the key of the job that indexes
GATHERED_FOR = timedelta(milliseconds=300)  # what changes meanwhile is indexed together
HEAD, MORE, WHOLE = 0, 1, 2
"""What of a ticket is to be read again: its own fields alone, its newer messages too, or all of it."""

_w = SEARCH_WAITING
_NAMES = ("organisation", "ticket", "what", "asked")
_ONE = literal_column("1", BigInteger)


def mark_of(row: Row, *, new: bool) -> tuple[str, int] | None:
    """The ticket that a written row changes, and what of it is to be read again."""
    match row:
        case Ticket():
            return row.id, HEAD
        case Message():
            if row.seq == 0 or row.direction is Direction.EVENT:
                return None
            return row.ticket, MORE if new else WHOLE
        case Attachment():
            return (row.ticket, MORE if new else WHOLE) if row.seq else None
        case Conversation():
            return row.ticket, HEAD
        case Posting():
            return (row.ticket, HEAD) if new else None
        case _:
            return None


def renamed(row: Row) -> str | None:
    """The contact all of whose tickets a changed row concerns."""
    match row:
        case Contact():
            return row.id
        case Identity():
            return row.contact
        case _:
            return None


def _mark(dialect: Dialect) -> ClauseElement:
    if dialect.name == "sqlite":
        return _marked(sqlite.insert(_w).values({name: bindparam(name) for name in _NAMES}))
    return _marked(postgresql.insert(_w).from_select(list(_NAMES), select(*arrays([_w.c[name] for name in _NAMES]).c)))


def _marked(fresh: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    """A ticket that waits already: the larger of both tasks, asked for once more. `asked` begins with the clock, so
    that one struck out and marked anew is not taken for the one before."""
    what = fresh.excluded.what
    return fresh.on_conflict_do_update(
        index_elements=["ticket", "organisation"],
        set_={"what": case((what > _w.c.what, what), else_=_w.c.what), "asked": _w.c.asked + _ONE},
    )


def _mark_those_of(dialect: Dialect) -> ClauseElement:
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    theirs = (
        select(
            TICKETS.c.organisation,
            TICKETS.c.id,
            literal_column(str(HEAD), BigInteger),
            bindparam("now", type_=BigInteger),
        )
        .where(ours(TICKETS), Among(TICKETS.c.contact, "contacts"))
        .order_by(TICKETS.c.id)
    )
    return _marked(insert(_w).from_select(list(_NAMES), theirs))


MARK = Bulk(_NAMES, Statement(_mark), exact=False)
MARK_THOSE_OF = Statement(_mark_those_of)
