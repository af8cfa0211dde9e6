"""Reading channels, people and history by the Web API."""

from bot.sandbox.slack import AppSettings, HandClock, seed
from bot.sandbox.slack.settings import ALL_SCOPES
from tests.sandbox.slack.calls import refusal, slack_and_client


async def test_history_pages_from_the_newest_and_is_not_shifted_by_new_messages() -> None:
    async with slack_and_client() as (slack, client):
        for number in range(5):
            slack.say(seed.AKI, seed.SUPPORT, str(number))
        first = await client.conversations_history(channel=seed.SUPPORT, limit=2)
        slack.say(seed.AKI, seed.SUPPORT, "meanwhile")
        cursor = first["response_metadata"]["next_cursor"]
        second = await client.conversations_history(channel=seed.SUPPORT, limit=2, cursor=cursor)
        cursor = second["response_metadata"]["next_cursor"]
        third = await client.conversations_history(channel=seed.SUPPORT, limit=2, cursor=cursor)
        texts = [[message["text"] for message in page["messages"]] for page in (first, second, third)]
        assert texts == [["4", "3"], ["2", "1"], ["0"]]
        assert [page["has_more"] for page in (first, second, third)] == [True, True, False]


async def test_replies_page_from_the_oldest_with_the_parent_on_top() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        said = [slack.say(seed.AKI, seed.SUPPORT, str(n), thread_ts=posted["ts"]) for n in range(3)]
        first = await client.conversations_replies(channel=seed.SUPPORT, ts=posted["ts"], limit=2)
        second = await client.conversations_replies(
            channel=seed.SUPPORT, ts=posted["ts"], limit=2, cursor=first["response_metadata"]["next_cursor"]
        )
        assert [message["text"] for message in first["messages"]] == ["card", "0", "1"]
        assert [message["text"] for message in second["messages"]] == ["card", "2"]
        since = await client.conversations_replies(channel=seed.SUPPORT, ts=posted["ts"], oldest=said[1]["ts"])
        assert [message["text"] for message in since["messages"]] == ["card", "2"]
        inclusive = await client.conversations_replies(
            channel=seed.SUPPORT, ts=posted["ts"], oldest=said[1]["ts"], latest=said[1]["ts"], inclusive=True
        )
        assert [message["text"] for message in inclusive["messages"]] == ["card", "1"]


async def test_history_is_refused_where_the_bot_is_not() -> None:
    async with slack_and_client() as (_, client):
        assert await refusal(client.conversations_history(channel=seed.LOUNGE)) == "not_in_channel"
        assert await refusal(client.conversations_history(channel="C0NOWHERE")) == "channel_not_found"
        assert await refusal(client.conversations_replies(channel=seed.SUPPORT, ts="1.000000")) == "thread_not_found"
        assert await refusal(client.conversations_history(channel=seed.SUPPORT, cursor="??")) == "invalid_cursor"
        bad = client.conversations_history(channel=seed.SUPPORT, oldest="yesterday")
        assert await refusal(bad) == "invalid_ts_oldest"


async def test_channels_are_listed_by_kind_and_page_by_page() -> None:
    async with slack_and_client() as (slack, client):
        await client.conversations_open(users=seed.AKI)
        hidden = slack.add_channel("hidden", members=[seed.AKI], is_private=True)
        names: list[str] = []
        async for page in await client.conversations_list(types="public_channel,private_channel", limit=3):
            names += [channel["name"] for channel in page["channels"]]
        assert {"support", "managers", "partners", "old-support", "lounge"} <= set(names)
        assert hidden.name not in names
        alive = await client.conversations_list(exclude_archived=True)
        assert "old-support" not in {channel["name"] for channel in alive["channels"]}
        ims = await client.conversations_list(types="im")
        assert [channel["user"] for channel in ims["channels"]] == [seed.AKI]
        assert await refusal(client.conversations_list(types="club")) == "invalid_types"


async def test_a_channel_tells_what_a_desk_must_know_of_it() -> None:
    async with slack_and_client() as (_, client):
        partners = (await client.conversations_info(channel=seed.PARTNERS))["channel"]
        assert partners["is_ext_shared"]
        assert partners["is_member"]
        lounge = (await client.conversations_info(channel=seed.LOUNGE, include_num_members=True))["channel"]
        assert (lounge["is_member"], lounge["num_members"]) == (False, 3)
        members = await client.conversations_members(channel=seed.SUPPORT, limit=2)
        assert members["members"] == [seed.AKI, seed.BEN]
        assert members["response_metadata"]["next_cursor"]


