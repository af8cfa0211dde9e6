"""Takes files from the page and gives their bytes back to it."""

from aiohttp import web
from aiohttp.web_request import FileField

from bot.sandbox.slack.client.asked import Asked
from bot.sandbox.slack.files import keep_file
from bot.sandbox.slack.model import without_metadata
from bot.sandbox.slack.person.talking import say
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.richtext import stored_text
from bot.sandbox.slack.wire import SlackRefusal, compact

# Pictures a browser may show as they are; SVG is left out because it can carry scripts.
SHOWABLE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class ClientFiles:
    """Upload and download for the page."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def upload(self, request: web.Request) -> web.Response:
        """With a `channel` the file is posted there; without, it is only kept, for a form's file input."""
        form = await request.post()
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        given = form.get("file")
        try:
            if not isinstance(given, FileField):
                raise SlackRefusal("no_file_data")
            asked = Asked(self._platform, fields)
            name = given.filename.replace("\\", "/").rpartition("/")[2] or "file"
            stored = keep_file(self._platform, user=asked.user, name=name, content=given.file.read())
            answer = {"ok": True, "file": stored.shown}
            if asked.args.optional_text("channel") is not None:
                text = stored_text(self._platform.workspace, asked.typed())
                message = say(
                    self._platform, asked.user, asked.channel(), text, thread_ts=asked.thread_ts(), files=[stored]
                )
                answer["message"] = without_metadata(message)
        except SlackRefusal as refusal:
            answer = refusal.answer()
        return web.Response(text=compact(answer), content_type="application/json")

    async def download(self, request: web.Request) -> web.Response:
        stored = self._platform.workspace.files.get(request.match_info["id"])
        if stored is None or stored.upload_key:
            raise web.HTTPNotFound
        mimetype = stored.shown["mimetype"]
        showable = mimetype in SHOWABLE
        return web.Response(
            body=stored.content,
            content_type=mimetype if showable else "application/octet-stream",
            headers={
                "Content-Disposition": "inline" if showable else "attachment",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )
