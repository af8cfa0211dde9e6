"""Everything people see of one extreme ticket and one plain one, as Slack gets it: cards, entries, Home, and every form
that an action opens."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.cards.home_model import Home
from bot.cards.model import Card, Entry, Form
from bot.sandbox.slack import seed
from bot.slack.blocks import draw_card, draw_entry
from bot.slack.forms import draw_form
from bot.slack.home import draw_home
from bot.slack.kept import Origin
from bot.slack.phrases import ENGLISH
from bot.surface import Action, Room, Who
from routing.own_fields import FieldKind, OwnField
from tests.bot.team import Team, who
from tests.crash.fate import but
from tests.desk.mails import a_mail
from tests.slack.samples import SEAL

Json = dict[str, Any]

LANGUAGES = {seed.BEN: "en", seed.YUI: "ja"}
WORDS: Mapping[str, tuple[str, str, str]] = {
    "plain": ("Where is my parcel?", "Hana Sato <hana@customer.example>", "My parcel has not come."),
    "extreme": (
        "W" * 900 + " مرحبا بالعالم 👩‍👩‍👧‍👦 <!channel> *x*",
        "<nameless@customer.example>",
        "<!here> *bold* "
        + "長" * 3_000
        + "\n"
        + "W" * 3_000
        + "\n"
        + "مرحبا بالعالم " * 50
        + "\u202eexe.fdp 👩‍👩‍👧‍👦 &lt;b&gt;",
    ),
}
# Every action that begins with a form.
OPENERS = (
    *("assign", "contact", "fields", "group_reply", "history", "link", "merge", "new_ticket", "note"),
    *("notification_settings", "priority", "reply", "search", "snooze", "spam", "split", "surge_list", "tags"),
    *("template_new", "templates", "transfer", "whole"),
)
TAGS = ",".join(f"tag {number} 返金 <@U0AKI>" for number in range(100))


FIELDS = (
    OwnField("order", {"en": "Order number", "ja": "注文番号"}),
    OwnField("reason", {"en": "Reason", "ja": "理由"}, FieldKind.CHOICE, ("broken", "late")),
)


async def ticket_with(team: Team, kind: str) -> None:
    """The team's first ticket, claimed, tagged, noted and answered: at its plainest or at its extremest."""
    subject, sender, text = WORDS[kind]
    await team.inner.mail(a_mail(text, subject=subject, sender=sender))
    await team.inner.read_everything()
    await team.work_off()
    await team.act("claim")
    await team.act("set_tags", new=TAGS if kind == "extreme" else "late")
    await team.act("add_note", text=text[:2_900], key="k")
    await team.act("send", text=f"An answer. {text[:500]}", key="m1", seen="99")
    await team.later(60)


def watch(team: Team) -> list[Card | Entry | Home]:
    """Notes down everything that is drawn in rooms and on Homes from now on, newest last."""
    drawn: list[Card | Entry | Home] = []
    surface = team.surfaces["slack"]

    async def post_card(_self: object, room: Room, card: Card, *, key: str) -> str:
        drawn.append(card)
        return await surface.post_card(room, card, key=key)

    async def edit_card(_self: object, room: Room, reference: str, card: Card, *, key: str) -> None:
        drawn.append(card)
        await surface.edit_card(room, reference, card, key=key)

    async def post_entry(_self: object, room: Room, card: str, entry: Entry, *, key: str) -> str:
        drawn.append(entry)
        return await surface.post_entry(room, card, entry, key=key)

    async def show_home(_self: object, whose: Who, home: Home) -> None:
        drawn.append(home)
        await surface.show_home(whose, home)

    watched = but(surface, post_card=post_card, edit_card=edit_card, post_entry=post_entry, show_home=show_home)
    team.surfaces["slack"] = watched
    return drawn


async def forms(team: Team, user: str) -> AsyncIterator[tuple[str, Form]]:
    """The form that each of the openers opens on the first ticket. Nothing is submitted."""
    message = next(one.message for one in (await team.view()).replies)
    for name in OPENERS:
        action = Action(name, who(user), (await team.ticket()).id, values={"message": message}, place=seed.SUPPORT)
        answer = await team.router.dispatch(action)
        assert isinstance(answer, Form), name
        yield name, answer


def as_slack_gets_it(one: Card | Entry | Home | Form) -> Json:
    match one:
        case Card():
            return asdict(draw_card(one, SEAL))
        case Entry():
            return asdict(draw_entry(one, SEAL))
        case Home():
            return draw_home(one, SEAL)
        case Form():
            return draw_form(replace(one, keep={}), SEAL, Origin(seed.SUPPORT, "1.1"), ENGLISH)


_PASSING = frozenset({"value", "private_metadata", "timestamp", "initial_date_time", "url"})
_ID = re.compile(r"[0-9a-f]{28}")
_MOMENT = re.compile(r"<!date\^\d+\^[^>]*>")
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d|\b\d\d?:\d\d(?::\d\d)?\b")


def settled(drawn: Any) -> Any:
    """Without what differs from run to run: minted ids, moments, seals, and what stands sealed in values."""
    if isinstance(drawn, Mapping):
        return {
            key: "…"
            if key in ("value", "private_metadata", "timestamp", "initial_date_time", "url")
            else settled(value)
            for key, value in drawn.items()
        }
    if isinstance(drawn, list):
        return [settled(one) for one in drawn]
    if isinstance(drawn, str):
        return _CLOCK.sub("<clock>", _MOMENT.sub("<moment>", _ID.sub("<id>", drawn)))
    return drawn
