"""Draws who is writing a reply: for a ticket's card, and for a colleague who opens the form too."""

from collections.abc import Sequence

from bot.cards.model import Emoji, Line, Moment, Plain, Strong
from bot.cards.parts import Reader
from routing.leases import Lease

MOST_NAMES = 3


def replying_lines(names: Sequence[str], reader: Reader) -> list[Line]:
    """The line of a ticket's card; none when nobody is replying."""
    if not names:
        return []
    shown = ", ".join(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        shown = f"{shown}, +{len(names) - MOST_NAMES}"
    words = reader.say("card.replying" if len(names) == 1 else "card.replying_together", who=shown)
    return [(Emoji("writing_hand"), Plain(f" {words}"))]


def others_lines(others: Sequence[Lease], reader: Reader) -> list[Line]:
    """What the form tells whoever opens it while colleagues are replying. They may go on."""
    return [
        (
            Emoji("writing_hand"),
            Plain(" "),
            Strong(reader.say("form.reply.colleague", who=one.name)),
            Plain(" "),
            Moment(one.since),
            Plain(f" · {reader.say('form.reply.go_on')}"),
        )
        for one in others
    ]
