"""The script of calls that is played on the emulator and on our stand-in."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.sandbox.slack.cards import loading_view, mrkdwn, plain, reply_form
from tests.sandbox.slack.emulator import Json, World

Step = Callable[[World], Awaitable[Json]]
BLOCKS = [{"type": "section", "block_id": "b", "text": mrkdwn("x")}]
META = {"event_type": "card", "event_payload": {"ticket": 1}}


def call(method: str, **args: Any) -> Step:
    """A call whose arguments `$name` are what that world remembers under the name."""

    async def step(world: World) -> Json:
        known = {
            key: world.known[value[1:]] if isinstance(value, str) and value.startswith("$") else value
            for key, value in args.items()
        }
        return await world.call(method, **known)

    return step


def keep(name: str, step: Step, *path: str) -> Step:
    """The same step; what stands at the path of its answer is remembered."""

    async def kept(world: World) -> Json:
        answer = await step(world)
        value: Any = answer
        for key in path:
            value = value[key]
        world.known[name] = value
        return answer

    return kept


async def find_room(world: World) -> Json:
    answer = await world.call("conversations.list")
    world.known["room"] = next(c["id"] for c in answer["channels"] if c["name"] == "lounge")
    return answer


async def find_people(world: World) -> Json:
    answer = await world.call("users.list")
    for user in answer["members"]:
        world.known[user["name"]] = user["id"]
    return answer


def with_trigger(method: str, view: Json) -> Step:
    async def step(world: World) -> Json:
        world.known["trigger"] = await world.trigger(world.known["aki"])
        return await world.call(method, trigger_id=world.known["trigger"], view=view)

    return step


async def push(world: World) -> Json:
    trigger = await world.trigger(world.known["aki"])
    return await world.call("views.push", trigger_id=trigger, view=loading_view())


async def upload(world: World) -> Json:
    announced = await world.call("files.getUploadURLExternal", filename="a.txt", length="5")
    world.known["file"] = announced["file_id"]
    assert await world.upload(announced["upload_url"], b"hello") == 200
    return announced


async def complete(world: World) -> Json:
    files = [{"id": world.known["file"], "title": "A"}]
    return await world.call("files.completeUploadExternal", files=files, channel_id=world.known["room"])


POST = {"channel": "$room"}
CARD = {"channel": "$room", "ts": "$card"}
ITEM = {"channel": "$room", "timestamp": "$card"}
HOME = {"type": "home", "blocks": [{"type": "divider"}]}

SCRIPT: dict[str, Step] = {
    "auth.test": call("auth.test"),
    "auth.test without a token": call("auth.test", token=""),
    "auth.test with a wrong token": call("auth.test", token="wrong"),
    "team.info": call("team.info"),
    "conversations.list": find_room,
    "users.list": find_people,
    "users.info": call("users.info", user="$aki"),
    "users.info of nobody": call("users.info", user="U0NOBODY"),
    "users.lookupByEmail": call("users.lookupByEmail", email="aki@sunrise-coffee.example"),
    "users.lookupByEmail of nobody": call("users.lookupByEmail", email="nobody@x.example"),
    "posting outside": call("chat.postMessage", **POST, text="x"),
    "conversations.join": call("conversations.join", channel="$room"),
    "conversations.info": call("conversations.info", channel="$room"),
    "conversations.info of nothing": call("conversations.info", channel="C0NOTHING"),
    "conversations.members": call("conversations.members", channel="$room"),
    "chat.postMessage": keep("card", call("chat.postMessage", **POST, text="card", blocks=BLOCKS, metadata=META), "ts"),
    "chat.postMessage reply": keep("reply", call("chat.postMessage", **POST, text="reply", thread_ts="$card"), "ts"),
    "chat.postMessage of a person": keep("theirs", call("chat.postMessage", token="aki", **POST, text="mine"), "ts"),
    "posting nothing": call("chat.postMessage", **POST),
    "posting nowhere": call("chat.postMessage", channel="C0NOTHING", text="x"),
    "posting too much": call("chat.postMessage", **POST, text="x" * 40_001),
    "chat.update": call("chat.update", **CARD, text="changed"),
    "updating another's": call("chat.update", channel="$room", ts="$theirs", text="x"),
    "updating nothing": call("chat.update", channel="$room", ts="1.000001", text="x"),
    "chat.getPermalink": call("chat.getPermalink", channel="$room", message_ts="$card"),
    "permalink of nothing": call("chat.getPermalink", channel="$room", message_ts="1.000001"),
    "chat.postEphemeral": call("chat.postEphemeral", **POST, user="$aki", text="psst"),
    "conversations.history": call("conversations.history", channel="$room", include_all_metadata="true"),
    "conversations.history page": call("conversations.history", channel="$room", limit="1"),
    "conversations.replies": call("conversations.replies", **CARD),
    "replies to nothing": call("conversations.replies", channel="$room", ts="1.000001"),
    "reactions.add": call("reactions.add", **ITEM, name="eyes"),
    "reacting twice": call("reactions.add", **ITEM, name="eyes"),
    "reactions.get": call("reactions.get", **ITEM),
    "reactions.remove": call("reactions.remove", **ITEM, name="eyes"),
    "taking back no reaction": call("reactions.remove", **ITEM, name="eyes"),
    "pins.add": call("pins.add", **ITEM),
    "pinning twice": call("pins.add", **ITEM),
    "pins.list": call("pins.list", channel="$room"),
    "pins.remove": call("pins.remove", **ITEM),
    "unpinning twice": call("pins.remove", **ITEM),
    "deleting another's": call("chat.delete", channel="$room", ts="$theirs"),
    "chat.delete": call("chat.delete", channel="$room", ts="$reply"),
    "deleting twice": call("chat.delete", channel="$room", ts="$reply"),
    "conversations.open": call("conversations.open", users="$aki"),
    "opening with nobody": call("conversations.open"),
    "conversations.create": keep("made", call("conversations.create", name="refunds"), "channel", "id"),
    "creating twice": call("conversations.create", name="refunds"),
    "conversations.invite": call("conversations.invite", channel="$made", users="$aki"),
    "conversations.setTopic": call("conversations.setTopic", channel="$made", topic="Money"),
    "views.open": keep("view", with_trigger("views.open", reply_form(external_id="one")), "view"),
    "a trigger twice": call("views.open", trigger_id="$trigger", view=reply_form()),
    "a trigger of nobody": call("views.open", trigger_id="1.2.3", view=reply_form()),
    "an external id twice": with_trigger("views.open", reply_form(external_id="one")),
    "a view that is none": with_trigger("views.open", {"type": "modal", "blocks": "x", "title": plain("t")}),
    "views.update": call("views.update", external_id="one", view=reply_form(external_id="one")),
    "updating an old hash": call("views.update", external_id="one", hash="1.old", view=reply_form()),
    "updating no view": call("views.update", view_id="V0NOTHING", view=reply_form()),
    "views.publish": call("views.publish", user_id="$aki", view=HOME),
    "publishing for nobody": call("views.publish", user_id="U0NOBODY", view=HOME),
    "files.getUploadURLExternal": upload,
    "files.completeUploadExternal": complete,
    "files.info": call("files.info", file="$file"),
    "files.list": call("files.list", channel="$room"),
    "files.delete": call("files.delete", file="$file"),
    "files.info of nothing": call("files.info", file="F0NOTHING"),
}
