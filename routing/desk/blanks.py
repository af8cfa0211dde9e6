"""Fills templates for one ticket: which one is meant, what stands in its blanks, and how much of it was changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from routing.agents import Agent
from routing.contacts import Contact, Conversation, Identity
from routing.policy import Policy
from routing.ports import Reads, Tx
from routing.replies import Outbound
from routing.templates import Template, TemplateUse, changed_share, fill
from routing.ticket import Ticket


def blanks(
    policy: Policy, agent: Agent, ticket: Ticket, conversation: Conversation, contact: Contact, identity: Identity
) -> dict[str, str]:
    """What each blank becomes in a reply of this agent to this ticket."""
    return {
        "contact.name": contact.name or identity.name or conversation.address,
        "contact.address": conversation.address,
        "ticket.number": str(ticket.number),
        "ticket.subject": ticket.subject,
        "agent.name": agent.name,
        "organisation.name": policy.name,
    }


async def template_named(reads: Reads, policy: Policy, name: str) -> Template | None:
    """From the configuration or made in chat; an archived one too, for a form may have been open meanwhile."""
    if not name:
        return None
    return policy.templates.get(name) or (await reads.get(Template, [name])).get(name)


async def origin(
    tx: Tx, policy: Policy, agent: Agent, ticket: Ticket, conversation: Conversation, name: str, text: str
) -> tuple[str, int]:
    """The template that a reply was made from ("" for none) and how much of its nearest variant was changed."""
    template = await template_named(tx, policy, name)
    if template is None:
        return "", 0
    contact = (await tx.get(Contact, [ticket.contact]))[ticket.contact]
    identity = (await tx.get(Identity, [conversation.identity]))[conversation.identity]
    values = blanks(policy, agent, ticket, conversation, contact, identity)
    return template.id, min(changed_share(fill(one, values), text) for one in template.texts.values())


async def count_use(tx: Tx, outbound: Outbound, at: datetime) -> None:
    """A reply left: its template was used once more. Called once for each reply, where its state becomes `sent`."""
    if not outbound.template or outbound.agent is None:
        return
    name = f"{outbound.template}/{outbound.agent}"
    known: Mapping[str, TemplateUse] = await tx.lock(TemplateUse, [name])
    if name in known:
        use = known[name]
        tx.put(replace(use, used=use.used + 1, changed=use.changed + outbound.changed, last_used_at=at))
        return
    tx.add(TemplateUse(name, outbound.organisation, outbound.template, outbound.agent, 1, outbound.changed, at))
