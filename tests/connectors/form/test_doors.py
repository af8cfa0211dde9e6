"""What people send through the contact form is kept once, and whatever is wrong is said kindly and loses nothing."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Connection
from connectors.http import client_session
from connectors.web.form import FormConnection
from connectors.web.form_config import FormConfig
from connectors.web.form_doors import form_routes
from routing.ids import AccountId
from routing.messages import Received
from routing.rates import LocalRates
from tests.connectors.form.test_contract import ACCOUNT
from tests.connectors.kit import UNABLE, Book, Clock, Shelf, delivered, serving, tools

PAGE = f"/form/{ACCOUNT}"
SITE = "https://www.acme.example"
TARO: Mapping[str, str] = {
    "name": "山田 太郎",
    "email": "taro@example.com",
    "subject": "予約について",
    "message": "予約の変更はできますか？\r\n人数は3名です。",
}
HOUSE: Mapping[str, Any] = {
    "answer_from": "support",
    "company": "アクメ",
    "allowed_origins": [SITE],
    "files": 2,
    "file_bytes": 1000,
    "total_bytes": 1500,
    "fields": [
        {"name": "phone", "label": {"en": "Phone", "ja": "電話番号"}, "kind": "tel", "longest": 20},
        {"name": "topic", "label": "Topic", "kind": "select", "options": ["order", "return"]},
        {"name": "news", "label": "News", "kind": "checkbox"},
    ],
}


@dataclass
class Front:
    """The form as it stands on the network."""

    client: aiohttp.ClientSession
    connection: FormConnection
    book: Book
    shelf: Shelf
    clock: Clock

    async def token(self) -> str:
        """A token from the page, old enough to be a person's."""
        async with self.client.get(PAGE) as response:
            found = re.search(r'name="token" value="([^"]+)"', await response.text())
        assert found is not None
        self.clock.pass_by(timedelta(seconds=5))
        return found[1]

    async def fill_in(self, *files: tuple[str, bytes], **changes: str) -> tuple[int, str]:
        """The page, filled in and sent as a browser does."""
        values = {"token": await self.token(), "website": "", **TARO, **changes}
        return await self.send(values, *files)

    async def send(
        self, values: Mapping[str, str], *files: tuple[str, bytes], headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in values.items():
            form.add_field(name, value)
        for name, content in files:
            form.add_field("files", content, filename=name, content_type="application/octet-stream")
        headers = {"Accept": "text/html", "Accept-Language": "ja", **(headers or {})}
        async with self.client.post(PAGE, data=form, headers=headers) as response:
            return response.status, await response.text()

    async def post(self, told: Any, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
        async with self.client.post(PAGE, json=told, headers={"Accept-Language": "en", **headers}) as response:
            return response.status, await response.json(), response.headers

    def read(self, place: int = -1) -> Received:
        """What the desk will be given of a kept delivery."""
        kept = self.book.kept[place]
        [item] = self.connection.read(delivered(kept.body, account=kept.account))
        assert isinstance(item, Received)
        return item


@asynccontextmanager
async def form(**config: Any) -> AsyncIterator[Front]:
    clock, book, shelf = Clock(), Book(), Shelf()
    async with client_session(allow_loopback=True) as http:
        given_tools = tools(http, clock=clock, blobs=shelf)
        connection = FormConnection(ACCOUNT, FormConfig.model_validate({**HOUSE, **config}), given_tools)
        accounts: dict[AccountId, Connection] = {ACCOUNT: connection}
        async with serving(form_routes(accounts, book, LocalRates(clock), patience=0.5)) as client:
            yield Front(client, connection, book, shelf, clock)


async def test_a_message_is_kept_and_its_writer_is_told_what_happens_next() -> None:
    async with form() as front:
        status, page = await front.fill_in(phone="090-1234-5678", topic="return", news="yes")
        assert status == 200
        assert "taro@example.com 宛てにメールでお返事します" in page
        item = front.read()
        assert (item.sender.scope, item.sender.address, item.sender.name) == ("email", "taro@example.com", "山田 太郎")
        assert item.text == (
            "予約の変更はできますか？\n人数は3名です。\n\n電話番号: 090-1234-5678\nTopic: return\nNews: はい"
        )
        assert (item.subject, item.language, item.channel) == ("予約について", "ja", "form")
        assert item.external_id == front.book.kept[0].provider_id


async def test_a_form_sent_twice_is_one_message() -> None:
    async with form() as front:
        values = {**TARO, "token": await front.token()}
        answers = await asyncio.gather(*(front.send(values) for _ in range(5)))
        assert [status for status, _ in answers] == [200] * 5
        assert len(front.book.kept) == 1


async def test_other_words_under_the_same_page_are_another_message_of_the_same_conversation() -> None:
    async with form() as front:
        token = await front.token()
        for message in ("first", "and something else"):
            assert (await front.send({**TARO, "token": token, "message": message}))[0] == 200
        first, second = front.read(0), front.read(1)
        assert first.external_id != second.external_id
        assert first.thread.key == second.thread.key


async def test_a_mended_address_begins_another_conversation() -> None:
    async with form() as front:
        token = await front.token()
        for email in ("tarou@example.com", "taro@example.com"):
            assert (await front.send({**TARO, "token": token, "email": email}))[0] == 200
        assert front.read(0).thread.key != front.read(1).thread.key


async def test_two_pages_are_two_conversations() -> None:
    async with form() as front:
        await front.fill_in()
        await front.fill_in()
        assert front.read(0).thread.key != front.read(1).thread.key


async def test_files_are_stored_before_the_delivery_that_names_them() -> None:
    async with form() as front:
        status, _ = await front.fill_in(("../写真.jpg", b"x" * 900), ("", b""), ("b.pdf", b"y" * 600))
        assert status == 200
        names = [(one.name, one.media_type, one.size) for one in front.read().attachments]
        assert names == [("写真.jpg", "image/jpeg", 900), ("b.pdf", "application/pdf", 600)]
        assert [front.shelf.kept[one.blob] for one in front.read().attachments] == [b"x" * 900, b"y" * 600]


async def test_when_nothing_can_be_kept_the_words_stay_in_the_form() -> None:
    async with form() as front:
        for fault in (UNABLE, RuntimeError("bug")):
            front.book.fault = fault
            status, page = await front.fill_in(message="<大切な> 長い話")
            assert status == 503
            assert html.escape("<大切な> 長い話") in page
            assert "Traceback" not in page
        front.book.fault = None
        assert (await front.fill_in())[0] == 200


@pytest.mark.parametrize(
    ("changes", "wrong", "said"),
    [
        ({"name": " "}, "name", "入力してください"),
        ({"name": "あ" * 201}, "name", "200文字以内"),
        ({"email": ""}, "email", "入力してください"),
        ({"email": "taro@example"}, "email", "形式をご確認"),
        ({"email": "taro@example.com\r\nBcc: eve@evil.example"}, "email", "形式をご確認"),
        ({"email": "a@b.c, d@e.f"}, "email", "形式をご確認"),
        ({"email": "Support@Acme.example"}, "email", "当方のアドレス"),
        ({"subject": "x" * 201}, "subject", "200文字以内"),
        ({"message": "\n \n"}, "message", "入力してください"),
        ({"message": "字" * 10_001}, "message", "10000文字以内"),
        ({"phone": "0" * 21}, "phone", "20文字以内"),
        ({"topic": "theft"}, "topic", "選択肢から"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    changes: Mapping[str, str], wrong: str, said: str
) -> None:
    async with form() as front:
        status, page = await front.fill_in(**{"news": "yes", **changes})
        assert status == 422
        fault = re.search(rf'id="{wrong}-fault" class="fault">([^<]*)<', page)
        assert fault is not None
        assert said in fault[1]
        assert page.count('class="fault"') == 1
        assert 'role="alert"' in page
        assert re.search(rf'id="{wrong}"[^>]*aria-describedby="[^"]*{wrong}-fault"[^>]*aria-invalid="true"', page)
        kept = {**TARO, **changes}
        assert all(html.escape(kept[name].strip().split("\r\n")[0]) in page for name in TARO)
        assert re.search(r'id="news"[^>]* checked', page) or re.search(r' checked[^>]*id="news"', page)
        assert front.book.kept == []
        assert front.shelf.kept == {}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("a", b"1"), ("b", b"2"), ("c", b"3")], "ファイルは2個まで"),
        ([("大きい.bin", b"x" * 1001)], "「大きい.bin」は1000 Bを超えています"),
        ([("a", b"x" * 800), ("b", b"x" * 701)], "合計が1.5 KBを超えています"),
        ([("a.bin", b"x" * 3000)], "「a.bin」は"),
    ],
)
async def test_too_many_or_too_large_files_are_refused_beside_the_field(files: list[Any], said: str) -> None:
    async with form() as front:
        status, page = await front.fill_in(*files)
        assert status == 422
        assert said in page
        assert html.escape(TARO["subject"]) in page
        assert front.book.kept == []
        assert front.shelf.kept == {}


