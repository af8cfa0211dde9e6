"""Choosing how one is told: the form, and what it sends."""

from collections.abc import Mapping
from dataclasses import replace

from bot.actions.context import Asked, Entitled, Word
from bot.cards.entries import answer, refusal_words
from bot.cards.notice_forms import EVERY_HALF_HOUR, NO_TIME, URGENT, notice_form
from bot.surface import Answer, Done, FieldErrors
from routing.agents import Permission
from routing.errors import Refused
from routing.notices import NoticeSettings, Occasion, Way
from routing.quiet import DAYS, zones

_FIELDS = {"notices.zone": "zone", "notices.half": "quiet_end"}


async def open_settings(asked: Asked) -> Answer:
    """The form with what the agent chose; who never chose gets their own time zone offered."""
    settings = await asked.desk.notice_settings(asked.agent.id)
    if not await asked.desk.has_chosen_notices(asked.agent.id):
        person = await asked.house.surfaces[asked.action.who.surface].person(asked.action.who)
        settings = replace(settings, zone=person.zone if person.zone in zones() else settings.zone)
    by_mail = asked.desk.policy.mails_notices and bool(asked.agent.email)
    return notice_form(settings, asked.reader, asked.action.ticket, by_mail=by_mail)


async def set_settings(asked: Asked) -> Answer:
    try:
        chosen = _read(asked)
        await asked.desk.choose_notices(asked.actor, chosen)
    except Refused as refusal:
        return FieldErrors({_FIELDS.get(refusal.key, ""): refusal_words(asked.reader, refusal)})
    return Done(answer(asked.reader, "tell.notices_chosen"))


def _read(asked: Asked) -> NoticeSettings:
    """What stands in the form. Raises Refused for what the form never offered."""
    try:
        ways = {occasion: Way(asked.value(f"on_{occasion}")) for occasion in Occasion}
    except ValueError:
        raise Refused("unknown_action") from None
    return NoticeSettings(
        agent=asked.agent.id,
        organisation=asked.agent.organisation,
        assigned=ways[Occasion.ASSIGNED],
        mentioned=ways[Occasion.MENTIONED],
        customer_wrote=ways[Occasion.CUSTOMER_WROTE],
        reply_troubled=ways[Occasion.REPLY_TROUBLED],
        quiet_begin=_time(asked.value("quiet_begin")),
        quiet_end=_time(asked.value("quiet_end")),
        quiet_days=_days(asked.value("quiet_days")),
        free_days=_days(asked.value("free_days")),
        zone=asked.value("zone").strip(),
        urgent_anyway=URGENT in asked.value("anyway").split(","),
    )


def _time(value: str) -> str:
    if value in ("", NO_TIME):
        return ""
    if value not in EVERY_HALF_HOUR:
        raise Refused("unknown_action")
    return value


def _days(value: str) -> tuple[str, ...]:
    chosen = value.split(",")
    return tuple(day.value for day in DAYS if day in chosen)


HANDLERS: Mapping[str, Entitled] = {
    "notification_settings": Entitled(open_settings, Permission.SEE),
    "notify": Entitled(open_settings, Permission.SEE, word=Word(also=("notifications",), opens=True)),
    "set_notifications": Entitled(set_settings, Permission.SEE, form=True),
}
