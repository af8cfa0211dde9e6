"""Posting, changing and deleting messages by the Web API."""

import json

import aiohttp
import pytest

from bot.sandbox.slack import AppSettings, seed
from bot.sandbox.slack.settings import ALL_SCOPES
from tests.sandbox.slack.bolt_app import client_for
from tests.sandbox.slack.calls import refusal, refused, slack_and_client
from tests.sandbox.slack.cards import mrkdwn, ticket_card

METADATA = {"event_type": "ticket_card", "event_payload": {"ticket": 1042}}


async def test_a_posted_card_reads_back_completed() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(
            channel=seed.SUPPORT, text="card", blocks=ticket_card(), metadata=METADATA
        )
        message = posted["message"]
        assert posted["channel"] == seed.SUPPORT
        assert message["user"] == seed.BOT_USER
        assert message["bot_id"] == seed.BOT_ID
        assert message["app_id"] == slack.platform.app.app_id
        assert message["metadata"] == METADATA
        header, section, _ = message["blocks"]
        assert header["block_id"]
        assert header["text"]["emoji"] is True
        assert section["text"]["verbatim"] is False
        assert slack.messages(seed.SUPPORT)[-1]["ts"] == posted["ts"]


async def test_metadata_is_shown_only_when_asked_for() -> None:
    async with slack_and_client() as (_, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card", metadata=METADATA)
        await client.chat_postMessage(channel=seed.SUPPORT, text="reply", thread_ts=posted["ts"], metadata=METADATA)
        plain = await client.conversations_history(channel=seed.SUPPORT)
        full = await client.conversations_history(channel=seed.SUPPORT, include_all_metadata=True)
        thread = await client.conversations_replies(channel=seed.SUPPORT, ts=posted["ts"], include_all_metadata=True)
        assert "metadata" not in plain["messages"][0]
        assert full["messages"][0]["metadata"] == METADATA
        assert [message["metadata"] for message in thread["messages"]] == [METADATA, METADATA]


async def test_a_thread_counts_its_replies() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        slack.say(seed.AKI, seed.SUPPORT, "I take it", thread_ts=posted["ts"])
        last = slack.say(seed.BEN, seed.SUPPORT, "fine", thread_ts=posted["ts"])
        parent, *replies = slack.thread(seed.SUPPORT, posted["ts"])
        assert parent["reply_count"] == 2
        assert parent["reply_users"] == [seed.AKI, seed.BEN]
        assert parent["latest_reply"] == last["ts"]
        assert parent["thread_ts"] == posted["ts"]
        assert {reply["parent_user_id"] for reply in replies} == {seed.BOT_USER}
        assert [message["text"] for message in slack.messages(seed.SUPPORT)] == ["card"]
        slack.delete(seed.BEN, seed.SUPPORT, last["ts"])
        assert slack.message(seed.SUPPORT, posted["ts"])["reply_count"] == 1


async def test_a_reply_to_a_reply_lands_in_the_same_thread_and_may_be_broadcast() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        reply = await client.chat_postMessage(channel=seed.SUPPORT, text="one", thread_ts=posted["ts"])
        deeper = await client.chat_postMessage(
            channel=seed.SUPPORT, text="two", thread_ts=reply["ts"], reply_broadcast=True
        )
        assert deeper["message"]["thread_ts"] == posted["ts"]
        assert [message["text"] for message in slack.messages(seed.SUPPORT)] == ["card", "two"]


async def test_an_edit_marks_the_message_and_leaves_what_it_does_not_mention() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(
            channel=seed.SUPPORT, text="card", blocks=ticket_card(), metadata=METADATA
        )
        updated = await client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="plain")
        assert updated["text"] == "plain"
        message = slack.message(seed.SUPPORT, posted["ts"])
        assert message["blocks"] == posted["message"]["blocks"]
        assert message["edited"]["user"] == seed.BOT_USER
        assert message["metadata"] == METADATA
        await client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="bare", blocks=[], metadata={})
        message = slack.message(seed.SUPPORT, posted["ts"])
        assert "blocks" not in message
        assert "metadata" not in message