async def test_a_form_without_files_takes_none() -> None:
    async with form(files=0) as front:
        status, page = await front.fill_in(("a.txt", b"1"))
        assert status == 422
        assert 'type="file"' not in page
        assert (await front.fill_in())[0] == 200


async def test_chosen_files_must_be_chosen_again_and_the_page_says_so() -> None:
    async with form() as front:
        _, page = await front.fill_in(("a.txt", b"1"), name="")
        assert "もう一度お選びください" in page


@pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "application/json"])
async def test_much_too_much_is_not_read_to_its_end(media_type: str) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 65_536

    headers = {"Content-Type": media_type}
    async with form() as front:
        for body in (b"x" * 1_060_000, in_pieces()):
            async with front.client.post(PAGE, data=body, headers=headers) as response:
                assert response.status == 413


async def test_programs_that_fill_in_the_hidden_field_are_not_taken_and_people_lose_nothing() -> None:
    async with form() as front:
        status, page = await front.fill_in(website="https://spam.example")
        assert status == 422
        assert html.escape(TARO["subject"]) in page
        assert "spam.example" not in page
        assert front.book.kept == []


async def test_a_form_sent_faster_than_people_write_is_sent_once_more() -> None:
    async with form() as front:
        token = await front.token()
        front.clock.pass_by(timedelta(seconds=-4))
        status, page = await front.send({**TARO, "token": token})
        assert status == 422
        assert "早すぎた" in page
        assert token in page
        front.clock.pass_by(timedelta(seconds=1))
        assert (await front.send({**TARO, "token": token}))[0] == 200


