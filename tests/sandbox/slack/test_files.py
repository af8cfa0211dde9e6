"""Uploading, sharing, reading and deleting files."""

import aiohttp

from bot.sandbox.slack import AppSettings, seed
from bot.sandbox.slack.settings import ALL_SCOPES
from tests.sandbox.slack.calls import refusal, slack_and_client


async def test_a_file_uploaded_by_the_sdk_stands_in_the_thread() -> None:
    async with slack_and_client() as (slack, client):
        posted = await client.chat_postMessage(channel=seed.SUPPORT, text="card")
        done = await client.files_upload_v2(
            channel=seed.SUPPORT,
            thread_ts=posted["ts"],
            initial_comment="from the customer",
            filename="レシート.png",
            title="Receipt",
            content=b"\x89PNG fake",
            alt_txt="a receipt",
        )
        assert done["files"][0]["title"] == "Receipt"
        assert "shares" not in done["files"][0]
        message = slack.thread(seed.SUPPORT, posted["ts"])[-1]
        assert message["text"] == "from the customer"
        assert message["bot_id"] == seed.BOT_ID
        (file,) = message["files"]
        assert (file["name"], file["mimetype"], file["filetype"]) == ("レシート.png", "image/png", "png")
        info = await client.files_info(file=file["id"])
        assert info["file"]["shares"]["public"][seed.SUPPORT][0]["ts"] == message["ts"]
        listed = await client.files_list(channel=seed.SUPPORT)
        assert [one["id"] for one in listed["files"]] == [file["id"]]


async def test_private_addresses_want_the_token() -> None:
    async with slack_and_client() as (slack, client), aiohttp.ClientSession() as session:
        said = slack.say(seed.AKI, seed.SUPPORT, "see", files=[slack.file(seed.AKI, "note.txt", b"hello")])
        address = said["files"][0]["url_private"]
        bearer = {"Authorization": f"Bearer {client.token}"}
        async with session.get(address, headers=bearer) as response:
            assert await response.read() == b"hello"
        async with session.get(said["files"][0]["url_private_download"], headers=bearer) as response:
            assert response.headers["Content-Disposition"] == "attachment"
        async with session.get(address) as response:
            assert response.content_type == "text/html"
            assert b"hello" not in await response.read()


async def test_an_upload_address_takes_the_announced_bytes_once() -> None:
    async with slack_and_client() as (slack, client), aiohttp.ClientSession() as session:
        announced = await client.files_getUploadURLExternal(filename="a.bin", length=4)
        unfinished = client.files_completeUploadExternal(files=[{"id": announced["file_id"], "title": "a"}])
        assert await refusal(unfinished) == "file_not_found"
        async with session.post(announced["upload_url"], data=b"12345") as response:
            assert response.status == 400
        form = aiohttp.FormData()
        form.add_field("file", b"1234", filename="a.bin")
        async with session.post(announced["upload_url"], data=form) as response:
            assert (response.status, await response.text()) == (200, "OK - 4")
        async with session.post(announced["upload_url"], data=b"1234") as response:
            assert response.status == 400
        assert await refusal(client.files_info(file=announced["file_id"])) == "file_not_found"
        await client.files_completeUploadExternal(files=[{"id": announced["file_id"], "title": "a"}])
        assert (await client.files_info(file=announced["file_id"]))["file"]["size"] == 4
        assert slack.journal.entries("upload")[-1]["status"] == 400


async def test_uploads_are_refused_as_slack_refuses() -> None:
    async with slack_and_client() as (_, client):
        ask = client.files_getUploadURLExternal
        assert await refusal(ask(filename="a", length=1, alt_txt="x" * 1001)) == "alt_txt_too_large"
        assert await refusal(client.files_info(file="F0NOTHING")) == "file_not_found"
        nothing = client.files_completeUploadExternal(files=[{"id": "F0NOTHING", "title": "x"}])
        assert await refusal(nothing) == "file_not_found"
    async with slack_and_client(AppSettings(scopes=ALL_SCOPES - {"files:write"})) as (_, client):
        assert await refusal(client.files_getUploadURLExternal(filename="a", length=1)) == "missing_scope"


async def test_a_file_cannot_be_shared_where_the_bot_is_not() -> None:
    async with slack_and_client() as (slack, client), aiohttp.ClientSession() as session:
        announced = await client.files_getUploadURLExternal(filename="a.bin", length=1)
        async with session.post(announced["upload_url"], data=b"1"):
            pass
        files = [{"id": announced["file_id"], "title": "a"}]
        share = client.files_completeUploadExternal
        assert await refusal(share(files=files, channel_id=seed.LOUNGE)) == "not_in_channel"
        assert await refusal(share(files=files, channel_id="C0NOWHERE")) == "channel_not_found"
        assert await refusal(client.files_info(file=announced["file_id"])) == "file_not_found"
        assert slack.messages(seed.LOUNGE) == []


async def test_a_deleted_file_leaves_a_tombstone_in_its_message() -> None:
    async with slack_and_client() as (slack, client):
        done = await client.files_upload_v2(channel=seed.SUPPORT, filename="a.txt", content="hello")
        file_id = done["files"][0]["id"]
        await client.files_delete(file=file_id)
        assert slack.messages(seed.SUPPORT)[-1]["files"] == [{"id": file_id, "mode": "tombstone"}]
        theirs = slack.file(seed.AKI, "b.txt", b"x")
        assert await refusal(client.files_delete(file=theirs.id)) == "cant_delete_file"
