"""Merging from the card's menu: both tickets are seen and confirmed, one line leads on, and it is taken apart again."""

from typing import Any

import pytest

from bot.cards.model import Choice, Form, Said, TextInput
from bot.sandbox.slack import seed
from bot.surface import Action, Answer, Done, FieldErrors
from routing.desk.receiving import ReadDelivery
from routing.errors import Refused
from routing.ids import DeliveryId, new_id
from routing.messages import Message, Unsent
from routing.ticket import Status
from tests.bot.team import SUPPORT, Team, shown, who
from tests.inner import MAIL

EMMA = "Emma <emma@customer.example>"


async def _two_tickets(team: Team, *, sender: str = EMMA) -> None:
    await team.mail("My parcel has not come.")
    await team.mail("Where is <!channel> it?", sender=sender, message_id="<emma1@customer.example>", subject="It")
    await team.work_off()


async def _press(team: Team, name: str, number: int, /, **values: str) -> Answer:
    ticket = (await team.ticket(number)).id
    return await team.router.dispatch(Action(name, who(seed.BEN), ticket, values=values, place=SUPPORT.place))


def _card(team: Team, number: int) -> dict[str, Any]:
    return next(one for one in team.cards() if f"#{number} " in shown(one).split("\n")[0])


def _below(team: Team, number: int) -> list[str]:
    return [shown(one) for one in team.slack.thread(SUPPORT.place, _card(team, number)["ts"])[1:]]


async def _merge(team: Team) -> None:
    form = await _press(team, "choose_merge", 2, number="#1")
    assert isinstance(form, Form)
    assert isinstance(await _press(team, "merge_into", 2, **form.keep), Done)
    await team.work_off()


async def test_a_ticket_is_merged_through_slack_and_its_card_becomes_one_line(team: Team) -> None:
    await _two_tickets(team)
    card = _card(team, 2)
    menus = (one for block in card["blocks"] if block["type"] == "actions" for one in block["elements"])
    menu = next(one for one in menus if one["action_id"] == "menu")
    option = next(one for one in menu["options"] if one["text"]["text"] == "Merge…")
    await team.slack.press(seed.BEN, SUPPORT.place, card["ts"], "menu", option["value"])
    await team.settle()
    await team.slack.submit(team.slack.open_view(seed.BEN), {"number": "1"})
    await team.settle()
    words = shown(team.slack.open_view(seed.BEN).shown)
    assert "My parcel has not come." in words
    assert "Where is <!channel> it?" in words
    assert "two different customers" in words
    await team.slack.submit(team.slack.open_view(seed.BEN), {})
    await team.settle()
    await team.work_off()
    merged = _card(team, 2)
    assert "#2 was merged into #1" in shown(merged)
    assert "Where is" not in shown(merged)
    assert "Ben Carter merged #2 into this ticket" in _below(team, 1)[-1]
    assert "Ben Carter merged this ticket into #1" in _below(team, 2)[-1]

    await team.mail("Hello?", sender=EMMA, message_id="<e2@c.example>", answers="<emma1@customer.example>")
    await team.work_off()
    assert "Hello?" in _below(team, 1)[-1]
    await team.slack.press(seed.BEN, SUPPORT.place, merged["ts"], "unmerge")
    await team.settle()
    await team.work_off()
    assert "Hello?" in shown(_card(team, 2))
    assert "My parcel has not come." in shown(_card(team, 1))
    assert "Hello?" not in " ".join(_below(team, 1))
    assert "Emma’s message now belongs to #2." in " ".join(_below(team, 1))
    assert "Hello?" in _below(team, 2)[-1]
    assert (await team.ticket(2)).status is Status.NEW