async def test_a_page_that_was_open_for_a_day_can_still_be_sent() -> None:
    async with form() as front:
        token = await front.token()
        front.clock.pass_by(timedelta(hours=24))
        status, page = await front.send({**TARO, "token": token})
        assert status == 422
        fresh = re.search(r'name="token" value="([^"]+)"', page)
        assert fresh is not None
        assert fresh[1] != token
        front.clock.pass_by(timedelta(seconds=2))
        assert (await front.send({**TARO, "token": fresh[1]}))[0] == 200


@pytest.mark.parametrize("token", ["", "1.2.3", "x" * 6000, "é", "..", "9999999999999.abc.sig"])
async def test_a_token_that_is_not_ours_keeps_nothing(token: str) -> None:
    async with form() as front:
        assert (await front.send({**TARO, "token": token}))[0] == 422
        assert (await front.post({**TARO, "token": token}))[0] == 422
        assert front.book.kept == []


async def test_a_token_of_another_form_is_not_ours() -> None:
    async with form() as front:
        genuine = await front.token()
        stamp, _, _ = genuine.rpartition(".")
        other = front.connection.tools.signer.sign("form", f"another.{stamp}")
        assert (await front.send({**TARO, "token": f"{stamp}.{other}"}))[0] == 422


async def test_who_sends_too_often_waits_and_keeps_the_words() -> None:
    async with form(per_address=2) as front:
        for _ in range(2):
            assert (await front.fill_in())[0] == 200
        status, page = await front.fill_in(message="third")
        assert status == 429
        assert "third" in page
        assert "5分後" in page
        front.clock.pass_by(timedelta(minutes=5))
        assert (await front.fill_in(message="third"))[0] == 200


