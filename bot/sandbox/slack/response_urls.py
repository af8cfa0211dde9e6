"""Takes what an app posts to a response_url: an answer beside, instead of, or removing the message it came from."""

import json

from aiohttp import web

from bot.sandbox.slack.content import read_content
from bot.sandbox.slack.model import Channel, Ephemeral, ResponseUrl, without_metadata
from bot.sandbox.slack.person.starting import show_answer
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.posting import change, remove
from bot.sandbox.slack.wire import Arguments, JsonObject, SlackRefusal


class ResponseUrls:
    """The doors under /actions/."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def take(self, request: web.Request) -> web.Response:
        name = "response_url"
        try:
            body = json.loads(await request.text())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return self._finish({}, 400, "invalid_payload")
        stumble = self._platform.stumbles.for_call(name)
        if stumble is not None and stumble.mode == "429":
            headers = {"Retry-After": str(stumble.retry_after)}
            return self._finish(body, 429, "ratelimited", headers=headers)
        if stumble is not None and stumble.mode == "500":
            return self._finish(body, 500, "Internal Server Error")
        url = self._platform.workspace.response_urls.get(request.match_info["key"])
        if url is None:
            return self._finish(body, 404, "no_url")
        if self._platform.clock.now() > url.expires:
            return self._finish(body, 404, "expired_url")
        if url.uses_left == 0:
            return self._finish(body, 404, "used_url")
        try:
            self._answer(url, body)
        except SlackRefusal as refusal:
            return self._finish(body, 400, refusal.code)
        url.uses_left -= 1
        return self._finish(body, 200, "ok")

    def _finish(
        self, body: JsonObject, status: int, text: str, *, headers: dict[str, str] | None = None
    ) -> web.Response:
        self._platform.journal.write("call", method="response_url", args=body, status=status, answer=text)
        return web.Response(status=status, text=text, headers=headers)

    def _answer(self, url: ResponseUrl, body: JsonObject) -> None:
        channel = self._platform.workspace.channel(url.channel)
        if body.get("delete_original"):
            self._delete_original(url, channel)
        elif body.get("replace_original") and url.message_ts is not None:
            self._replace_original(url, channel, body)
        else:
            show_answer(self._platform, url.user, channel, body, thread_ts=body.get("thread_ts") or url.thread_ts)

    def _delete_original(self, url: ResponseUrl, channel: Channel) -> None:
        ts = url.message_ts or ""
        if not url.ephemeral:
            remove(self._platform, channel, self._platform.workspace.message(channel, ts))
            return
        ephemeral = self._ephemeral(url)
        self._platform.workspace.ephemerals.remove(ephemeral)
        self._platform.feed.tell_one(url.user, {"type": "ephemeral_deleted", "channel": channel.id, "ts": ts})

    def _replace_original(self, url: ResponseUrl, channel: Channel, body: JsonObject) -> None:
        content, _ = read_content(Arguments(body))
        content = {"blocks": None, **content}
        if not url.ephemeral:
            message = self._platform.workspace.message(channel, url.message_ts or "")
            change(self._platform, channel, message, content, editor=self._platform.workspace.bot_user)
            return
        message = self._ephemeral(url).message
        for key, value in content.items():
            if value is None:
                message.pop(key, None)
            else:
                message[key] = value
        frame = {"type": "ephemeral_changed", "channel": channel.id, "message": without_metadata(message)}
        self._platform.feed.tell_one(url.user, frame)

    def _ephemeral(self, url: ResponseUrl) -> Ephemeral:
        found = self._platform.workspace.ephemeral(url.user, url.message_ts or "")
        if found is None:
            raise SlackRefusal("message_not_found")
        return found
