"""Reads what a LINE message says, in no particular language: signs instead of words where the customer used none."""

import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.social.line_fields import message_id, number, word
from connectors.text import clean, file_name, one_line
from routing.messages import NewAttachment

SOURCE_PREFIX = "line-content:"

_TYPES = mimetypes.MimeTypes()


@dataclass(frozen=True, slots=True)
class Content:
    """What to show, and the files that came with it."""

    text: str
    attachments: tuple[NewAttachment, ...] = ()


def read_content(message: Mapping[str, Any]) -> Content:
    """What a customer sends in a way that we do not know yet is still said: the agent sees of what kind it is."""
    kind = message.get("type")
    read = _READERS.get(kind, _unknown) if isinstance(kind, str) else _unknown
    return read(message)


def _text(message: Mapping[str, Any]) -> Content:
    text = message.get("text")
    return Content(clean(text)) if isinstance(text, str) else _unknown(message)


def _image(message: Mapping[str, Any]) -> Content:
    images = message.get("imageSet")
    place = ""
    if isinstance(images, dict):
        index, total = number(images.get("index"), 1, 999), number(images.get("total"), 1, 999)
        place = f" {index}/{total}" if index and total else ""
    return _media(message, f"🖼️{place}", "jpg", "image/jpeg")


def _video(message: Mapping[str, Any]) -> Content:
    return _media(message, f"🎬{_length(message)}", "mp4", "video/mp4")


def _audio(message: Mapping[str, Any]) -> Content:
    return _media(message, f"🎤{_length(message)}", "m4a", "audio/mp4")


def _media(message: Mapping[str, Any], text: str, ending: str, media_type: str) -> Content:
    provider = message.get("contentProvider")
    if isinstance(provider, dict) and provider.get("type") == "external":
        # The file lies with a third party, where we fetch nothing; the agent sees the address.
        return Content(f"{text} {word(provider, 'originalContentUrl', longest=2000)}".rstrip())
    content = message_id(message)
    return Content(text, (NewAttachment(f"{content}.{ending}", media_type, source=SOURCE_PREFIX + content),))


def _file(message: Mapping[str, Any]) -> Content:
    content = message_id(message)
    given = message.get("fileName")
    name = file_name(given if isinstance(given, str) else "", otherwise=content)
    media_type = _TYPES.guess_type(name)[0] or "application/octet-stream"
    return Content(f"📎 {name}", (NewAttachment(name, media_type, source=SOURCE_PREFIX + content),))


def _location(message: Mapping[str, Any]) -> Content:
    lines = [one_line(message[name]) for name in ("title", "address") if isinstance(message.get(name), str)]
    latitude, longitude = number(message.get("latitude"), -90, 90), number(message.get("longitude"), -180, 180)
    if latitude is not None and longitude is not None:
        lines.append(f"{latitude}, {longitude}")
    return Content("📍 " + "\n".join(line for line in lines if line))


def _sticker(message: Mapping[str, Any]) -> Content:
    said, keywords = message.get("text"), message.get("keywords")
    if isinstance(said, str) and said.strip():
        return Content(f"🏷️ {clean(said)}")
    meanings = [one_line(text) for text in keywords if isinstance(text, str)] if isinstance(keywords, list) else []
    which = f"{word(message, 'packageId')}/{word(message, 'stickerId')}"
    return Content(f"🏷️ {', '.join(meanings[:5]) or which}")


def _unknown(message: Mapping[str, Any]) -> Content:
    said = message.get("text")
    kind = message.get("type")
    sign = f"[{one_line(kind)[:40] if isinstance(kind, str) else '?'}]"
    return Content(f"{sign} {clean(said)}" if isinstance(said, str) and said else sign)


def _length(message: Mapping[str, Any]) -> str:
    duration = number(message.get("duration"), 0, 360_000_000)
    if duration is None:
        return ""
    minutes, seconds = divmod(round(duration / 1000), 60)
    return f" {minutes}:{seconds:02}"


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Content]] = {
    "text": _text,
    "image": _image,
    "video": _video,
    "audio": _audio,
    "file": _file,
    "location": _location,
    "sticker": _sticker,
}
