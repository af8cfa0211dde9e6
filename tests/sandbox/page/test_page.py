"""The page's own files: what they may load, and that both languages say everything."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application

import bot.sandbox.page.routes as page
import manifests
from bot.cards.parts import PRIORITY_ICONS
from bot.sandbox.customers.samples import SAMPLES
from bot.sandbox.page.routes import Form, PageConfig, page_routes

STATIC = Path(page.__file__).parent / "static"
SCRIPTS = {file: file.read_text("utf-8") for file in sorted((STATIC / "js").rglob("*.js"))}
WORDS = {language: json.loads((STATIC / "words" / f"{language}.json").read_text("utf-8")) for language in ("en", "ja")}


def test_both_languages_say_everything() -> None:
    assert WORDS["en"].keys() == WORDS["ja"].keys()
    for key, text in WORDS["en"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", WORDS["ja"][key])), key


def test_every_word_that_the_page_asks_for_is_there() -> None:
    asked = {key for text in SCRIPTS.values() for key in re.findall(r"\bt\(\"([\w.-]+)\"", text)}
    assert len(asked) > 100
    assert asked <= WORDS["en"].keys()


def test_the_guides_sample_customers_exist() -> None:
    assert {words["guide.sample"] for words in WORDS.values()} <= {sample.name for sample in SAMPLES}


def test_the_emoji_of_our_cards_are_known() -> None:
    drawn = SCRIPTS[STATIC / "js" / "emoji.js"].split("`")[1].split()[::2]
    channels = tomllib.loads((Path(manifests.__file__).parent / "connectors.toml").read_text("utf-8"))
    icons = set(_values(channels, "icon")) | set(PRIORITY_ICONS.values())
    assert icons
    assert icons <= set(drawn)


def _values(found: Any, key: str) -> Iterator[str]:
    if isinstance(found, list):
        for one in found:
            yield from _values(one, key)
    if isinstance(found, dict):
        for name, value in found.items():
            if name == key:
                yield str(value)
            yield from _values(value, key)


def test_text_is_never_inserted_as_html() -> None:
    for file, text in SCRIPTS.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            file
        )


def test_nothing_is_loaded_from_elsewhere() -> None:
    for file in STATIC.rglob("*"):
        if file.suffix in (".html", ".css", ".js"):
            addresses = set(re.findall(r"https?://[\w.-]+", file.read_text("utf-8")))
            assert addresses <= {"http://www.w3.org"}, file


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sandbox/static/js/app.js", 200),
        ("/sandbox/static/words/ja.json", 200),
        ("/sandbox/static/../routes.py", 404),
        ("/sandbox/static/%2e%2e/routes.py", 404),
        ("/sandbox/static/js", 404),
    ],
)
async def test_only_the_pages_parts_are_served(path: str, status: int) -> None:
    app = Application()
    app.add_routes(page_routes(PageConfig(first_user="U1")))
    async with TestClient(TestServer(app)) as client:
        assert (await client.get(path)).status == status


async def test_the_page_may_frame_the_contact_form_and_nothing_else() -> None:
    config = PageConfig(first_user="U1", forms=(Form("Contact", "http://127.0.0.1:8080/form/web"),))
    app = Application()
    app.add_routes(page_routes(config))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/")
        told = await (await client.get("/sandbox/config.json")).json()
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; frame-src 'self' http://127.0.0.1:8080;")
    assert "unsafe" not in policy
    assert told["forms"] == [{"name": "Contact", "url": "http://127.0.0.1:8080/form/web"}]
