"""The one table from action names to handlers, and the way of every action through it."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from prometheus_client import Counter

from bot.actions import (
    asking,
    board,
    collision,
    contacts,
    filing,
    filling,
    finding,
    group_replies,
    home,
    linking,
    merging,
    notices,
    opening,
    replies,
    scheduling,
    shelving,
    splitting,
    surge,
    tagging,
    talking,
    templates,
    tickets,
    transferring,
)
from bot.actions.context import Acquaintance, Asked, Entitled, House, known_agents
from bot.actions.words import HELP, on_its_ticket, words_of
from bot.cards.entries import answer as told
from bot.cards.entries import refusal_entry, refusal_words, to_open_entry
from bot.cards.home import refused_home
from bot.cards.model import Entry
from bot.cards.parts import Reader
from bot.surface import COMMAND, HOME, Action, Answer, Done, FieldErrors, Room, ThreadMessage, ThreadPolicy, Who
from routing.agents import Actor, may
from routing.errors import Gone, MadoguchiError, Refused
from routing.postings import PostingState

log = logging.getLogger(__name__)

ACTIONS = Counter("madoguchi_actions_total", "Actions of agents, by name and outcome", ["action", "outcome"])


_HANDLERS: Mapping[str, Entitled] = {
    **asking.HANDLERS,
    **home.HANDLERS,
    **opening.HANDLERS,
    **collision.HANDLERS,
    **board.HANDLERS,
    **surge.HANDLERS,
    **tickets.HANDLERS,
    **notices.HANDLERS,
    **replies.HANDLERS,
    **tagging.HANDLERS,
    **talking.HANDLERS,
    **filing.HANDLERS,
    **filling.HANDLERS,
    **shelving.HANDLERS,
    **contacts.HANDLERS,
    **finding.HANDLERS,
    **transferring.HANDLERS,
    **scheduling.HANDLERS,
    **templates.HANDLERS,
    **merging.HANDLERS,
    **linking.HANDLERS,
    **splitting.HANDLERS,
    **group_replies.HANDLERS,
}
HANDLERS: Mapping[str, Entitled] = {HELP: asking.help_with(_HANDLERS), **_HANDLERS}
"""Every action there is; each module of this folder names its own."""

WORDS = words_of(HANDLERS)
"""Every word to the bot, and the action it stands for."""

OF_ONESELF = frozenset({*notices.HANDLERS, *home.HANDLERS, *collision.HANDLERS})
"""Actions that change nothing but what is the person's own, wherever their button stood."""

NOT_ENTITLED = frozenset({"not_allowed", "not_a_member"})


