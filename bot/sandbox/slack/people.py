"""Makes Slack user objects: members, guests, strangers, the deactivated, and bots."""

import hashlib
from typing import Literal

from bot.sandbox.slack.wire import JsonObject

Standing = Literal["owner", "admin", "member", "guest", "single_channel_guest", "stranger", "deactivated", "bot"]
Language = Literal["en", "ja"]

_COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c")
_ZONES = {"ja": ("Asia/Tokyo", "Japan Standard Time", 32400), "en": ("Europe/London", "Greenwich Mean Time", 0)}
_IMAGE_SIZES = (24, 32, 48, 72, 192, 512)


def person(
    id_: str,
    *,
    team_id: str,
    name: str,
    real_name: str,
    email: str | None = None,
    standing: Standing = "member",
    language: Language = "en",
    title: str = "",
    avatar_base: str = "",
    updated: int = 0,
    bot_id: str = "",
    app_id: str = "",
) -> JsonObject:
    """A user object with every field that Slack gives to an app with `users:read` and `users:read.email`."""
    digest = hashlib.sha256(id_.encode()).hexdigest()
    zone, zone_label, offset = _ZONES[language]
    first, _, last = real_name.partition(" ")
    bot = standing == "bot"
    profile: JsonObject = {
        "title": title,
        "phone": "",
        "skype": "",
        "real_name": real_name,
        "real_name_normalized": real_name,
        "display_name": "" if bot else name,
        "display_name_normalized": "" if bot else name,
        "fields": {},
        "status_text": "",
        "status_text_canonical": "",
        "status_emoji": "",
        "status_emoji_display_info": [],
        "status_expiration": 0,
        "huddle_state": "default_unset",
        "huddle_state_expiration_ts": 0,
        "avatar_hash": digest[:12],
        "first_name": first,
        "last_name": last,
        "team": team_id,
    }
    for size in _IMAGE_SIZES:
        profile[f"image_{size}"] = f"{avatar_base}/avatars/{id_}-{size}.svg"
    if email is not None and not bot:
        profile["email"] = email
    if bot:
        profile |= {"bot_id": bot_id, "api_app_id": app_id, "always_active": True}
    user: JsonObject = {
        "id": id_,
        "team_id": team_id,
        "name": name,
        "deleted": standing == "deactivated",
        "color": _COLORS[int(digest, 16) % len(_COLORS)],
        "real_name": real_name,
        "tz": zone,
        "tz_label": zone_label,
        "tz_offset": offset,
        "profile": profile,
        "is_admin": standing in ("owner", "admin"),
        "is_owner": standing == "owner",
        "is_primary_owner": standing == "owner",
        "is_restricted": standing in ("guest", "single_channel_guest"),
        "is_ultra_restricted": standing == "single_channel_guest",
        "is_bot": bot,
        "is_app_user": False,
        "updated": updated,
        "is_email_confirmed": not bot,
        "who_can_share_contact_card": "EVERYONE",
        "locale": "ja-JP" if language == "ja" else "en-US",
    }
    if standing == "stranger":
        user["is_stranger"] = True
    return user


def avatar(user: JsonObject) -> str:
    """A small picture with the user's first letter, for pages that show people; drawn here, so nothing is fetched."""
    letter = user["real_name"][:1] or "?"
    safe = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(letter, letter)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72">'
        f'<rect width="72" height="72" rx="12" fill="#{user["color"]}"/>'
        '<text x="36" y="48" font-family="sans-serif" font-size="36" fill="#fff" text-anchor="middle">'
        f"{safe}</text></svg>"
    )
