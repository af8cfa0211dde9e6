"""Cards, entries and files are posted once, found again after a crash, and never shown to strangers."""

import time
from datetime import timedelta
from typing import Any

import pytest

from bot.cards.model import Entry, Plain, Quote
from bot.sandbox.slack import seed
from bot.slack.files import marked_name
from bot.slack.limits import METHODS
from bot.slack.workspace import Finding, SlackWorkspace
from bot.surface import File, Surface, Who
from routing.errors import Gone, NeedsAttention, Rejected, RoomGone, TryLater, Unclear
from tests.slack.judges import texts
from tests.slack.samples import card, entry
from tests.slack.side import LOUNGE, OLD, PARTNERS, SUPPORT, Running, running

INVOICE = File("請求書 2026.pdf", "application/pdf", b"%PDF-1.7 an invoice")


class Ticking:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def posted(one: Running, key: str = "card") -> str:
    return await one.side.surface.post_card(SUPPORT, card(), key=key)


async def test_a_card_is_posted_edited_and_deleted() -> None:
    async with running() as one:
        surface: Surface = one.side.surface
        reference = await posted(one)
        message = one.slack.message("#support", reference)
        assert message["text"].startswith("#1042 Mika")
        assert message["blocks"][0]["type"] == "header"
        await surface.edit_card(SUPPORT, reference, card("I would like a refund", version=8), key="card")
        assert "I would like a refund" in list(texts(one.slack.message("#support", reference)["blocks"]))
        below = await surface.post_entry(SUPPORT, reference, entry(), key="1")
        await surface.edit_entry(SUPPORT, below, Entry("masked", lines=((Plain("taken back"),),)), key="1")
        assert [one["text"] for one in one.slack.thread("#support", reference)][1] == "masked"
        await surface.delete_entry(SUPPORT, below)
        await surface.delete_entry(SUPPORT, below)
        assert len(one.slack.thread("#support", reference)) == 1


async def test_a_post_never_unfurls_links_or_names() -> None:
    async with running() as one:
        reference = await posted(one)
        await one.side.surface.post_entry(SUPPORT, reference, entry("https://evil.example @channel"), key="1")
        for call in one.slack.journal.calls("chat.postMessage"):
            sent = call["arguments"] if "arguments" in call else call["args"]
            assert str(sent["unfurl_links"]).lower() in ("false", "0")
            assert str(sent["link_names"]).lower() in ("false", "0")
            assert sent["parse"] == "none"


async def test_a_lost_answer_is_unclear_and_the_post_is_found_again() -> None:
    async with running() as one:
        since = time.time()
        one.slack.lose("chat.postMessage")
        with pytest.raises(Unclear):
            await posted(one, key="ticket 42 card")
        found = await one.side.surface.find(SUPPORT, "", key="ticket 42 card", since=since)
        assert found == one.slack.messages("#support")[-1]["ts"]
        one.slack.lose("chat.postMessage")
        with pytest.raises(Unclear):
            await one.side.surface.post_entry(SUPPORT, str(found), entry(), key="ticket 42 seq 1")
        below = await one.side.surface.find(SUPPORT, str(found), key="ticket 42 seq 1", since=since)
        assert below == one.slack.thread("#support", str(found))[-1]["ts"]
        assert await one.side.surface.find(SUPPORT, str(found), key="ticket 42 seq 2", since=since) is None


async def test_a_card_among_hundreds_of_messages_is_found_page_by_page() -> None:
    async with running() as one:
        reference = await posted(one, key="the one")
        for number in range(450):
            one.slack.say(seed.AKI, "#support", f"message {number}")
        assert await one.side.surface.find(SUPPORT, "", key="the one", since=time.time()) == reference


async def test_metadata_that_somebody_else_wrote_is_not_taken_for_ours() -> None:
    async with running() as one:
        said = one.slack.say(seed.AKI, "#support", "look")
        message = one.slack.channel("#support").messages[said["ts"]]
        message["metadata"] = {"event_type": "madoguchi_posting", "event_payload": {"key": "card"}}
        assert await one.side.surface.find(SUPPORT, "", key="card", since=time.time()) is None


async def test_a_file_is_shown_in_the_thread_and_found_again_after_a_lost_answer() -> None:
    async with running() as one:
        reference = await posted(one)
        file = await one.side.surface.post_file(SUPPORT, reference, INVOICE, key="file 1")
        shown = one.slack.thread("#support", reference)[-1]["files"][0]
        assert (shown["id"], shown["title"]) == (file, "請求書 2026.pdf")
        one.slack.lose("files.completeUploadExternal")
        with pytest.raises(Unclear):
            await one.side.surface.post_file(SUPPORT, reference, INVOICE, key="file 2")
        again = await one.side.surface.find(SUPPORT, reference, key="file 2", since=time.time())
        assert again == one.slack.thread("#support", reference)[-1]["files"][0]["id"]
        assert again != file
        await one.side.surface.delete_entry(SUPPORT, file)
        await one.side.surface.delete_entry(SUPPORT, file)