async def test_a_deleted_card_with_replies_leaves_a_tombstone() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card", blocks=ticket_card())
        slack.say(seed.AKI, seed.SUPPORT, "note", thread_ts=posted["ts"])
        lonely = await client.chat_postMessage(channel=seed.SUPPORT, text="lonely")
        await client.chat_delete(channel=seed.SUPPORT, ts=posted["ts"])
        await client.chat_delete(channel=seed.SUPPORT, ts=lonely["ts"])
        (left,) = slack.messages(seed.SUPPORT)
        assert left["subtype"] == "tombstone"
        assert left["reply_count"] == 1
        assert "blocks" not in left
        assert await refusal(client.chat_delete(channel=seed.SUPPORT, ts=posted["ts"])) == "message_not_found"
        assert (
            await refusal(client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="x")) == "cant_update_message"
        )


async def test_posting_is_refused_as_slack_refuses() -> None:
    async with slack_and_client() as (slack, client):
        post = client.chat_postMessage
        assert await refusal(post(channel="C0NOWHERE", text="x")) == "channel_not_found"
        assert await refusal(post(channel=seed.LOUNGE, text="x")) == "not_in_channel"
        assert await refusal(post(channel=seed.OLD, text="x")) == "is_archived"
        assert await refusal(post(channel=seed.SUPPORT, text="")) == "no_text"
        assert await refusal(post(channel=seed.SUPPORT, text="x", thread_ts="1.000001")) == "thread_not_found"
        assert (
            await refusal(post(channel=seed.SUPPORT, text="x", blocks=json.dumps({"a": 1}))) == "invalid_blocks_format"
        )
        assert await refusal(post(channel=seed.SUPPORT, text="x", blocks="[")) == "invalid_blocks_format"
        assert (
            await refusal(post(channel=seed.SUPPORT, text="x", metadata={"event_type": 5})) == "invalid_metadata_schema"
        )
        private = slack.add_channel("secret", members=[seed.AKI], is_private=True)
        assert await refusal(post(channel=private.id, text="x")) == "channel_not_found"


async def test_invalid_blocks_are_named_with_the_place_of_the_fault() -> None:
    async with slack_and_client() as (slack, client):
        bad = [{"type": "header", "text": mrkdwn("no")}]
        response = await refused(client.chat_postMessage(channel=seed.SUPPORT, text="x", blocks=bad))
        assert response["error"] == "invalid_blocks"
        assert "[json-pointer:/blocks/0/text/type]" in response["response_metadata"]["messages"][0]
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="x")
        update = client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="x", blocks=bad)
        assert await refusal(update) == "invalid_blocks"
        whisper = client.chat_postEphemeral(channel=seed.SUPPORT, user=seed.AKI, text="x", blocks=bad)
        assert await refusal(whisper) == "invalid_blocks"
        assert slack.messages(seed.SUPPORT)[-1]["text"] == "x"


async def test_too_much_text_is_cut_or_refused() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="x" * 40_001)
        assert posted["warning"] == "message_truncated"
        assert len(slack.message(seed.SUPPORT, posted["ts"])["text"]) == 40_000
        long_edit = client.chat_update(channel=seed.SUPPORT, ts=posted["ts"], text="x" * 4_001)
        assert await refusal(long_edit) == "msg_too_long"
        heavy = [{"type": "section", "text": mrkdwn("y" * 3000)} for _ in range(5)]
        assert (
            await refusal(client.chat_postMessage(channel=seed.SUPPORT, text="x", blocks=heavy))
            == "msg_blocks_too_long"
        )
        assert (await client.chat_postMessage(channel=seed.SUPPORT, text="x", blocks=heavy[:4]))["ok"]


async def test_only_own_messages_are_changed_and_deleted() -> None:
    async with slack_and_client() as (slack, client):
        said = slack.say(seed.AKI, seed.SUPPORT, "mine")
        update, delete = client.chat_update, client.chat_delete
        assert await refusal(update(channel=seed.SUPPORT, ts=said["ts"], text="x")) == "cant_update_message"
        assert await refusal(delete(channel=seed.SUPPORT, ts=said["ts"])) == "cant_delete_message"
        assert await refusal(update(channel=seed.SUPPORT, ts="1.000000", text="x")) == "message_not_found"
        assert await refusal(delete(channel=seed.SUPPORT, ts="1.000000")) == "message_not_found"
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        slack.archive(seed.SUPPORT, seed.AKI)
        assert await refusal(update(channel=seed.SUPPORT, ts=posted["ts"], text="x")) == "is_inactive"


