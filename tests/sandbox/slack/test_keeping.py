"""A restarted stand-in shows the same workspace."""

from pathlib import Path

import aiohttp

from bot.sandbox.slack import HandClock, running_standin, seed
from tests.sandbox.slack.bolt_app import client_for
from tests.sandbox.slack.cards import ticket_card


async def test_rooms_talk_files_people_and_homes_outlive_a_restart(tmp_path: Path) -> None:
    metadata = {"event_type": "card", "event_payload": {"ticket": 1042}}
    async with running_standin(state=tmp_path) as slack:
        client = client_for(slack)
        posted = await client.chat_postMessage(
            channel=seed.SUPPORT, text="card", blocks=ticket_card(), metadata=metadata
        )
        note = slack.say(
            seed.AKI, seed.SUPPORT, "see", thread_ts=posted["ts"], files=[slack.file(seed.AKI, "a.txt", b"hello")]
        )
        await client.pins_add(channel=seed.SUPPORT, timestamp=posted["ts"])
        direct = (await client.chat_postMessage(channel=seed.BEN, text="psst"))["channel"]
        slack.rename(seed.BILLING, "money", seed.AKI)
        slack.change_user(seed.BEN, real_name="Benjamin Carter")
        await client.views_publish(user_id=seed.AKI, view={"type": "home", "blocks": [{"type": "divider"}]})
        before = slack.thread(seed.SUPPORT, posted["ts"])
    async with running_standin(state=tmp_path) as slack, aiohttp.ClientSession() as session:
        client = client_for(slack)
        history = await client.conversations_history(channel=seed.SUPPORT, include_all_metadata=True)
        assert history["messages"][0]["metadata"] == metadata
        assert history["messages"][0]["pinned_to"] == [seed.SUPPORT]
        assert [m["text"] for m in slack.thread(seed.SUPPORT, posted["ts"])] == [m["text"] for m in before]
        address = slack.message(seed.SUPPORT, note["ts"])["files"][0]["url_private"]
        assert address.startswith(slack.base_url)
        async with session.get(address, headers={"Authorization": f"Bearer {client.token}"}) as response:
            assert await response.read() == b"hello"
        assert (await client.conversations_open(users=seed.BEN))["channel"]["id"] == direct
        assert (await client.conversations_info(channel=seed.BILLING))["channel"]["name"] == "money"
        assert (await client.users_info(user=seed.BEN))["user"]["real_name"] == "Benjamin Carter"
        home = slack.home(seed.AKI)
        assert home is not None
        assert (await client.views_update(view_id=home.id, view={"type": "home", "blocks": [{"type": "divider"}]}))[
            "ok"
        ]
        again = await client.chat_postMessage(channel=seed.SUPPORT, text="later")
        assert again["ts"] > note["ts"]


async def test_changes_are_kept_soon_not_only_at_the_end(tmp_path: Path) -> None:
    clock = HandClock()
    async with running_standin(state=tmp_path, clock=clock) as slack:
        await clock.wait_for_sleepers(1)
        slack.say(seed.AKI, seed.LOUNGE, "do not forget me")
        assert "do not forget me" not in _kept(tmp_path)
        clock.advance(1)
        await clock.wait_for_sleepers(1)
        assert "do not forget me" in _kept(tmp_path)


def _kept(directory: Path) -> str:
    return (directory / "workspace.json").read_text()
