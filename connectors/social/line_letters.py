"""Writes replies as LINE wants them: up to five bubbles, one of words, the rest pictures and links to files."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from routing.errors import Rejected
from routing.replies import Letter, Limits, SentAttachment, utf16_units

TEXT_LIMIT = 5000
PICTURE_TYPES = frozenset({"image/jpeg", "image/png"})
# LINE shows a picture's preview first and takes one of at most 1 MB; as we draw no smaller copies, larger pictures go
# as links.
PICTURE_LIMIT = 1_000_000
PICTURES = 3
SENDER_LENGTH = 20

Link = Callable[[str, str, str], str]

# One bubble holds the whole text: what is longer is for the agent to shorten or to send in two replies, since a text
# cut by us could end in the middle of a sentence.
LIMITS = Limits(
    text=TEXT_LIMIT,
    unit="UTF-16 units",
    measure=utf16_units,
    attachments=10,
    attachment_bytes=25 * 1024 * 1024,
    undo=timedelta(seconds=10),
)


def write(letter: Letter, link: Link, *, show_agent: bool) -> list[dict[str, Any]]:
    """The bubbles of a reply. Raises Rejected for one that LINE cannot take."""
    if utf16_units(letter.text) > TEXT_LIMIT:
        raise Rejected(f"The text is longer than the {TEXT_LIMIT} UTF-16 units that LINE takes.")
    pictures, files = _sorted_out(letter.attachments, link)
    bubbles: list[dict[str, Any]] = []
    if letter.text.strip():
        bubbles.append({"type": "text", "text": letter.text})
    bubbles += [{"type": "image", "originalContentUrl": url, "previewImageUrl": url} for url in pictures]
    if files:
        bubbles.append({"type": "text", "text": "\n\n".join(f"📎 {name}\n{url}" for name, url in files)})
    if not bubbles:
        raise Rejected("There is nothing in this reply that LINE could show.")
    if show_agent and (name := letter.agent_name.strip()[:SENDER_LENGTH].strip()):
        for bubble in bubbles:
            bubble["sender"] = {"name": name}
    return bubbles


def _sorted_out(attachments: Sequence[SentAttachment], link: Link) -> tuple[list[str], list[tuple[str, str]]]:
    """The first small pictures as addresses, everything else as names and addresses."""
    pictures: list[str] = []
    files: list[tuple[str, str]] = []
    for attachment in attachments:
        url = link(attachment.blob, attachment.name, attachment.media_type)
        shown = (
            attachment.media_type in PICTURE_TYPES
            and attachment.size <= PICTURE_LIMIT
            and url.startswith("https://")
            and len(pictures) < PICTURES
        )
        if shown:
            pictures.append(url)
        else:
            files.append((attachment.name, url))
    return pictures, files


def sent_ids(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """LINE's names of the bubbles, from its answer."""
    sent = fields.get("sentMessages")
    ids = [message.get("id") for message in sent if isinstance(message, dict)] if isinstance(sent, list) else []
    return tuple(message_id for message_id in ids if isinstance(message_id, str))
