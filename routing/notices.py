"""What people of the team are told by name: when, by which way, and what goes together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from routing.ids import AgentId, OrganisationId, TicketId
from routing.quiet import DAYS, QuietHours

GATHERED = timedelta(seconds=5)
"""So long the first news of a ticket waits for what comes with it: people write in several short messages."""
APART = timedelta(minutes=1)
"""Of one ticket nobody is told more often than this."""


class Occasion(StrEnum):
    """What happened that one person should know."""

    ASSIGNED = "assigned"
    MENTIONED = "mentioned"
    CUSTOMER_WROTE = "customer_wrote"
    REPLY_TROUBLED = "reply_troubled"


class Way(StrEnum):
    """How a person is told, the most noticeable first: what goes together goes the first of its ways."""

    DIRECT = "direct"
    MAIL = "mail"
    THREAD = "thread"
    NOTHING = "nothing"


WAYS = tuple(Way)


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """What one agent chose. `quiet_*` are as in QuietHours; `urgent_anyway`: an urgent ticket disturbs the quiet."""

    agent: AgentId
    organisation: OrganisationId
    assigned: Way = Way.DIRECT
    mentioned: Way = Way.DIRECT
    customer_wrote: Way = Way.THREAD
    reply_troubled: Way = Way.DIRECT
    quiet_begin: str = ""
    quiet_end: str = ""
    quiet_days: tuple[str, ...] = DAYS
    free_days: tuple[str, ...] = ()
    zone: str = "UTC"
    urgent_anyway: bool = False

    def way(self, occasion: Occasion) -> Way:
        match occasion:
            case Occasion.ASSIGNED:
                return self.assigned
            case Occasion.MENTIONED:
                return self.mentioned
            case Occasion.CUSTOMER_WROTE:
                return self.customer_wrote
            case Occasion.REPLY_TROUBLED:
                return self.reply_troubled

    @property
    def quiet(self) -> QuietHours:
        return QuietHours(self.zone, self.quiet_begin, self.quiet_end, self.quiet_days, self.free_days)


class NoticeState(StrEnum):
    """waiting → leaving → told; dropped when there is nobody to tell or nothing left to say; lost when no way took
    it."""

    WAITING = "waiting"
    LEAVING = "leaving"
    TOLD = "told"
    DROPPED = "dropped"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Notice:
    """One event and one person. `id` names both, so that it is written once however often the event is told.

    `about` is the message it is about, `author` the name of who did it. Notices that leave together share a `parcel`;
    then `way` and `address` say by which way and where to (a posting, `surface/workspace/user`, or a mail address), and
    `changed_at` when that was written down. `tried` are the ways that refused.
    """

    id: str
    organisation: OrganisationId
    agent: AgentId
    ticket: TicketId
    occasion: Occasion
    about: str
    author: str
    raised_at: datetime
    state: NoticeState
    changed_at: datetime
    parcel: str = ""
    way: str = ""
    address: str = ""
    reference: str = ""
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Notices that go together, now, by which way: NOTHING when every way refused them."""

    notices: tuple[Notice, ...]
    way: Way


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is to be done with waiting notices: what leaves next, what is never told, when to look again."""

    due: Due | None = None
    unwanted: tuple[Notice, ...] = ()
    again: datetime | None = None


@dataclass(slots=True)
class _Pile:
    """Notices that go together, and from when on."""

    due: datetime
    notices: list[Notice] = field(default_factory=list)


def sort(
    waiting: Sequence[Notice],
    settings: NoticeSettings,
    now: datetime,
    *,
    urgent: Iterable[TicketId] = (),
    told: dict[TicketId, datetime],
) -> Sorted:
    """Decides over one person's waiting notices, oldest first. `urgent`: tickets that are; `told`: when the person was
    last told of a ticket."""
    unwanted = tuple(one for one in waiting if settings.way(one.occasion) is Way.NOTHING)
    loud = frozenset(urgent) if settings.urgent_anyway else frozenset()
    piles: dict[str, _Pile] = {}
    reigns = settings.quiet.until(now)
    for one in sorted(waiting, key=lambda notice: (notice.raised_at, notice.id)):
        if one in unwanted:
            continue
        kept_until = None if one.ticket in loud else reigns or settings.quiet.until(one.raised_at)
        if kept_until is not None:
            # What was refused as a summary is told ticket by ticket.
            piles.setdefault(one.ticket if one.tried else "", _Pile(kept_until)).notices.append(one)
            continue
        due = max(one.raised_at + GATHERED, told.get(one.ticket, one.raised_at - APART) + APART)
        piles.setdefault(one.ticket, _Pile(due)).notices.append(one)
    ready = [pile for pile in piles.values() if pile.due <= now]
    if not ready:
        return Sorted(None, unwanted, min((pile.due for pile in piles.values()), default=None))
    pile = min(ready, key=lambda one: (one.due, one.notices[0].id))
    return Sorted(Due(tuple(pile.notices), _way(pile, settings)), unwanted)


def _way(pile: _Pile, settings: NoticeSettings) -> Way:
    """A thread has room for one ticket only: news of several is a direct message."""
    ways = {settings.way(one.occasion) for one in pile.notices}
    tried = {way for one in pile.notices for way in one.tried}
    if len({one.ticket for one in pile.notices}) > 1:
        ways = {Way.DIRECT if one is Way.THREAD else one for one in ways}
    chosen = next((one for one in WAYS if one in ways and one not in tried), None)
    # What was chosen refuses them: by direct message, else under the card.
    fallbacks = (Way.DIRECT, Way.THREAD)
    return chosen or next((one for one in fallbacks if one not in tried), Way.NOTHING)