async def test_a_merged_tickets_words_are_read_from_where_they_stand(team: Team) -> None:
    await _two_tickets(team)
    await _merge(team)
    other = (await team.ticket(2)).id
    form = await _press(team, "read_merged", 1, other=other)
    assert "Where is <!channel> it?" in _quotes(form)
    said = await team.inner.desk.look(lambda reads: reads.timeline(other, after=0, limit=9))
    (message,) = [one for one in said if isinstance(one, Message) and one.external_id]
    taken_back = Unsent("unsend", str(message.external_id), team.inner.clock())
    await team.inner.desk.receive([ReadDelivery(DeliveryId(new_id()), MAIL, team.inner.clock(), (taken_back,))])
    form = await _press(team, "read_merged", 1, other=other)
    assert "channel" not in _quotes(form), "what was taken back is not to be read anywhere"
    await _press(team, "unmerge", 2)
    answer = await _press(team, "read_merged", 1, other=other)
    assert isinstance(answer, Done)


def _quotes(form: Answer) -> str:
    assert isinstance(form, Form)
    return " ".join(one.quote.text for one in form.fields if isinstance(one, Said) and one.quote)


async def test_the_same_customers_other_open_tickets_are_offered(team: Team) -> None:
    await _two_tickets(team, sender="Hana Sato <hana@customer.example>")
    form = await _press(team, "merge", 2)
    assert isinstance(form, Form)
    (choice,) = [one for one in form.fields if isinstance(one, Choice)]
    (option,) = choice.options
    assert "#1" in option.label
    assert "same customer" in option.label
    confirm = await _press(team, "choose_merge", 2, target=option.value)
    assert isinstance(confirm, Form)
    assert confirm.keep == {"into": (await team.ticket(1)).id}


@pytest.mark.parametrize("number", ["", "99", "#2", "２", "1042x", "9" * 40, "-1"])
async def test_a_number_that_cannot_be_is_told_beside_its_field(team: Team, number: str) -> None:
    await _two_tickets(team)
    answer = await _press(team, "choose_merge", 2, number=number)
    assert isinstance(answer, FieldErrors)
    assert set(answer.errors) == {"number"}


@pytest.mark.parametrize("number", ["1", "#1", " ＃１ "])
async def test_a_number_is_read_as_people_write_it(team: Team, number: str) -> None:
    await _two_tickets(team)
    assert isinstance(await _press(team, "choose_merge", 2, number=number), Form)


async def test_a_stale_card_of_a_merged_ticket_says_where_it_goes_on(team: Team) -> None:
    await _two_tickets(team)
    await _merge(team)
    for name in ("reply", "merge", "reopen", "tags"):
        answer = await _press(team, name, 2, new="refund")
        if name != "tags":
            assert isinstance(answer, Done)
            assert answer.tell is not None
            assert "It goes on in #1" in answer.tell.fallback
    tagged = await _press(team, "set_tags", 2, new="refund")
    assert isinstance(tagged, FieldErrors)
    assert (await team.ticket(2)).tags == ()


async def test_what_is_written_below_the_card_of_a_merged_ticket_is_kept_as_a_note(team: Team) -> None:
    await _two_tickets(team)
    await _merge(team)
    team.slack.say(seed.BEN, SUPPORT.place, "She called, too.", thread_ts=_card(team, 2)["ts"])
    await team.settle()
    said = await team.inner.desk.last_said((await team.ticket(2)).id, limit=9)
    assert said[-1].text == "She called, too."


async def test_the_reply_form_says_who_gets_it_and_lets_one_choose(team: Team) -> None:
    await _two_tickets(team)
    await _merge(team)
    await team.mail("Hello?", sender=EMMA, message_id="<e2@c.example>", answers="<emma1@customer.example>")
    form = await _press(team, "reply", 1)
    assert isinstance(form, Form)
    assert "emma@customer.example" in _heading(form), "the customer who wrote last"
    (choice,) = [one for one in form.fields if isinstance(one, Choice) and one.id == "conversation"]
    other = next(one for one in choice.options if "hana" in one.label)
    redrawn = await _press(team, "form.send.conversation", 1, conversation=other.value, text="Draft.", **form.keep)
    assert isinstance(redrawn, Form)
    assert "hana@customer.example" in _heading(redrawn)
    assert next(one.initial for one in redrawn.fields if isinstance(one, TextInput)) == "Draft."
    await _press(team, "send", 1, conversation=other.value, text="Dear Hana.", **redrawn.keep)
    await team.later(11)
    assert [one.address for one in team.provider.taken] == ["hana@customer.example"]


