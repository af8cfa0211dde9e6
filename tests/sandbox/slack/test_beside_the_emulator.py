"""The same calls on npm's Slack emulator and on our stand-in: the same verdicts, and answers of the same shape."""

import json
from collections.abc import AsyncIterator
from fnmatch import fnmatchcase

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.slack import AppSettings, running_standin, seed
from bot.sandbox.slack.modals import grant_trigger
from tests.sandbox.slack.emulator import World, running_emulator, shape
from tests.sandbox.slack.receiver import Received, Receiver, receiver
from tests.sandbox.slack.script import SCRIPT

pytestmark = pytest.mark.node

SECRET = "s3cret"

# Steps that end differently, and why ours is Slack's way: (ours, the emulator's) error, "" where it is ok.
OTHER_VERDICTS = {
    "auth.test with a wrong token": ("invalid_auth", "", "the emulator takes every unknown token for its admin's"),
    "posting outside": ("not_in_channel", "", "needs chat:write.public in Slack; the emulator lets bots post anywhere"),
    "replies to nothing": ("thread_not_found", "", "documented for conversations.replies"),
    "a view that is none": (
        "invalid_arguments",
        "invalid_view",
        "Slack's answer to a malformed view, with the place of the fault (slackapi/java-slack-sdk#302)",
    ),
}

# What only the emulator has, as "step path" patterns.
ONLY_EMULATOR = {
    "auth.test .app_id:*": "not in the documented answer",
    "* .channels[].last_read:*": "a person's reading position; a bot has none",
    "* .channel.last_read:*": "likewise",
    "* .channels[].is_open:*": "belongs to direct conversations",
    "* .channel.is_open:*": "likewise",
    "conversations.info .channel.num_members:*": "Slack gives it only with include_num_members",
    "posting too much .response_metadata.messages*": "Slack names the warning in `warnings` only",
    "conversations.history .response_metadata*": "Slack leaves it out when there is no next page",
    "conversations.replies .messages[].metadata*": "Slack gives metadata only with include_all_metadata",
    "reactions.get .message.metadata*": "likewise",
    "pins.list .items[].message.metadata*": "likewise",
    "views.publish .view.title:null": "Slack fills in a title for Home tabs; Bolt's types demand one",
    "files.* .file*.comments_count:number": "Bolt's types say it is a string; nobody needs it",
    "files.completeUploadExternal .files[].channels[]:*": "Slack shares later, the answer does not know where",
    "files.completeUploadExternal .files[].shares*": "likewise",
    "files.info .paging*": "Slack pages comments by cursor now",
}

# What only our stand-in has, likewise.
ONLY_OURS = {
    "auth.test .is_enterprise_install:*": "documented",
    "team.info .team.*": "documented: icon, e-mail domain, addresses",
    "conversations.* .channel*": "Slack tells of sharing, freezing, ownership; desks must know is_ext_shared",
    "conversations.setTopic .topic:*": "older documented field, harmless",
    "users.* .user.*": "Slack tells standing (guest, stranger, owner), pictures and time zone",
    "users.list .members[].*": "likewise",
    "users.list .cache_ts:*": "documented",
    "chat.postMessage* .message.*": "Slack names bot, app and team of a message, its thread's parent, text defaults",
    "posting too much .message.*": "likewise",
    "chat.update .message.*": "likewise, and the thread's figures; blocks that an update does not mention stay",
    "conversations.history* .messages[].*": "likewise",
    "conversations.replies .messages[].*": "likewise",
    "reactions.get .message.*": "likewise",
    "reactions.get .channel:*": "documented",
    "pins.list .items[].message.*": "as for messages elsewhere",
    "conversations.history* .channel_actions*": "in every answer of Slack",
    "conversations.history* .pin_count:*": "likewise",
    "views.* .view.*": "Slack completes views: text defaults, ids, state of every element",
    "files.* .file*.file_access:*": "in every file object of Slack",
    "files.* .file*.permalink_public:*": "likewise",
    "files.* .file*.username:*": "likewise, and demanded by Bolt's types",
    "files.info .response_metadata*": "Slack pages comments by cursor now",
}