async def test_people_of_every_standing_can_be_told_apart() -> None:
    async with slack_and_client() as (_, client):
        users = {user["id"]: user for user in (await client.users_list())["members"]}
        assert users[seed.GUEST]["is_restricted"]
        assert not users[seed.GUEST]["is_ultra_restricted"]
        assert users[seed.SINGLE_CHANNEL_GUEST]["is_ultra_restricted"]
        assert users[seed.STRANGER]["is_stranger"]
        assert users[seed.STRANGER]["team_id"] != seed.TEAM_ID
        assert users[seed.DEACTIVATED]["deleted"]
        assert users[seed.BOT_USER]["is_bot"]
        aki = (await client.users_info(user=seed.AKI, include_locale=True))["user"]
        assert aki["locale"] == "ja-JP"
        assert aki["profile"]["image_72"].startswith("http://127.0.0.1")
        assert await refusal(client.users_info(user="U0NOBODY")) == "user_not_found"
        assert (await client.users_profile_get(user=seed.BEN))["profile"]["real_name"] == "Ben Carter"


async def test_addresses_need_their_own_scope() -> None:
    async with slack_and_client() as (_, client):
        found = await client.users_lookupByEmail(email="AKI@sunrise-coffee.example")
        assert found["user"]["id"] == seed.AKI
        assert await refusal(client.users_lookupByEmail(email="nobody@x.example")) == "users_not_found"
    async with slack_and_client(AppSettings(scopes=ALL_SCOPES - {"users:read.email"})) as (_, client):
        assert "email" not in (await client.users_info(user=seed.AKI))["user"]["profile"]
        assert await refusal(client.users_lookupByEmail(email="aki@sunrise-coffee.example")) == "missing_scope"


async def test_rooms_are_made_joined_filled_and_named() -> None:
    async with slack_and_client() as (slack, client):
        made = (await client.conversations_create(name="refunds"))["channel"]
        assert made["is_member"]
        assert await refusal(client.conversations_create(name="refunds")) == "name_taken"
        assert await refusal(client.conversations_create(name="Big Room")) == "invalid_name_specials"
        await client.conversations_invite(channel=made["id"], users=f"{seed.AKI},{seed.BEN}")
        again = client.conversations_invite(channel=made["id"], users=seed.AKI)
        assert await refusal(again) == "already_in_channel"
        await client.conversations_setTopic(channel=made["id"], topic="Money back")
        assert (await client.conversations_info(channel=made["id"]))["channel"]["topic"]["value"] == "Money back"
        joined = await client.conversations_join(channel=seed.LOUNGE)
        assert joined["channel"]["is_member"]
        assert (await client.conversations_join(channel=seed.LOUNGE))["warning"] == "already_in_channel"
        assert slack.messages(seed.LOUNGE)[-1]["subtype"] == "channel_join"


async def test_reactions_and_pins_are_kept_on_the_message() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="queue")
        where = {"channel": seed.SUPPORT, "timestamp": posted["ts"]}
        await client.reactions_add(name="eyes", **where)
        assert await refusal(client.reactions_add(name="eyes", **where)) == "already_reacted"
        slack.react(seed.AKI, seed.SUPPORT, posted["ts"], "eyes")
        got = await client.reactions_get(**where)
        assert got["message"]["reactions"] == [{"name": "eyes", "users": [seed.BOT_USER, seed.AKI], "count": 2}]
        await client.reactions_remove(name="eyes", **where)
        assert await refusal(client.reactions_remove(name="eyes", **where)) == "no_reaction"
        await client.pins_add(**where)
        assert await refusal(client.pins_add(**where)) == "already_pinned"
        assert (await client.pins_list(channel=seed.SUPPORT))["items"][0]["message"]["ts"] == posted["ts"]
        await client.pins_remove(**where)
        assert await refusal(client.pins_remove(**where)) == "no_pin"
        assert await refusal(client.reactions_add(name="eyes", channel=seed.SUPPORT, timestamp="5")) == "bad_timestamp"
        assert (await client.usergroups_list())["usergroups"] == []


async def test_stamps_never_repeat_even_when_the_clock_stands_still() -> None:
    async with slack_and_client(clock=HandClock()) as (slack, _):
        stamps = [slack.say(seed.AKI, seed.SUPPORT, "x")["ts"] for _ in range(100)]
        assert len(set(stamps)) == 100
        assert stamps == sorted(stamps)
