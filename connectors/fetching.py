"""Fetches what did not come with a message: attachments and customers' names."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Blobs, Connection, Fetches, Profiles
from connectors.ingest import Alive
from routing.desk.desk import Desk
from routing.errors import Gone, NeedsAttention, Rejected, TryLater, Unclear
from routing.ids import AccountId, AttachmentId, IdentityId
from routing.jobs import Job

log = logging.getLogger(__name__)

PATIENCE = 12


@dataclass(frozen=True, slots=True)
class Fetcher:
    desk: Desk
    connections: Mapping[AccountId, Connection]
    blobs: Blobs

    async def fetch(self, job: Job, _alive: Alive) -> None:
        """Gets one attachment's bytes. The file is durable before its row says so; a second fetch changes nothing."""
        wanted = await self.desk.wanted_attachment(AttachmentId(job.key))
        if wanted is None:
            return
        connection = self.connections.get(wanted.account)
        if connection is None or not isinstance(connection, Fetches):
            await self.desk.attachment_lost(wanted.id, "this account cannot fetch files")
            return
        try:
            content = await connection.fetch(wanted.source)
        except (Gone, Rejected) as fault:
            await self.desk.attachment_lost(wanted.id, str(fault))
            return
        except (TryLater, Unclear) as fault:
            if job.attempts >= PATIENCE:
                await self.desk.attachment_lost(wanted.id, str(fault))
                return
            raise
        blob = await self.blobs.put(content)
        await self.desk.attachment_stored(wanted.id, blob=blob, size=len(content), media_type="")

    async def learn(self, job: Job, _alive: Alive) -> None:
        """Learns the name behind an identity; a provider that does not tell is not asked again."""
        account, _, identity_id = job.key.partition("/")
        connection = self.connections.get(AccountId(account))
        identity = await self.desk.identity(IdentityId(identity_id))
        if identity is None or connection is None or not isinstance(connection, Profiles):
            return
        try:
            profile = await connection.profile(identity.address)
        except (Gone, Rejected, NeedsAttention) as fault:
            log.info("no profile", extra={"account": account, "fault": type(fault).__name__})
            return
        if profile:
            await self.desk.profile_learned(
                identity.id, name=profile.get("name", ""), language=profile.get("language", "")
            )
