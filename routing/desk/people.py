"""Knows the people of the team: an agent is made or brought up to date from what the surface says of a user."""

from dataclasses import dataclass, replace

from routing.agents import SYSTEM, Agent, AgentIdentity
from routing.desk.records import Scribe
from routing.ids import AgentId, new_id
from routing.policy import Policy
from routing.ports import Tx


@dataclass(frozen=True, slots=True)
class Member:
    """A user as their surface describes them. `allowed`: a full member of one of our own workspaces."""

    surface: str
    workspace: str
    user: str
    name: str
    email: str
    avatar: str
    language: str
    allowed: bool


async def meet(tx: Tx, scribe: Scribe, policy: Policy, member: Member) -> Agent | None:
    """The agent behind a user. None for guests, strangers, bots and the deactivated; that is remembered, so it must not
    be raised in here: it would be rolled back."""
    known = await tx.agent_by_identity(member.surface, member.workspace, member.user)
    if not member.allowed:
        if known is not None and known[1].allowed:
            tx.put(replace(known[1], allowed=False, seen_at=scribe.now))
            scribe.audit(SYSTEM, "agent.shut_out", None, {"agent": known[0].id, "user": member.user})
        return None
    if known is None:
        return await _introduce(tx, scribe, member, policy)
    agent, identity = known
    # A surface that keeps the address to itself today takes nobody's role away.
    email = member.email.casefold() or agent.email
    role = policy.roles.get(email, policy.default_role)
    present = replace(
        agent,
        name=member.name or agent.name,
        email=email,
        avatar=member.avatar or agent.avatar,
        language=member.language or agent.language,
        role=role,
        active=True,
    )
    if present != agent:
        tx.put(present)
        if present.role is not agent.role:
            scribe.audit(SYSTEM, "agent.role_changed", None, {"agent": agent.id, "role": role})
    if not identity.allowed:
        tx.put(replace(identity, allowed=True, seen_at=scribe.now))
    return present


async def _introduce(tx: Tx, scribe: Scribe, member: Member, policy: Policy) -> Agent:
    """One person's users in several workspaces are one agent when the surface vouches for the same mail address."""
    email = member.email.casefold()
    agent = await tx.agent_by_email(email) if email else None
    if agent is None:
        agent = Agent(
            id=AgentId(new_id()),
            organisation=policy.organisation,
            name=member.name or member.user,
            email=email,
            avatar=member.avatar,
            language=member.language or policy.language,
            role=policy.roles.get(email, policy.default_role),
            active=True,
        )
        tx.add(agent)
    tx.add(
        AgentIdentity(
            organisation=policy.organisation,
            surface=member.surface,
            workspace=member.workspace,
            user=member.user,
            agent=agent.id,
            allowed=True,
            seen_at=scribe.now,
        )
    )
    scribe.audit(SYSTEM, "agent.met", None, {"agent": agent.id, "user": member.user, "role": agent.role})
    return agent
