"""Mail servers are signed in to with access tokens: fetched, kept while they last, renewed when refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.http import client_session
from connectors.mail.config import MailConfig, OAuthSettings
from connectors.mail.oauth import TokenSource
from routing.errors import NeedsAttention, TryLater
from tests.connectors.kit import START, Clock, serving
from tests.connectors.mail.accounts import ADDRESS, mail_account, mail_letter, smtp_at
from tests.connectors.mail.letterbox import letterbox, make_certificate
from tests.connectors.mail.odd_imap import odd_imap
from tests.connectors.mail.test_mailbox import Places, Watched, box, listening, mail, stay


@dataclass
class Provider:
    """Gives tokens t1, t2, … that last an hour; `answer` is given instead."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    answer: tuple[int, Any] | None = None

    async def give(self, request: web.Request) -> web.Response:
        self.asked.append({name: str(value) for name, value in (await request.post()).items()})
        if self.answer is not None:
            status, body = self.answer
            return web.Response(status=status, body=body)
        return web.json_response({"access_token": f"t{len(self.asked)}", "expires_in": 3600, "token_type": "Bearer"})


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    one = Provider()
    async with serving([web.post("/token", one.give)]) as client:
        one.url = str(client._build_url("/token"))
        yield one


def oauth(one: Provider, **changes: Any) -> dict[str, Any]:
    return {"provider": "custom", "token_url": one.url, "client_id": "desk", "refresh_token": "refresh", **changes}


async def test_a_token_is_asked_for_once_while_it_lasts() -> None:
    clock = Clock()
    async with provider() as one, client_session(allow_loopback=True) as http:
        source = TokenSource(OAuthSettings.model_validate(oauth(one, client_secret="hush", scope="mail")), http, clock)
        assert await asyncio.gather(*(source.token() for _ in range(5))) == ["t1"] * 5
        clock.pass_by(timedelta(minutes=57))
        assert await source.token() == "t1"
        clock.pass_by(timedelta(minutes=2))
        assert await source.token() == "t2"
        source.forget()
        assert await source.token() == "t3"
    assert one.asked[0] == {
        "client_id": "desk",
        "client_secret": "hush",
        "grant_type": "refresh_token",
        "refresh_token": "refresh",
        "scope": "mail",
    }


async def test_an_application_may_have_access_of_its_own() -> None:
    async with provider() as one, client_session(allow_loopback=True) as http:
        settings = OAuthSettings.model_validate(oauth(one, client_secret="hush", refresh_token=None))
        assert await TokenSource(settings, http, Clock()).token() == "t1"
    assert one.asked == [{"client_id": "desk", "client_secret": "hush", "grant_type": "client_credentials"}]


@pytest.mark.parametrize(
    ("answer", "means", "said"),
    [
        ((400, b'{"error":"invalid_grant","error_description":"Token has been revoked."}'), NeedsAttention, "revoked"),
        ((401, b'{"error":"invalid_client"}'), NeedsAttention, "invalid_client"),
        ((200, b"not json"), NeedsAttention, "200"),
        ((200, b'{"access_token": 7}'), NeedsAttention, "200"),
        ((429, b""), TryLater, "429"),
        ((503, b"<html>"), TryLater, "503"),
        ((302, b""), NeedsAttention, "302"),
    ],
)
async def test_a_provider_that_gives_none_is_understood(
    answer: tuple[int, bytes], means: type[Exception], said: str
) -> None:
    async with provider() as one, client_session(allow_loopback=True) as http:
        one.answer = answer
        with pytest.raises(means, match=said):
            await TokenSource(OAuthSettings.model_validate(oauth(one)), http, Clock()).token()


async def test_a_provider_that_is_not_there_is_asked_later() -> None:
    async with provider() as one:
        settings = OAuthSettings.model_validate(oauth(one))
    async with client_session(allow_loopback=True) as http:
        with pytest.raises(TryLater):
            await TokenSource(settings, http, Clock()).token()


async def test_mail_is_sent_with_a_token_and_a_refused_one_is_renewed(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    users = {ADDRESS: "t2"}
    async with provider() as one, letterbox(tls=certificate.server_context(), users=users) as box_:
        smtp = smtp_at(box_.port, security="starttls", ca_file=str(certificate.file))
        async with mail_account(smtp=smtp, oauth=oauth(one)) as account:
            letter = mail_letter()
            await account.send(letter, account.prepare(letter, START))
            assert len(one.asked) == 2
            users[ADDRESS] = "another"
            with pytest.raises(NeedsAttention, match="sign-in"):
                await account.send(letter, account.prepare(letter, START))
    assert len(box_.posted) == 1


async def test_a_mailbox_is_read_with_a_token_and_a_refused_one_is_renewed_once() -> None:
    async with provider() as one, odd_imap({1: mail(1)}) as odd:
        odd.token = "t2"
        imap = box(odd.port, start="all", poll=0.05) | {"password": None}
        async with mail_account(imap=imap, oauth=oauth(one)) as account:
            book, places = Watched(), Places()
            with pytest.raises(TryLater, match="access token"):
                await account.listen(book, places, fence=1, alive=stay)
            async with listening(account, book, places):
                await book.has(1)
            odd.token = "none at all"
            with pytest.raises(TryLater, match="access token"):
                await account.listen(book, places, fence=1, alive=stay)
            with pytest.raises(NeedsAttention, match="sign-in"):
                await account.listen(book, places, fence=1, alive=stay)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"imap": {"host": "imap.example.com", "security": "none"}}, "tls or starttls"),
        ({"smtp": {"host": "smtp.example.com", "insecure": True}}, "ca_file"),
        ({"imap": {"host": "imap.example.com", "after": "move"}}, "move_to"),
        ({"imap": {"host": "imap.example.com", "colour": "red"}}, "colour"),
        ({"address": "nobody"}, "mail address"),
        ({"oauth": {"provider": "google", "client_id": "x"}}, "refresh_token"),
        ({"oauth": {"provider": "custom", "client_id": "x", "refresh_token": "y"}}, "token_url"),
        (
            {"oauth": {"provider": "custom", "client_id": "x", "refresh_token": "y", "token_url": "http://x.example/"}},
            "https",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_with_a_reason(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MailConfig.model_validate({"address": ADDRESS} | settings)


def test_every_setting_says_what_it_is_for() -> None:
    for name, one in MailConfig.model_fields.items():
        assert one.title, name


def test_secrets_are_not_shown() -> None:
    config = MailConfig.model_validate(
        {
            "address": ADDRESS,
            "imap": {"host": "imap.example.com", "password": "hush"},
            "oauth": {"provider": "google", "client_id": "x", "refresh_token": "hush", "client_secret": "hush"},
        }
    )
    assert "hush" not in repr(config) + str(config)
