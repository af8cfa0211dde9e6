"""Draws the form that asks until when a ticket is to sleep, and reads what was chosen in it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.cards.model import Choice, Form, MomentInput, Option
from bot.cards.parts import Reader
from routing.errors import Refused
from routing.snoozing import Preset, moment_of
from routing.ticket import Ticket

_LATEST = 253_402_300_799  # the last second that a calendar of four digits knows


def snooze_form(ticket: Ticket, reader: Reader, now: datetime) -> Form:
    """The times of the presets stand beside their names, by the organisation's clock."""
    options = tuple(
        Option(one, f"{reader.say(f'snooze.{one}')} ({reader.clock(moment_of(one, now, reader.zone))})")
        for one in Preset
    )
    return Form(
        name="set_snooze",
        title=reader.say("form.snooze.title", number=ticket.number),
        fields=(
            Choice("preset", reader.say("form.snooze.preset"), options, Preset.TOMORROW),
            MomentInput(
                "at",
                reader.say("form.snooze.at"),
                initial=ticket.snoozed_until,
                hint=reader.say("form.snooze.hint"),
                optional=True,
            ),
        ),
        ticket=ticket.id,
        submit=reader.say("form.snooze.submit"),
        cancel=reader.say("button.cancel"),
    )


def chosen_moment(preset: str, at: str, now: datetime, zone: ZoneInfo) -> datetime:
    """What was chosen: a moment of one's own goes before a preset. Raises Refused for what is neither."""
    if at:
        try:
            return datetime.fromtimestamp(min(int(at), _LATEST), UTC)
        except (ValueError, OverflowError, OSError):
            raise Refused("snooze.past") from None
    try:
        return moment_of(Preset(preset), now, zone)
    except ValueError:
        raise Refused("snooze.past") from None
