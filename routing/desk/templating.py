"""What the desk does about templates: shows them with their figures, and lets managers make and change them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from routing.agents import Actor, Agent, Permission
from routing.desk import blanks
from routing.desk.core import Core
from routing.desk.records import Scribe
from routing.desk.views import TicketView
from routing.desk.working import worker
from routing.errors import Gone, Refused
from routing.folding import folded
from routing.ids import RoomId
from routing.policy import Policy
from routing.ports import Reads, Tx
from routing.templates import MOST_TEMPLATES, Template, TemplateDraft, Usage, usage


@dataclass(frozen=True, slots=True)
class Shelved:
    """A template with its figures, and who changed it last."""

    template: Template
    usage: Usage
    changed_by: Agent | None = None


class Templating(Core):
    """Use cases of templates. Those made in chat are read anew each time, so every process sees them at once."""

    __slots__ = ()

    async def templates(self, *, archived: bool = False) -> list[Shelved]:
        """All that are in use, or all that were put away; the most used first."""

        async def work(reads: Reads) -> list[Shelved]:
            configured = () if archived else tuple(self.policy.templates.values())
            return await _shelved(reads, (*configured, *await reads.templates(archived=archived)))

        return await self.look(work)

    async def templates_for(self, channel: str, rooms: Collection[RoomId]) -> list[Template]:
        """What is offered for a ticket of this channel in these rooms; the most used first."""
        return [one.template for one in await self.templates() if one.template.fits(channel, rooms)]

    async def template_named(self, name: str) -> Template | None:
        """An archived one too, for a form may have been open meanwhile."""
        return await self.look(lambda reads: blanks.template_named(reads, self.policy, name))

    async def template(self, name: str) -> Shelved:
        """Raises Gone when there is none."""

        async def work(reads: Reads) -> Shelved:
            found = await blanks.template_named(reads, self.policy, name)
            if found is None:
                raise Gone(f"template {name} does not exist")
            return (await _shelved(reads, (found,)))[0]

        return await self.look(work)

    def blanks(self, view: TicketView, agent: Agent) -> dict[str, str]:
        """What the blanks become when this agent answers this ticket."""
        return blanks.blanks(self.policy, agent, view.ticket, view.conversation, view.contact, view.identity)

    async def write_template(self, actor: Actor, name: str, seen: int, draft: TemplateDraft) -> Template:
        """Makes the template `name` (`seen` 0) or changes the version `seen` of it; the same twice changes nothing.

        Raises Refused: not allowed, not well written, or changed by somebody else meanwhile (`template.changed` with
        their `version`).
        """
        return await self._act(lambda tx, scribe: _write(tx, scribe, self.policy, actor, name, seen, draft))

    async def put_template_away(self, actor: Actor, name: str, *, away: bool) -> Template:
        """Takes a template out of use, or back into it."""
        return await self._act(lambda tx, scribe: _put_away(tx, scribe, self.policy, actor, name, away=away))


async def _shelved(reads: Reads, found: Collection[Template]) -> list[Shelved]:
    figures = usage(await reads.uses_of([one.id for one in found]))
    agents = await reads.get(Agent, {one.changed_by for one in found if one.changed_by is not None})
    shelved = [Shelved(one, figures.get(one.id, Usage()), agents.get(one.changed_by or "")) for one in found]
    return sorted(shelved, key=lambda one: (-one.usage.used, folded(one.template.title), one.template.id))


async def _write(
    tx: Tx, scribe: Scribe, policy: Policy, actor: Actor, name: str, seen: int, draft: TemplateDraft
) -> Template:
    manager = worker(actor, Permission.MANAGE)
    draft = draft.checked()
    known = await _in_chat(tx, policy, name)
    if known is None and seen:
        raise Gone(f"template {name} does not exist")
    before = known or Template(name, "", {}, organisation=scribe.organisation)
    changed = before.written(draft, manager.id, at=scribe.now)
    if changed is before:
        return before
    if before.version != seen:
        raise await _overtaken(tx, before)
    await _check_title(tx, policy, changed, new=known is None)
    (tx.put if known else tx.add)(changed)
    scribe.audit(actor, "template.changed" if known else "template.made", None, _told(changed))
    return changed


async def _in_chat(tx: Tx, policy: Policy, name: str) -> Template | None:
    """The template, locked. One from the configuration is not for us to change."""
    if name in policy.templates:
        raise Refused("template.configured")
    return (await tx.lock(Template, [name])).get(name)


async def _overtaken(tx: Tx, template: Template) -> Refused:
    by = template.changed_by
    who = (await tx.get(Agent, [by])).get(by) if by is not None else None
    when = template.changed_at
    return Refused(
        "template.changed",
        who=who.name if who else "?",
        when=when.isoformat() if when else "",
        version=str(template.version),
    )


async def _check_title(tx: Tx, policy: Policy, template: Template, *, new: bool) -> None:
    """Two of one name could not be told apart in the reply form."""
    in_use = await tx.templates(archived=False)
    if new and len(in_use) >= MOST_TEMPLATES:
        raise Refused("template.too_many", limit=str(MOST_TEMPLATES))
    title = folded(template.title)
    for other in (*policy.templates.values(), *in_use):
        if other.id != template.id and folded(other.title) == title:
            raise Refused("template.title_taken", title=other.title)


async def _put_away(tx: Tx, scribe: Scribe, policy: Policy, actor: Actor, name: str, *, away: bool) -> Template:
    manager = worker(actor, Permission.MANAGE)
    template = await _in_chat(tx, policy, name)
    if template is None:
        raise Gone(f"template {name} does not exist")
    changed = template.put_away(away, manager.id, at=scribe.now)
    if changed is template:
        return template
    if not away:
        await _check_title(tx, policy, changed, new=True)
    tx.put(changed)
    scribe.audit(actor, "template.archived" if away else "template.restored", None, _told(changed))
    return changed


def _told(template: Template) -> Mapping[str, str]:
    """What the audit keeps of a template: all of it, so that each version can be read there."""
    texts = {f"text.{language}": text for language, text in template.texts.items()}
    scope = {"channels": ",".join(sorted(template.channels)), "rooms": ",".join(sorted(template.rooms))}
    return {"template": template.id, "version": str(template.version), "title": template.title, **scope, **texts}