async def test_a_flood_is_not_even_read() -> None:
    async with form(per_address=1) as front:
        statuses = [(await front.send({"name": "x"}))[0] for _ in range(8)]
        assert statuses == [422] * 6 + [429] * 2


async def test_a_form_takes_only_so_many_from_all_addresses_together() -> None:
    async with form(per_form=1) as front:
        assert (await front.fill_in())[0] == 200
        assert (await front.fill_in(message="second"))[0] == 429


async def test_programs_post_json_with_a_token() -> None:
    async with form() as front:
        async with front.client.get(f"{PAGE}/token", headers={"Origin": SITE}) as response:
            token = (await response.json())["token"]
            assert response.headers["Access-Control-Allow-Origin"] == SITE
        front.clock.pass_by(timedelta(seconds=3))
        told = {**TARO, "token": token, "fields": {"phone": "0312345678", "news": True}}
        status, answer, headers = await front.post(told, Origin=SITE)
        assert (status, answer["ok"]) == (200, True)
        assert headers["Access-Control-Allow-Origin"] == SITE
        assert "Phone: 0312345678\nNews: Yes" in front.read().text
        status, answer, _ = await front.post({**told, "email": "nowhere"})
        assert (status, list(answer["errors"])) == (422, ["email"])


async def test_a_browser_may_ask_whether_another_site_may_post() -> None:
    async with form() as front:
        async with front.client.options(PAGE, headers={"Origin": SITE}) as response:
            assert response.status == 204
            assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
        for origin in ("https://evil.example", "https://www.acme.example.evil.example", "null"):
            async with front.client.options(PAGE, headers={"Origin": origin}) as response:
                assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_site_that_nobody_named_may_not_post() -> None:
    async with form() as front:
        token = await front.token()
        status, _, headers = await front.post({**TARO, "token": token}, Origin="https://evil.example")
        assert status == 403
        assert "Access-Control-Allow-Origin" not in headers
        assert (await front.send({**TARO, "token": token}, headers={"Origin": "https://evil.example"}))[0] == 403
        assert front.book.kept == []
        ours = {"Origin": "https://desk.example.com"}
        assert (await front.send({**TARO, "token": token}, headers=ours))[0] == 200


