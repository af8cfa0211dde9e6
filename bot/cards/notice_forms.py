"""Draws the form in which people of the team choose how they are told."""

from bot.cards.model import Checks, Choice, Field, Form, Option, Said, TextInput
from bot.cards.parts import Reader
from routing.ids import TicketId
from routing.notices import NoticeSettings, Occasion, Way
from routing.quiet import DAYS

NO_TIME = "-"
EVERY_HALF_HOUR = tuple(f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30))
URGENT = "urgent"


def notice_form(settings: NoticeSettings, reader: Reader, ticket: TicketId, *, by_mail: bool) -> Form:
    """`by_mail`: whether mail can be chosen at all."""
    fields: list[Field] = [Said(lines=(reader.line("form.notices.text"),))]
    fields += [_way(occasion, settings, reader, by_mail=by_mail) for occasion in Occasion]
    days = tuple(Option(day, reader.say(f"day.{day}")) for day in DAYS)
    fields += [
        _time("quiet_begin", settings.quiet_begin, reader),
        _time("quiet_end", settings.quiet_end, reader),
        Checks("quiet_days", reader.say("form.notices.quiet_days"), days, settings.quiet_days),
        Checks("free_days", reader.say("form.notices.free_days"), days, settings.free_days),
        TextInput("zone", reader.say("form.notices.zone"), settings.zone, hint=reader.say("form.notices.zone_hint")),
        Checks(
            "anyway",
            reader.say("form.notices.anyway"),
            (Option(URGENT, reader.say("form.notices.urgent")),),
            (URGENT,) if settings.urgent_anyway else (),
        ),
    ]
    return Form(
        name="set_notifications",
        title=reader.say("form.notices.title"),
        fields=tuple(fields),
        ticket=ticket,
        submit=reader.say("form.notices.submit"),
        cancel=reader.say("button.cancel"),
    )


def _way(occasion: Occasion, settings: NoticeSettings, reader: Reader, *, by_mail: bool) -> Choice:
    chosen = settings.way(occasion)
    offered = [way for way in Way if by_mail or way is not Way.MAIL]
    options = tuple(Option(way, reader.say(f"way.{way}")) for way in offered)
    # Whoever chose mail while there was some gets what happens instead shown.
    initial = chosen if chosen in offered else Way.DIRECT
    return Choice(f"on_{occasion}", reader.say(f"occasion.{occasion}"), options, initial)


def _time(name: str, chosen: str, reader: Reader) -> Choice:
    options = (Option(NO_TIME, reader.say("form.notices.never")), *(Option(one, one) for one in EVERY_HALF_HOUR))
    return Choice(name, reader.say(f"form.notices.{name}"), options, chosen or NO_TIME)
