"""Builds the parts that interaction payloads have in common."""

import secrets

from bot.sandbox.slack.model import Channel, ResponseUrl
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.wire import JsonObject

RESPONSE_URL_LIFE = 30 * 60.0


def envelope(platform: Platform, type_: str, user: str) -> JsonObject:
    """Who, where and which app: at the head of every interaction."""
    workspace = platform.workspace
    return {
        "type": type_,
        "user": person(platform, user),
        "api_app_id": platform.app.app_id,
        "token": platform.app.verification_token,
        "team": {"id": workspace.team_id, "domain": workspace.team["domain"]},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def person(platform: Platform, user_id: str) -> JsonObject:
    user = platform.workspace.user(user_id)
    return {"id": user_id, "username": user["name"], "name": user["name"], "team_id": user["team_id"]}


def place(channel: Channel) -> JsonObject:
    """A channel in a payload; Slack does not tell the names of private conversations."""
    names = {"im": "directmessage", "group": "privategroup"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}


def grant_response_url(
    platform: Platform,
    user: str,
    channel: Channel,
    *,
    message_ts: str | None = None,
    thread_ts: str | None = None,
    ephemeral: bool = False,
) -> str:
    """A URL at which the app may answer this interaction."""
    now, urls = platform.clock.now(), platform.workspace.response_urls
    for old in [known for known, url in urls.items() if url.expires < now - RESPONSE_URL_LIFE]:
        del urls[old]
    key = secrets.token_urlsafe(18)
    urls[key] = ResponseUrl(
        user=user,
        channel=channel.id,
        expires=now + RESPONSE_URL_LIFE,
        message_ts=message_ts,
        thread_ts=thread_ts,
        ephemeral=ephemeral,
    )
    return f"{platform.base_url}/actions/{platform.workspace.team_id}/{key}"