async def test_where_the_form_says_so_programs_need_no_token_and_name_their_posts_themselves() -> None:
    async with form(json_needs_token=False) as front:
        for _ in range(2):
            status, _, _ = await front.post(TARO, **{"Idempotency-Key": "6f1c-order_4711"})
            assert status == 200
        assert len(front.book.kept) == 1
        for _ in range(2):
            assert (await front.post(TARO))[0] == 200
        assert len(front.book.kept) == 3


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"name": {"first": "x"}}', "application/json", 400),
        (b'{"name": "\\ud800", "message": 10e999}', "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        (b"name=x", "text/plain", 415),
        (b"<x/>", "application/xml", 415),
        (b"", "multipart/form-data", 400),
        (b"no boundary", "multipart/form-data; boundary=x", 400),
        (b"--x\r\n", "multipart/form-data; boundary=x", 400),
        (
            b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--",
            "multipart/form-data; boundary=x",
            400,
        ),
        (b"&".join(b"a%d=1" % n for n in range(200)), "application/x-www-form-urlencoded", 400),
        (b"name=%E5%B1%B1&email=x&message=y", "application/x-www-form-urlencoded", 422),
    ],
)
async def test_what_is_no_form_is_refused_without_a_trace(
    body: bytes, media_type: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with form() as front, front.client.post(PAGE, data=body, headers={"Content-Type": media_type}) as response:
        assert response.status == status
        assert "Traceback" not in await response.text()
        assert "Traceback" not in caplog.text
        assert front.book.kept == []


async def test_a_compressed_form_and_a_slow_one_are_refused() -> None:
    async with form() as front:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        async with front.client.post(PAGE, data=b"\x1f\x8b", headers=headers) as response:
            assert response.status == 415

        async def slowly() -> AsyncIterator[bytes]:
            yield b'{"name": "'
            await asyncio.Event().wait()

        async with front.client.post(PAGE, data=slowly(), headers={"Content-Type": "application/json"}) as response:
            assert response.status == 408


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.binary(max_size=60), max_size=6),
    media_type=st.sampled_from(
        ["multipart/form-data; boundary=x", "application/json", "application/x-www-form-urlencoded"]
    ),
)
async def test_no_bytes_make_the_form_stumble(parts: list[bytes], media_type: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="name"' + b"\r\n--x".join(parts) + b"\r\n--x--\r\n"
    async with form() as front:
        for sent in (body, b"".join(parts)):
            async with front.client.post(PAGE, data=sent, headers={"Content-Type": media_type}) as response:
                assert response.status in (400, 413, 422)


async def test_whatever_is_written_never_becomes_markup() -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    async with form() as front:
        _, again = await front.fill_in(name=evil, subject=evil, message=f"</textarea>{evil}", email=evil, phone=evil)
        _, thanks = await front.fill_in((evil, b"x"), name=evil, subject=evil, message=f"</textarea>{evil}")
        for page in (again, thanks):
            assert page.count("<script") == 1
            assert "<img" not in page
            assert html.escape(evil) in page
        async with front.client.get(f'{PAGE}?lang="><script>&embed="><script>') as response:
            assert (await response.text()).count("<script") == 1


async def test_the_page_allows_no_script_but_its_own_and_no_frame_but_the_named_sites() -> None:
    async with form() as front:
        async with front.client.get(PAGE) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert f"frame-ancestors 'self' {SITE}" in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "no-store"
            page = await response.text()
        assert " on" not in re.sub(r">[^<]*<", "><", page)
        assert "style=" not in page
        for address in re.findall(r'(?:href|src)="(\./[^"]+)"', page):
            async with front.client.get(f"/form/{address[2:]}") as response:
                assert response.status == 200
                assert "immutable" in response.headers["Cache-Control"]


async def test_the_form_speaks_the_language_of_its_reader() -> None:
    async with form() as front:
        asked = {
            "ja-JP,ja;q=0.9,en;q=0.8": "ja",
            "en-GB,en;q=0.9": "en",
            "fr,en;q=0.5,ja;q=0.7": "ja",
            "fr": "en",
            "": "en",
            "ja;q=0": "en",
            "ja;q=x,,;": "en",
        }
        for accepted, language in asked.items():
            async with front.client.get(PAGE, headers={"Accept-Language": accepted}) as response:
                assert f'<html lang="{language}">' in await response.text(), accepted
        async with front.client.get(f"{PAGE}?lang=ja", headers={"Accept-Language": "en"}) as response:
            assert '<html lang="ja">' in await response.text()


async def test_where_there_is_no_form_the_answer_says_so() -> None:
    async with form() as front:
        for path in ("/form/nobody", "/form/nobody/token", "/form/nobody/embed.js"):
            async with front.client.get(path) as response:
                assert response.status == 404
        async with front.client.post("/form/nobody", data={"a": "b"}) as response:
            assert response.status == 404
        async with front.client.get(f"{PAGE}/../../etc/passwd") as response:
            assert response.status == 404
