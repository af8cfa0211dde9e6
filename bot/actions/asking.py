"""Answers what people ask in words: help, lists, figures, the next ticket, who did what."""

from collections.abc import Mapping

from bot.actions.context import Asked, Entitled, Word
from bot.actions.finding import vocabulary
from bot.cards import lists
from bot.surface import Answer, Done
from routing.agents import Permission, may
from routing.errors import Refused
from routing.overview import Wanted

SHOWN = 10


async def mine(asked: Asked) -> Answer:
    """What this person has to look after."""
    wanted = Wanted(assignee=asked.agent.id)
    page = await asked.desk.page(await asked.reach(), wanted, start=0, limit=SHOWN)
    return Done(lists.mine_entry(page, asked.reader, await asked.house.links(asked.reader, page.tickets)))


async def take_next(asked: Asked) -> Answer:
    """Takes the most urgent, oldest ticket of the person's rooms that nobody has."""
    ticket = await asked.desk.take_next(asked.actor, await asked.reach())
    (listed,) = await asked.desk.listing([ticket])
    return Done(lists.next_entry(listed, asked.reader, await asked.house.links(asked.reader, [listed])))


async def stats(asked: Asked) -> Answer:
    overview = await asked.desk.overview(await asked.reach(), today=asked.house.today())
    looks = {channel: asked.desk.accounts.look_of(channel) for channel in overview.channels}
    return Done(lists.stats_entry(overview, looks, asked.reader))


async def find(asked: Asked) -> Answer:
    """What fits the words, a number among them. Raises Refused when there are none, or none that can be understood."""
    said = asked.value("rest").strip()
    if not said:
        raise Refused("word.find_what")
    page = await asked.desk.find(asked.agent, said, limit=SHOWN, vocabulary=vocabulary())
    found = await asked.desk.listing([hit.ticket for hit in page.hits])
    return Done(lists.found_entry(found, asked.reader, await asked.house.links(asked.reader, found)))


async def audit(asked: Asked) -> Answer:
    """Who did what with the ticket, for managers."""
    ticket = (await asked.desk.view(asked.action.ticket)).ticket
    return Done(lists.audit_entry(await asked.desk.audit(asked.actor, ticket), asked.reader))


def help_with(handlers: Mapping[str, Entitled]) -> Entitled:
    """Help names every word that this person may say."""

    async def say_help(asked: Asked) -> Answer:
        allowed = {
            name: entitled.word
            for name, entitled in handlers.items()
            if entitled.word is not None and may(asked.agent, entitled.permission)
        }
        general = [name for name, word in allowed.items() if not word.ticket]
        on_ticket = [name for name, word in allowed.items() if word.ticket]
        unknown, near = asked.value("unknown"), asked.value("near")
        return Done(lists.help_entry(general, on_ticket, asked.reader, unknown=unknown, near=near))

    return Entitled(say_help, Permission.SEE, word=Word())


HANDLERS: Mapping[str, Entitled] = {
    "find": Entitled(find, Permission.SEE, word=Word()),
    "mine": Entitled(mine, Permission.SEE, word=Word()),
    "next": Entitled(take_next, word=Word()),
    "stats": Entitled(stats, Permission.SEE, word=Word()),
    "audit": Entitled(audit, Permission.MANAGE, word=Word(ticket=True)),
}
