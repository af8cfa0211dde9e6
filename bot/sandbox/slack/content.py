"""Judges what a message is made of (text, blocks, attachments, metadata) by Slack's rules."""

from typing import Any

from bot.sandbox.slack.blocks import BLOCK_TEXT_AT_MOST, check_blocks, text_length
from bot.sandbox.slack.completion import completed_blocks
from bot.sandbox.slack.wire import Arguments, JsonObject, SlackRefusal

TEXT_AT_MOST = 40_000
ATTACHMENTS_AT_MOST = 100
METADATA_AT_MOST = 16_000


def read_content(args: Arguments) -> tuple[JsonObject, list[str]]:
    """A message's text, blocks, attachments and metadata, judged by Slack's rules, with the warnings it earned."""
    blocks = read_blocks(args)
    attachments = args.structure("attachments", malformed="invalid_attachments") or []
    if not isinstance(attachments, list):
        raise SlackRefusal("invalid_attachments")
    if len(attachments) > ATTACHMENTS_AT_MOST:
        raise SlackRefusal("too_many_attachments")
    text = args.optional_text("text") or ""
    if not (text or blocks or attachments):
        raise SlackRefusal("no_text")
    warnings = []
    if len(text) > TEXT_AT_MOST:
        text, warnings = text[:TEXT_AT_MOST], ["message_truncated"]
    content: JsonObject = {"text": text}
    if blocks:
        content["blocks"] = completed_blocks(blocks)
    if attachments:
        content["attachments"] = [{"id": n, **one} for n, one in enumerate(attachments, start=1)]
    metadata = args.structure("metadata", malformed="invalid_metadata_format")
    if metadata is not None:
        content["metadata"] = _judged_metadata(metadata)
    return content, warnings


def read_blocks(args: Arguments) -> list[JsonObject]:
    blocks = args.structure("blocks", malformed="invalid_blocks_format")
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks_format")
    problems = check_blocks(blocks)
    if problems:
        raise SlackRefusal(
            "invalid_blocks",
            errors=problems,
            response_metadata={"messages": [f"[ERROR] {one}" for one in problems]},
        )
    if text_length(blocks) > BLOCK_TEXT_AT_MOST:
        raise SlackRefusal("msg_blocks_too_long")
    return blocks


def _judged_metadata(metadata: Any) -> JsonObject:
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict):
        raise SlackRefusal("invalid_metadata_format")
    sound = isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)
    if not sound:
        raise SlackRefusal("invalid_metadata_schema")
    if len(str(metadata["event_payload"])) > METADATA_AT_MOST:
        raise SlackRefusal("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}