async def test_whom_a_reply_goes_to_is_remembered_when_the_customer_wrote_meanwhile(team: Team) -> None:
    await _two_tickets(team)
    await _merge(team)
    form = await _press(team, "reply", 1)
    assert isinstance(form, Form)
    (choice,) = [one for one in form.fields if isinstance(one, Choice) and one.id == "conversation"]
    emma = next(one for one in choice.options if "emma" in one.label)
    await team.mail("Wait!", number=2)
    asked = await _press(team, "send", 1, conversation=emma.value, text="Dear Emma.", **form.keep)
    assert isinstance(asked, Form)
    await _press(team, "send", 1, text="Dear Emma.", **asked.keep)
    await team.later(11)
    assert [one.address for one in team.provider.taken] == ["emma@customer.example"]


def _heading(form: Form) -> str:
    first = form.fields[0]
    assert isinstance(first, Said)
    return repr(first.lines)


async def test_two_forms_confirmed_crosswise_leave_one_ticket_standing(team: Team) -> None:
    await _two_tickets(team)
    mine, theirs = await _press(team, "choose_merge", 2, number="1"), await _press(team, "choose_merge", 1, number="2")
    assert isinstance(mine, Form)
    assert isinstance(theirs, Form)
    assert isinstance(await _press(team, "merge_into", 2, **mine.keep), Done)
    refused = await _press(team, "merge_into", 1, **theirs.keep)
    assert isinstance(refused, FieldErrors)
    assert (await team.ticket(1)).merged_into is None


async def test_a_forged_target_changes_nothing(team: Team) -> None:
    await _two_tickets(team)
    for target in ("", "nobody"):
        answer = await _press(team, "merge_into", 2, into=target)
        assert isinstance(answer, FieldErrors)
    with pytest.raises(Refused):
        await team.inner.desk.merge(await team.actor(), (await team.ticket(2)).id, (await team.ticket(2)).id)
    assert (await team.ticket(2)).merged_into is None


async def test_a_new_ticket_that_looks_like_an_earlier_one_says_so_and_offers_to_merge(team: Team) -> None:
    words = "My parcel with the order 48213 has not come yet. Where is it? Please tell me soon."
    hana = "Hana Sato <hana@customer.example>"
    await team.mail(words)
    await team.mail(f"Hello? {words}", sender=hana, message_id="<h2@customer.example>")
    await team.mail("Do you sell decaffeinated beans?", sender=EMMA, message_id="<e@c.example>", subject="Beans")
    await team.work_off()
    assert "Looks like #1: same customer" in shown(_card(team, 2))
    assert "% of the words alike" in shown(_card(team, 2))
    assert "Looks like" not in shown(_card(team, 1)) + shown(_card(team, 3))
    await team.slack.press(seed.BEN, SUPPORT.place, _card(team, 2)["ts"], "merge")
    await team.settle()
    view = team.slack.open_view(seed.BEN)
    chosen = next(one["element"] for one in view.shown["blocks"] if one["type"] == "input")["initial_option"]
    assert "#1" in chosen["text"]["text"]
    assert (await team.ticket(2)).merged_into is None, "nothing is merged by itself"
    await team.slack.submit(view, {"target": chosen["value"]})
    await team.settle()
    await team.slack.submit(team.slack.open_view(seed.BEN), {})
    await team.settle()
    assert (await team.ticket(2)).merged_into == (await team.ticket(1)).id
