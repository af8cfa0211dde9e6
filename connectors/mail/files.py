"""Gives the files of mails names and types that harm no system and say what they are."""

import re

from connectors.text import file_name

_ENDINGS = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/json": ".json",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/ms-tnef": ".dat",
    "audio/mpeg": ".mp3",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "message/delivery-status": ".txt",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "video/mp4": ".mp4",
}
_NAMES = {"application/ms-tnef": "winmail.dat", "text/calendar": "invite.ics", "message/rfc822": "mail.eml"}
# Names that Windows gives to devices, whatever their ending.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,100}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}\Z")


def has_ending(kind: str) -> bool:
    """Whether files of this type are known as files."""
    return kind in _ENDINGS


def ending_of(kind: str) -> str:
    return _ENDINGS.get(kind, ".bin")


def default_name(kind: str, number: int) -> str:
    """What a file without a name is called."""
    return _NAMES.get(kind) or f"attachment-{number}{ending_of(kind)}"


def safe_type(kind: str) -> str:
    """The type, if it has the form of one."""
    return kind if _TYPE.match(kind) else "application/octet-stream"


def safe_name(name: str, *, otherwise: str) -> str:
    """A name that names one file in one folder on every system."""
    safe = re.sub(r'[<>:"|?*]', "_", file_name(name, otherwise=otherwise)).lstrip("-. ")
    if _DEVICES.match(safe):
        safe = f"_{safe}"
    return safe or otherwise