async def test_an_ephemeral_message_is_seen_by_one_person_and_kept_nowhere() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        await client.chat_postEphemeral(channel=seed.SUPPORT, user=seed.AKI, text="psst", thread_ts=posted["ts"])
        (whisper,) = slack.ephemerals(seed.AKI)
        assert whisper.message["text"] == "psst"
        assert whisper.thread_ts == posted["ts"]
        assert slack.ephemerals(seed.BEN) == []
        assert len(slack.thread(seed.SUPPORT, posted["ts"])) == 1
        outsider = client.chat_postEphemeral(channel=seed.MANAGERS, user=seed.BEN, text="psst")
        assert await refusal(outsider) == "user_not_in_channel"


async def test_a_user_id_is_their_direct_channel_and_a_name_is_the_room() -> None:
    async with slack_and_client() as (slack, client):
        direct = await client.chat_postMessage(channel=seed.AKI, text="hello")
        assert direct["channel"].startswith("D")
        opened = await client.conversations_open(users=seed.AKI)
        assert opened["channel"]["id"] == direct["channel"]
        assert (await client.chat_postMessage(channel="#support", text="hi"))["channel"] == seed.SUPPORT
        gone = client.chat_postMessage(channel=seed.DEACTIVATED, text="hi")
        assert await refusal(gone) == "channel_not_found"
        slack.say(seed.AKI, direct["channel"], "hello back")
        assert [m["text"] for m in slack.messages(direct["channel"])] == ["hello", "hello back"]


async def test_a_permalink_names_channel_message_and_thread() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        reply = slack.say(seed.AKI, seed.SUPPORT, "note", thread_ts=posted["ts"])
        link = await client.chat_getPermalink(channel=seed.SUPPORT, message_ts=reply["ts"])
        assert link["permalink"].startswith(f"{slack.base_url}/archives/{seed.SUPPORT}/p")
        assert f"thread_ts={posted['ts']}" in link["permalink"]


@pytest.mark.parametrize(
    ("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xoxp-U0GONE", "account_inactive")]
)
async def test_who_shows_no_good_token_is_refused(token: str, error: str) -> None:
    async with slack_and_client() as (slack, _), aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with session.post(f"{slack.api_url}auth.test", headers=headers) as response:
            assert (await response.json())["error"] == error


async def test_a_missing_scope_is_named() -> None:
    settings = AppSettings(scopes=ALL_SCOPES - {"chat:write"})
    async with slack_and_client(settings) as (_, client):
        response = await refused(client.chat_postMessage(channel=seed.SUPPORT, text="x"))
        assert (response["error"], response["needed"]) == ("missing_scope", "chat:write")
        assert "channels:read" in response["provided"]


async def test_tokens_of_the_wrong_kind_and_unknown_methods_are_refused() -> None:
    async with slack_and_client() as (slack, client):
        app_client = client_for(slack, slack.platform.app.app_token)
        assert await refusal(app_client.chat_postMessage(channel=seed.SUPPORT, text="x")) == "not_allowed_token_type"
        assert await refusal(client.apps_connections_open(app_token="xoxb-sandbox")) == "not_allowed_token_type"
        assert await refusal(client.api_call("chat.sing")) == "unknown_method"


async def test_arguments_come_as_query_form_or_json() -> None:
    async with slack_and_client() as (slack, _), aiohttp.ClientSession() as session:
        url, headers = f"{slack.api_url}chat.postMessage", {"Authorization": "Bearer xoxb-sandbox"}
        args = {"channel": seed.SUPPORT, "text": "x", "blocks": json.dumps(ticket_card())}
        for how in ({"params": args}, {"data": args}, {"json": {**args, "blocks": ticket_card()}}):
            async with session.post(url, headers=headers, **how) as response:
                assert (await response.json())["ok"]
        async with session.get(url, params={**args, "token": "xoxb-sandbox"}) as response:
            assert (await response.json())["ok"]
        async with session.post(url, headers={**headers, "Content-Type": "application/json"}, data="{") as response:
            assert (await response.json())["error"] == "invalid_json"
        assert len(slack.messages(seed.SUPPORT)) == 4
        assert all("token" not in call["args"] for call in slack.journal.calls())


async def test_auth_test_says_who_the_bot_is_and_what_it_may() -> None:
    async with slack_and_client() as (slack, client):
        answer = await client.auth_test()
        assert (answer["user_id"], answer["bot_id"]) == (seed.BOT_USER, seed.BOT_ID)
        assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
        assert (await client.bots_info(bot=seed.BOT_ID))["bot"]["app_id"] == slack.platform.app.app_id
        assert (await client.team_info())["team"]["id"] == seed.TEAM_ID