@pytest.mark.parametrize("method", ["files.getUploadURLExternal"])
async def test_a_file_that_was_surely_not_shown_may_be_sent_again(method: str) -> None:
    async with running() as one:
        reference = await posted(one)
        one.slack.fail(method)
        with pytest.raises(TryLater):
            await one.side.surface.post_file(SUPPORT, reference, INVOICE, key="file 1")
        assert len(one.slack.thread("#support", reference)) == 1


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.pdf", ".pdf"),
        ("noending", ""),
        (".hidden", ".hidden"),
        ("x" * 500 + ".tar.gz", ".gz"),
        ("../../e\u202etc", ""),
    ],
)
def test_a_files_mark_leaves_its_ending_and_no_path(name: str, ending: str) -> None:
    marked = marked_name(name, "key")
    assert marked.endswith(ending)
    assert "/" not in marked
    assert len(marked) < 160
    assert marked == marked_name(name, "key") != marked_name(name, "another")


async def test_a_file_that_the_team_wrote_is_fetched() -> None:
    async with running() as one:
        reference = await posted(one)
        file = one.slack.file(seed.AKI, "menu.txt", b"latte 500")
        one.slack.say(seed.AKI, "#support", "see here", thread_ts=reference, files=[file])
        fetched = await one.side.surface.file(seed.TEAM_ID, file.id)
        assert (fetched.name, fetched.content) == ("menu.txt", b"latte 500")
        with pytest.raises(Gone):
            await one.side.surface.file(seed.TEAM_ID, "F0NOTTHERE")


async def test_our_token_goes_to_slack_alone() -> None:
    async with running() as one:
        file = one.slack.file(seed.AKI, "menu.txt", b"latte 500")
        file.shown["url_private_download"] = "https://files.slack.com.evil.example/x"
        with pytest.raises(Rejected, match="outside Slack"):
            await one.side.surface.file(seed.TEAM_ID, file.id)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("channel_not_found", RoomGone),
        ("is_archived", RoomGone),
        ("not_in_channel", RoomGone),
        ("thread_not_found", Gone),
        ("invalid_auth", NeedsAttention),
        ("token_revoked", NeedsAttention),
        ("account_inactive", NeedsAttention),
        ("missing_scope", NeedsAttention),
        ("invalid_blocks", Rejected),
        ("msg_too_long", Rejected),
        ("some_new_code", Rejected),
        ("internal_error", Unclear),
        ("fatal_error", Unclear),
        ("service_unavailable", TryLater),
        ("ratelimited", TryLater),
    ],
)
async def test_a_refusal_of_slacks_says_what_to_do_about_it(code: str, error: type[Exception]) -> None:
    async with running() as one:
        one.slack.answer_error("chat.postMessage", code)
        with pytest.raises(error) as caught:
            await posted(one)
        assert type(caught.value) is error


async def test_an_edit_that_may_have_failed_is_simply_done_again() -> None:
    async with running() as one:
        reference = await posted(one)
        one.slack.fail("chat.update")
        one.slack.lose("chat.update")
        for _ in range(2):
            with pytest.raises(TryLater):
                await one.side.surface.edit_card(SUPPORT, reference, card(), key="card")
        await one.side.surface.edit_card(SUPPORT, reference, card(), key="card")


async def test_a_deleted_card_is_gone_when_it_is_edited() -> None:
    async with running() as one:
        reference = await posted(one)
        await one.side.surface.delete_entry(SUPPORT, reference)
        with pytest.raises(Gone) as caught:
            await one.side.surface.edit_card(SUPPORT, reference, card(), key="card")
        assert type(caught.value) is Gone


async def test_a_throttled_room_is_left_alone_as_long_as_slack_asked_and_no_other_waits() -> None:
    ticking = Ticking()
    async with running(monotonic=ticking) as one:
        one.slack.throttle("chat.postMessage", times=1, retry_after=30)
        with pytest.raises(TryLater) as caught:
            await posted(one)
        assert caught.value.after == timedelta(seconds=30)
        calls = len(one.slack.journal.calls("chat.postMessage"))
        ticking.now += 20
        with pytest.raises(TryLater) as caught:
            await posted(one)
        assert caught.value.after == timedelta(seconds=10)
        assert len(one.slack.journal.calls("chat.postMessage")) == calls
        await one.side.surface.tell(SUPPORT, "", Who("slack", seed.TEAM_ID, seed.AKI), entry())
        ticking.now += 11
        await posted(one)


async def test_our_own_pace_keeps_us_from_being_throttled() -> None:
    ticking = Ticking()
    async with running(monotonic=ticking) as one:
        reference = await posted(one)
        allowed = METHODS["chat.update"].allowance
        for _ in range(allowed):
            await one.side.surface.edit_card(SUPPORT, reference, card(), key="card")
        with pytest.raises(TryLater) as caught:
            await one.side.surface.edit_card(SUPPORT, reference, card(), key="card")
        assert len(one.slack.journal.calls("chat.update")) == allowed
        assert timedelta(seconds=1) < caught.value.after < timedelta(seconds=1.3)
        ticking.now += caught.value.after.total_seconds() + 0.01
        await one.side.surface.edit_card(SUPPORT, reference, card(), key="card")


