"""What people are told by name is taken by Slack, and nothing in it acts, whatever anybody is called."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cards.forms import note_form
from bot.cards.model import Entry
from bot.cards.notice_forms import notice_form
from bot.cards.notices import MOST_LISTED, direct_entry, mention_entry, notice_mail
from bot.cards.parts import Reader
from bot.slack.blocks import draw_entry
from bot.slack.forms import draw_form
from bot.slack.kept import Origin
from bot.slack.phrases import ENGLISH
from routing.agents import Agent, Role
from routing.desk.notifying import News, Parcel
from routing.ids import AgentId, TicketId, new_id
from routing.notices import Notice, NoticeSettings, NoticeState, Occasion, Way
from routing.replies import Sending
from tests.conftest import ORGANISATION
from tests.slack.judges import approve_blocks, approve_view, texts, units, walk
from tests.slack.samples import HOSTILE, HUGE, SEAL
from tests.storage.rows import NOON, a_message, a_ticket, an_outbound

YUI = Agent(AgentId("yui"), ORGANISATION, "Yui", "yui@acme.example", "", "ja", Role.AGENT, active=True)
READERS = [Reader(language, "slack", "T1", ZoneInfo("UTC")) for language in ("en", "ja")]


def news(words: str, *, tickets: int = 1, state: Sending = Sending.FAILED) -> tuple[News, ...]:
    """Every occasion, for so many tickets."""
    told: list[News] = []
    for number in range(1, tickets + 1):
        ticket = a_ticket(number=number, subject=words, latest_by=words, id=TicketId(new_id()))
        for occasion in Occasion:
            notice = Notice(
                id=f"{occasion}:{number}:yui",
                organisation=ORGANISATION,
                agent=YUI.id,
                ticket=ticket.id,
                occasion=occasion,
                about="m",
                author=words,
                raised_at=NOON,
                state=NoticeState.LEAVING,
                changed_at=NOON,
            )
            reply = an_outbound(state=state, fault=words) if occasion is Occasion.REPLY_TROUBLED else None
            told.append(News(notice, ticket, words, a_message(text=words), reply))
    return tuple(told)


def parcel(told: tuple[News, ...]) -> Parcel:
    return Parcel("p", YUI, Way.DIRECT, "slack/T1/U1", told, NOON, users={("slack", "T1"): "U1"})


def judged(entry: Entry) -> list[dict[str, Any]]:
    drawn = draw_entry(entry, SEAL)
    approve_blocks(drawn.blocks)
    assert sum(units(text) for text in texts(drawn.blocks)) < 12_000
    return list(walk(drawn.blocks))


@pytest.mark.parametrize("words", ["", *HOSTILE, *(one[:5000] for one in HUGE)], ids=lambda _words: "words")
@pytest.mark.parametrize("tickets", [1, 2, MOST_LISTED + 5])
def test_whatever_the_words_slack_takes_what_is_told(words: str, tickets: int) -> None:
    told = news(words, tickets=tickets)
    links = {one.ticket.id: "https://acme.slack.com/archives/C1/p1" for one in told}
    for reader in READERS:
        parts = judged(direct_entry(parcel(told), reader, links))
        assert {part.get("url") for part in parts if part.get("type") == "link"} <= {*links.values()}
        assert not any(part.get("type") in ("user", "broadcast", "channel", "usergroup") for part in parts)
        calling = judged(mention_entry(parcel(told[: len(Occasion)]), reader))
        assert [part["user_id"] for part in calling if part.get("type") == "user"] == ["U1"]


def test_of_many_tickets_the_first_are_listed_and_the_rest_counted() -> None:
    entry = direct_entry(parcel(news("Coffee", tickets=MOST_LISTED + 5)), READERS[0], {})
    assert len(entry.lines) == MOST_LISTED + 2
    assert "5" in str(entry.lines[-1])
    mail = notice_mail(parcel(news("Coffee", tickets=MOST_LISTED + 5)), READERS[0], {})
    assert mail.text.count("#") == MOST_LISTED


@pytest.mark.parametrize("state", [Sending.FAILED, Sending.UNKNOWN])
def test_a_troubled_reply_can_be_settled_from_a_direct_message(state: Sending) -> None:
    entry = direct_entry(parcel(news("Coffee", state=state)), READERS[0], {})
    assert [one.values["decision"] for one in entry.buttons if one.action == "decide"] == ["arrived", "again", "drop"]


def test_the_same_thing_several_times_is_said_once() -> None:
    wrote = [one for one in news("Taro") if one.notice.occasion is Occasion.CUSTOMER_WROTE]
    entry = mention_entry(parcel((*wrote, *wrote, *wrote)), READERS[0])
    assert entry.fallback.count("Taro wrote.") == 1
    assert "×3" in entry.fallback


@pytest.mark.parametrize("by_mail", [True, False])
def test_the_forms_are_ones_that_slack_takes(by_mail: bool) -> None:
    settings = NoticeSettings(YUI.id, ORGANISATION, assigned=Way.MAIL, quiet_begin="22:00", quiet_end="07:00")
    for reader in READERS:
        for form in (notice_form(settings, reader, TicketId(""), by_mail=by_mail), note_form(a_ticket(), reader)):
            approve_view(draw_form(form, SEAL, Origin("C0SUPPORT", "1.1"), ENGLISH))
