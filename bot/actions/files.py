"""Fetches files that the team put into a surface, and keeps their bytes."""

from bot.actions.context import Blobs
from bot.surface import Surface
from routing.messages import NewAttachment


async def fetched(surface: Surface, blobs: Blobs, workspace: str, file: str) -> NewAttachment:
    """Raises Gone, Rejected, TryLater."""
    read = await surface.file(workspace, file)
    blob = await blobs.put(read.content)
    return NewAttachment(read.name, read.media_type, blob=blob, size=len(read.content))