class Router:
    """Takes actions and thread talk from every surface; from here on nobody knows which one it was."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._acquaintance = Acquaintance(house)

    async def dispatch(self, action: Action) -> Answer:
        """Carries the action out. A refusal is an answer; TryLater means that nothing was changed. Whoever acts on
        their own page sees there what came of it."""
        answer = await self._dispatched(action)
        if action.place == HOME and action.name not in home.HANDLERS:
            await self.home_opened(action.who)
        return answer

    async def _dispatched(self, action: Action) -> Answer:
        in_words = action.name == COMMAND
        if in_words:
            action = WORDS.understood(action)
        entitled = HANDLERS.get(action.name)
        reader = self._reader(action.who, self._room_language(action))
        actor = Actor(None, action.who.surface)
        try:
            if entitled is None:
                raise Refused("unknown_action")
            agent = await self._acquaintance.agent(action.who)
            reader = self._reader(action.who, agent.language)
            actor = Actor(agent, action.who.surface)
            if not may(agent, entitled.permission):
                raise Refused("not_allowed")
            asked = Asked(self.house, action, actor, agent, reader, self._acquaintance.agent)
            if action.ticket and not in_words and action.name not in OF_ONESELF:
                await self._refuse_unseen(asked)
            answer = await (_in_words(asked, entitled) if in_words else entitled.handler(asked))
            return self._counted(action, "done", await self._seen(asked, answer))
        except Refused as refusal:
            if refusal.key in NOT_ENTITLED:
                await self._note_refusal(action, actor, refusal.key)
            return self._counted(action, "refused", _refused(entitled, reader, refusal))
        except Gone:
            return self._counted(action, "gone", _refused(entitled, reader, Refused("gone")))

    async def _refuse_unseen(self, asked: Asked) -> None:
        """A card's room sees its ticket. Elsewhere, and where it was moved away, one must be able to see it still:
        direct messages and lists outlive what their reader may see."""
        action, moved = asked.action, False
        if (room := self.house.room_at(action.who, action.place)) is not None:
            here = [one for one in await asked.desk.rooms_of(action.ticket) if one.room == room.id]
            if any(one.state is not PostingState.MOVED for one in here):
                return
            moved = bool(here)
        if not await asked.desk.visible(await asked.reach(), action.ticket):
            raise Refused("moved_away" if moved else "gone")

    async def _seen(self, asked: Asked, answer: Answer) -> Answer:
        """What a press does is seen on the card. Whoever pressed elsewhere, in a direct message, is told in words."""
        action = asked.action
        if (
            answer != Done()
            or not action.ticket
            or action.place in ("", HOME)
            or self.house.room_at(action.who, action.place)
        ):
            return answer
        view = await asked.desk.view(action.ticket)
        who = view.assignee.name if view.assignee else asked.reader.say("card.nobody")
        status = asked.reader.say(f"status.{view.ticket.status}")
        return Done(told(asked.reader, "tell.now", number=view.ticket.number, status=status, who=who))

    async def _note_refusal(self, action: Action, actor: Actor, why: str) -> None:
        who = action.who
        details = {"action": action.name, "why": why, "workspace": who.workspace, "user": who.user}
        await self.house.desk.note_refusal(actor, action.ticket, details)

    def _counted(self, action: Action, outcome: str, result: Answer) -> Answer:
        ACTIONS.labels(action.name if action.name in HANDLERS else "unknown", outcome).inc()
        return result

    def _reader(self, who: Who, language: str) -> Reader:
        return Reader(language or self.house.desk.policy.language, who.surface, who.workspace, self.house.zone)

    def _room_language(self, action: Action) -> str:
        room = self.house.room_at(action.who, action.place)
        return room.language if room else ""

    async def thread_talk(self, who: Who, message: ThreadMessage) -> None:
        """What members write under a card is an internal note, or a reply where the room says so. Others are not heard,
        and that is counted; where they may think that a customer hears them, or that the ticket still stands, they are
        told."""
        room, posting = (
            self.house.room_at(who, message.place),
            await self.house.posting_at(who, message.place, message.card),
        )
        if room is None or posting is None:
            return
        reader = self._reader(who, room.language)
        try:
            agent = await self._acquaintance.agent(who)
            reader = self._reader(who, agent.language)
            actor, named = Actor(agent, who.surface), [replace(who, user=user) for user in message.mentions]
            mentions = await known_agents(self._acquaintance.agent, named)
            entry = await talking.take(self.house, actor, who, room, posting, message, reader, mentions=mentions)
            ACTIONS.labels("thread_talk", "done").inc()
        except (Refused, Gone) as refusal:
            ACTIONS.labels("thread_talk", "refused").inc()
            key = refusal.key if isinstance(refusal, Refused) else "gone"
            log.info("thread message not kept", extra={"reason": key})
            if room.thread_messages is not ThreadPolicy.CUSTOMER and key != "moved_away":
                return
            entry = refusal_entry(reader, refusal if isinstance(refusal, Refused) else Refused("gone"))
        if entry is not None:
            await self._tell(room, message.card, who, entry)

    async def _tell(self, room: Room, card: str, who: Who, entry: Entry) -> None:
        """What was done is kept already: that the answer could not be shown must not bring the message again."""
        try:
            await self.house.surfaces[who.surface].tell(room, card, who, entry)
        except MadoguchiError as fault:
            log.warning("answer to a thread message not shown", extra={"fault": type(fault).__name__})

    async def home_opened(self, who: Who) -> None:
        """Somebody looks at their own page; whoever may see nothing here is told so there."""
        try:
            await home.look(self.house, who, await self._acquaintance.agent(who))
        except Refused as refusal:
            surface = self.house.surfaces[who.surface]
            reader = self._reader(who, (await surface.person(who)).language)
            await surface.show_home(who, refused_home(refusal, reader))

    async def person_changed(self, who: Who) -> None:
        self._acquaintance.forget(who)


async def _in_words(asked: Asked, entitled: Entitled) -> Answer:
    """Does what was asked in words, on the ticket that they are about. Where no form can be opened, a button opens
    it."""
    opening, word = asked.action.name, entitled.word
    if word is not None and word.ticket:
        asked = await on_its_ticket(asked, word)
    if word is not None and word.opens and asked.action.name == opening and not asked.action.opens_forms:
        return Done(to_open_entry(opening, asked.action.ticket, asked.reader))
    filling = HANDLERS[asked.action.name]
    if not may(asked.agent, filling.permission):
        raise Refused("not_allowed")
    answer = await filling.handler(asked)
    return Done(told(asked.reader, "tell.done")) if answer == Done() else answer


def _refused(entitled: Entitled | None, reader: Reader, refusal: Refused) -> Answer:
    """Out of a form: beside its first field, and the form stays open. Else told to the one who pressed."""
    if entitled is not None and entitled.form:
        return FieldErrors({"": refusal_words(reader, refusal)})
    return Done(refusal_entry(reader, refusal))
