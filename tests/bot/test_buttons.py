"""Every button of every card, entry and form that people see comes back as an action, and its form opens."""

from dataclasses import dataclass, field

import pytest

from bot.actions.dispatch import HANDLERS
from bot.cards.entries import unshown_entry
from bot.cards.model import Button, Card, Entry, Form, FormButtons
from bot.cards.parts import Reader
from bot.cards.ticket_card import ticket_card
from bot.sandbox.slack import seed
from bot.surface import Action, Done, Room
from routing.errors import Rejected, Unclear
from routing.messages import Message
from routing.replies import Sending
from tests.bot.team import JAPAN, SUPPORT, Team, who
from tests.crash.fate import but


@dataclass(slots=True)
class Watched:
    """What was drawn in rooms."""

    drawn: list[Card | Entry] = field(default_factory=list)

    def buttons(self) -> list[Button]:
        found: list[Button] = []
        for one in self.drawn:
            found += one.buttons
            if isinstance(one, Card):
                found += one.menu
        return found


def _watch(team: Team) -> Watched:
    watched, surface = Watched(), team.surfaces["slack"]

    async def post_card(_self: object, room: Room, card: Card, *, key: str) -> str:
        watched.drawn.append(card)
        return await surface.post_card(room, card, key=key)

    async def edit_card(_self: object, room: Room, reference: str, card: Card, *, key: str) -> None:
        watched.drawn.append(card)
        await surface.edit_card(room, reference, card, key=key)

    async def post_entry(_self: object, room: Room, card: str, entry: Entry, *, key: str) -> str:
        watched.drawn.append(entry)
        return await surface.post_entry(room, card, entry, key=key)

    team.surfaces["slack"] = but(surface, post_card=post_card, edit_card=edit_card, post_entry=post_entry)
    return watched


async def _live_through_everything(team: Team) -> None:
    """A ticket with all that may happen to it: new, claimed, answered, failed, closed."""
    await team.mail("Long. " * 2000)
    await team.work_off()
    await team.act("claim")
    await team.work_off()
    for fault in (Unclear("cut after DATA"), Rejected("no such address")):
        form = await team.act("reply")
        assert isinstance(form, Form)
        if form.name == "send":
            team.provider.script = [fault]
            await team.act("send", text="Sorry.", **form.keep)
            await team.later(11)
            reply = (await team.view()).replies[-1]
            assert reply.state in (Sending.UNKNOWN, Sending.FAILED)
            await team.act("decide", message=reply.message, decision="drop")
    await team.act("close")
    await team.work_off()


@pytest.mark.parametrize("user", [seed.BEN, seed.YUI], ids=["en", "ja"])
async def test_every_button_that_was_shown_comes_back_with_an_answer(team: Team, user: str) -> None:
    watched = _watch(team)
    await _live_through_everything(team)
    ticket = await team.ticket()
    said = await team.inner.desk.look(lambda reads: reads.timeline(ticket.id, after=0, limit=50))
    message = next(one for one in said if isinstance(one, Message))
    reader = Reader("en", "slack", seed.TEAM_ID, team.noticeboard.zone)
    watched.drawn.append(unshown_entry(message, reader, "a test"))
    buttons = watched.buttons()
    assert {one.action for one in buttons} >= {
        *("claim", "release", "reply", "close", "reopen", "assign", "priority", "note", "history", "whole", "decide"),
    }
    opened: set[str] = set()
    for button in buttons:
        assert button.action in HANDLERS
        action = Action(button.action, who(user), button.ticket, button.version, button.values, SUPPORT.place)
        answer = await team.router.dispatch(action)
        assert isinstance(answer, Form) if button.opens_form else isinstance(answer, Done), button.action
        if isinstance(answer, Form):
            opened.add(answer.name)
            assert not answer.submit or answer.name in HANDLERS
            for inner in (one for fields in answer.fields if isinstance(fields, FormButtons) for one in fields.buttons):
                assert inner.action in HANDLERS
    assert opened >= {"send", "add_note", "set_priority", "set_assignee", "history", "whole"}


@pytest.mark.parametrize("user", [seed.BEN, seed.YUI], ids=["en", "ja"])
async def test_every_form_speaks_the_language_of_its_reader(team: Team, user: str) -> None:
    await team.mail("Long. " * 2000)
    await team.work_off()
    labels = set()
    for name in ("reply", "note", "priority", "assign", "history"):
        answer = await team.router.dispatch(Action(name, who(user), (await team.ticket()).id, place=SUPPORT.place))
        assert isinstance(answer, Form)
        labels.add(answer.cancel)
    assert labels == ({"Cancel"} if user == seed.BEN else {"キャンセル"})


@pytest.mark.parametrize("room", [SUPPORT, JAPAN])
async def test_a_card_says_everything_in_its_rooms_language(team: Team, room: Room) -> None:
    await team.mail()
    view = await team.view()
    accounts = team.inner.desk.accounts
    card = ticket_card(
        view,
        team.noticeboard.reader(room),
        account="Support",
        look=accounts.look_of("email"),
        window=accounts.window(view.ticket.account, view.conversation, team.inner.clock()),
    )
    japanese = any("\u3040" <= sign <= "\u30ff" or "\u4e00" <= sign <= "\u9fff" for sign in card.buttons[0].label)
    assert japanese is (room is JAPAN)