@pytest.fixture
async def both() -> AsyncIterator[tuple[World, World, Receiver, Receiver]]:
    """The two worlds, each with somebody who listens to its events."""
    async with (
        receiver() as our_app,
        receiver() as their_app,
        running_standin(request_url=our_app.url, signing_secret=SECRET) as slack,
        running_emulator(their_app.url, SECRET) as url,
        aiohttp.ClientSession() as session,
    ):

        async def our_trigger(user: str) -> str:
            return grant_trigger(slack.platform, user)

        async def their_trigger(user: str) -> str:
            return str((await theirs.call("views.generateTriggerId", user_id=user))["trigger_id"])

        tokens = {"bot": "xoxb-sandbox", "aki": f"xoxp-{seed.AKI}", "wrong": "xoxb-wrong"}
        ours = World("ours", slack.base_url, tokens, our_trigger, session)
        tokens = {"bot": "xoxb-bot", "poor": "xoxb-poor", "aki": "xoxp-aki", "wrong": "xoxb-wrong"}
        theirs = World("emulator", url, tokens, their_trigger, session)
        yield ours, theirs, our_app, their_app


async def test_the_same_calls_get_the_same_answers(both: tuple[World, World, Receiver, Receiver]) -> None:
    ours, theirs, _, _ = both
    used: set[str] = set()
    faults: list[str] = []

    def explained(step: str, paths: set[str], reasons: dict[str, str]) -> set[str]:
        left = set()
        for path in paths:
            # Square brackets are meant as they stand, not as a set of letters.
            hits = {p for p in reasons if fnmatchcase(f"{step} {path}", p.replace("[]", "[[]]"))}
            used.update(hits)
            if not hits:
                left.add(path)
        return left

    for name, step in SCRIPT.items():
        our_answer, their_answer = await step(ours), await step(theirs)
        verdicts = our_answer.get("error", ""), their_answer.get("error", "")
        if name in OTHER_VERDICTS:
            used.add(name)
            assert verdicts == OTHER_VERDICTS[name][:2], name
            continue
        assert verdicts[0] == verdicts[1], (name, our_answer, their_answer)
        our_shape, their_shape = shape(our_answer), shape(their_answer)
        only_theirs = explained(name, their_shape - our_shape, ONLY_EMULATOR)
        only_ours = explained(name, our_shape - their_shape, ONLY_OURS)
        if verdicts[0]:
            only_ours = {path for path in only_ours if not path.startswith(".response_metadata")}
        faults += [f"{name}: only the emulator has {path}" for path in sorted(only_theirs)]
        faults += [f"{name}: only ours has {path}" for path in sorted(only_ours)]
    assert not faults, "\n".join(faults)
    stale = {*OTHER_VERDICTS, *ONLY_EMULATOR, *ONLY_OURS} - used
    assert not stale, f"differences that are no more: {sorted(stale)}"


async def test_a_missing_scope_is_told_alike(both: tuple[World, World, Receiver, Receiver]) -> None:
    ours, theirs, _, _ = both
    poor = AppSettings(scopes=frozenset({"users:read"}))
    async with running_standin(app=poor) as slack:
        ours.url = slack.base_url
        our_answer = await ours.call("chat.postMessage", channel=seed.SUPPORT, text="x")
        their_answer = await theirs.call("chat.postMessage", token="poor", channel="C000000001", text="x")
        assert our_answer == their_answer


async def test_events_are_signed_and_wrapped_alike(both: tuple[World, World, Receiver, Receiver]) -> None:
    ours, theirs, our_app, their_app = both
    for world in (ours, theirs):
        await SCRIPT["conversations.list"](world)
        await SCRIPT["users.list"](world)
        await SCRIPT["conversations.join"](world)
        await world.call("chat.postMessage", token="aki", channel=world.known["room"], text="hello")
    shapes = []
    for app in (our_app, their_app):
        await app.wait_for(1)
        said: list[Received] = []
        while not said:
            said = [got for got in app.received if got.payload["event"].get("text") == "hello"]
            if not said:
                await app.wait_for(len(app.received) + 1)
        verifier = SignatureVerifier(SECRET)
        assert verifier.is_valid_request(said[0].body, dict(said[0].headers))
        shapes.append(shape(json.loads(said[0].body)))
    only_emulator = {path for path in shapes[1] - shapes[0] if not path.startswith(".event.")}
    assert only_emulator == set(), "the emulator's envelope has something ours lacks"
    assert {".event.type:string", ".event.channel:string", ".event.user:string", ".event.ts:string"} <= shapes[1]
    assert {path for path in shapes[1] if path.startswith(".event.")} <= shapes[0]
