"""The table of all Web API methods."""

from functools import partial

from bot.sandbox.slack.outgoing.over_socket import SocketCourier
from bot.sandbox.slack.web import auth, chat, conversations, files, marks, users, views
from bot.sandbox.slack.web.call import Method


def all_methods(socket: SocketCourier) -> dict[str, Method]:
    return {
        **auth.METHODS,
        **chat.METHODS,
        **conversations.METHODS,
        **files.METHODS,
        **marks.METHODS,
        **users.METHODS,
        **views.METHODS,
        "apps.connections.open": Method(
            partial(auth.connections_open, socket), ("connections:write",), tokens=frozenset({"app"})
        ),
    }
