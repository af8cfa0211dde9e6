"""Presses and forms that work a ticket: claim, release, close, reopen, priority, assignee, note, history."""

from collections.abc import Mapping

from bot.actions.context import ON_TICKET, Asked, Entitled, Word, known_agents
from bot.cards import forms
from bot.cards.entries import answer, refusal_words
from bot.surface import Answer, Done, FieldErrors, Who
from routing.agents import Permission
from routing.desk import views
from routing.desk.working import NewNote
from routing.errors import Refused
from routing.ids import AgentId
from routing.ticket import Priority


async def claim(asked: Asked) -> Answer:
    await asked.desk.claim(asked.actor, asked.action.ticket)
    return Done()


async def release(asked: Asked) -> Answer:
    await asked.desk.release(asked.actor, asked.action.ticket)
    return Done()


async def close(asked: Asked) -> Answer:
    await asked.desk.close(asked.actor, asked.action.ticket)
    return Done()


async def reopen(asked: Asked) -> Answer:
    await asked.desk.reopen(asked.actor, asked.action.ticket)
    return Done()


async def open_priority(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    return forms.priority_form(view.ticket, asked.reader)


async def set_priority(asked: Asked) -> Answer:
    try:
        priority = Priority(asked.value("priority"))
    except ValueError:
        raise Refused("unknown_action") from None
    ticket = await asked.desk.prioritise(asked.actor, asked.action.ticket, priority)
    words = asked.reader.say(f"priority.{priority}")
    return Done(answer(asked.reader, "tell.prioritised", number=ticket.number, priority=words))


async def open_assign(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    who = asked.action.who
    return forms.assign_form(view, asked.reader, view.assignee_users.get((who.surface, who.workspace), who.user))


async def set_assignee(asked: Asked) -> Answer:
    """The chosen user may never have pressed anything yet: the surface is asked who they are."""
    who = asked.action.who
    chosen = Who(who.surface, who.workspace, asked.value("who"))
    try:
        agent = await asked.house_agent(chosen)
    except Refused:
        person = await asked.house.surfaces[who.surface].person(chosen)
        return FieldErrors({"who": asked.reader.say("refused.assign.cannot_work", who=person.name)})
    ticket = await asked.desk.assign(asked.actor, asked.action.ticket, AgentId(agent.id))
    return Done(answer(asked.reader, "tell.assigned", number=ticket.number, who=agent.name))


async def open_note(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    return forms.note_form(view.ticket, asked.reader)


async def add_note(asked: Asked) -> Answer:
    who = asked.action.who
    chosen = [Who(who.surface, who.workspace, one) for one in asked.value("tell").split(",") if one]
    mentions = await known_agents(asked.house_agent, chosen)
    new = NewNote(asked.value("text"), external_id=f"form:{asked.value('key')}", mentions=mentions)
    try:
        ticket = await asked.desk.note(asked.actor, asked.action.ticket, new)
    except Refused as refusal:
        return FieldErrors({"text": refusal_words(asked.reader, refusal)})
    return Done(answer(asked.reader, "tell.noted", number=ticket.number))


async def show_history(asked: Asked) -> Answer:
    view = await asked.desk.view(asked.action.ticket)
    entries = await asked.desk.look(lambda reads: views.history(reads, asked.action.ticket))
    named = [entry.agent for entry in entries if entry.agent is not None]
    agents = await asked.desk.agents(named)
    return forms.history_form(view.ticket, entries, agents, asked.reader)


async def show_whole(asked: Asked) -> Answer:
    """The whole of a message whose quoted part was folded away."""
    message = await asked.desk.message(asked.value("message"))
    if message is None or message.ticket != asked.action.ticket:
        raise Refused("gone")
    return forms.whole_form(message, asked.reader)


HANDLERS: Mapping[str, Entitled] = {
    "claim": Entitled(claim, word=ON_TICKET),
    "release": Entitled(release, word=ON_TICKET),
    "close": Entitled(close, word=ON_TICKET),
    "reopen": Entitled(reopen, word=ON_TICKET),
    "priority": Entitled(open_priority, word=Word(ticket=True, fills=("set_priority", "priority"), opens=True)),
    "set_priority": Entitled(set_priority, form=True),
    "assign": Entitled(open_assign, word=Word(ticket=True, fills=("set_assignee", "who"), opens=True)),
    "set_assignee": Entitled(set_assignee, form=True),
    "note": Entitled(open_note, word=Word(ticket=True, fills=("add_note", "text"), opens=True)),
    "add_note": Entitled(add_note, form=True),
    "history": Entitled(show_history, Permission.SEE, word=Word(ticket=True, opens=True)),
    "whole": Entitled(show_whole, Permission.SEE),
}