async def test_nothing_is_shown_in_a_room_that_another_company_reads() -> None:
    async with running() as one:
        surface = one.side.surface
        with pytest.raises(NeedsAttention, match="shared with another company"):
            await surface.post_card(PARTNERS, card(), key="card")
        with pytest.raises(NeedsAttention):
            await surface.post_file(PARTNERS, "1.1", INVOICE, key="file")
        assert one.slack.messages("#partners") == []


async def test_a_room_that_comes_to_be_shared_gets_nothing_more() -> None:
    async with running() as one:
        reference = await posted(one)
        one.slack.channel("#support").is_ext_shared = True
        await one.event({"type": "channel_shared", "connected_team_id": "E1", "channel": seed.SUPPORT})
        with pytest.raises(NeedsAttention):
            await one.side.surface.post_entry(SUPPORT, reference, entry(), key="1")
        with pytest.raises(NeedsAttention):
            await one.side.surface.edit_card(SUPPORT, reference, card(), key="card")


async def test_whether_a_room_is_shared_is_looked_up_every_hour() -> None:
    ticking = Ticking()
    async with running(monotonic=ticking) as one:
        await posted(one)
        await posted(one)
        assert len(one.slack.journal.calls("conversations.info")) == 1
        ticking.now += 3601
        await posted(one)
        assert len(one.slack.journal.calls("conversations.info")) == 2


async def test_rooms_that_are_closed_to_us_are_gone() -> None:
    async with running() as one:
        for room in (LOUNGE, OLD):
            with pytest.raises(RoomGone):
                await one.side.surface.post_card(room, card(), key="card")


async def test_what_people_wrote_while_we_were_away_is_found() -> None:
    async with running() as one:
        reference = await posted(one)
        first = one.slack.say(seed.AKI, "#support", "first", thread_ts=reference)
        await one.side.surface.post_entry(SUPPORT, reference, entry(), key="1")
        file = one.slack.file(seed.BEN, "a.txt", b"x")
        second = one.slack.say(seed.BEN, "#support", f"second <@{seed.AKI}>", thread_ts=reference, files=[file])
        all_of_it = await one.side.surface.thread_since(SUPPORT, reference, "")
        assert [(who.user, message.reference) for who, message in all_of_it] == [
            (seed.AKI, first["ts"]),
            (seed.BEN, second["ts"]),
        ]
        since = await one.side.surface.thread_since(SUPPORT, reference, first["ts"])
        assert [(message.text.split("@")[0], message.files) for _, message in since] == [("second ", (file.id,))]


async def test_slack_out_of_reach_means_later() -> None:
    async with running() as one:
        for method in ("users.info", "conversations.info"):
            one.slack.fail(method)
        with pytest.raises(TryLater):
            await posted(one)
        with pytest.raises(TryLater):
            await one.side.surface.person(Who("slack", seed.TEAM_ID, seed.AKI))
        with pytest.raises(NeedsAttention, match="not configured"):
            await one.side.surface.person(Who("slack", "T0OTHER", seed.AKI))


async def test_a_refused_connection_means_that_nothing_was_posted() -> None:
    async with running() as one:
        await one.side.surface.rooms.check(one.side.workspaces[seed.TEAM_ID], seed.SUPPORT)
        one.side.workspaces[seed.TEAM_ID].web.client.base_url = "http://127.0.0.1:9/api/"
        with pytest.raises(TryLater):
            await posted(one)


async def test_a_probe_says_what_is_wrong_and_how_to_mend_it() -> None:
    async with running() as one:
        workspace = one.side.workspaces[seed.TEAM_ID]
        rooms = [seed.SUPPORT, seed.LOUNGE, seed.PARTNERS, seed.OLD, "C0NOWHERE"]
        findings = await workspace.probe(rooms)
        assert [finding.ok for finding in findings] == [True, True, False, False, False, False]
        assert "/invite" in findings[2].mend
        assert "another company" in findings[3].what
        assert "archived" in findings[4].what
        assert "not found" in findings[5].what


async def test_a_probe_names_a_wrong_token_and_a_token_of_another_workspace() -> None:
    async with running() as one:
        workspace = one.side.workspaces[seed.TEAM_ID]
        workspace.web.client.token = "xoxb-wrong"
        await one.idle()
        workspace.bot = None
        finding: Finding = (await workspace.probe())[0]
        assert not finding.ok
        assert "invalid_auth" in finding.what


def test_secrets_do_not_show_when_a_workspace_is_printed() -> None:
    shown: Any = SlackWorkspace("T1", "xoxb-secret", "signing-secret", "xapp-secret")
    assert "secret" not in repr(shown)


async def test_a_long_quotation_is_taken_by_slack() -> None:
    async with running() as one:
        reference = await posted(one)
        words = "とても長い文章です。" * 700
        await one.side.surface.post_entry(SUPPORT, reference, Entry("x", quote=Quote(words)), key="1")
