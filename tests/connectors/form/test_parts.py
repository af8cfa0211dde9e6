"""The form's parts, looked at by themselves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.rates import neighbourhood
from connectors.text import clean, file_name, one_line
from connectors.web.form_checks import as_address
from connectors.web.form_config import FormConfig, in_language
from connectors.web.form_words import LANGUAGES, WORDS, say, size
from connectors.web.html import tag
from routing.rates import MOST_KEYS, LocalRates
from tests.connectors.kit import Clock


def test_every_sentence_stands_in_every_language_with_the_same_blanks() -> None:
    for key, sentences in WORDS.items():
        assert set(sentences) == set(LANGUAGES), key
        blanks = [sorted(part.partition("}")[0] for part in sentence.split("{")[1:]) for sentence in sentences.values()]
        assert all(one == blanks[0] for one in blanks), key


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("taro@example.com", "taro@example.com"),
        ("  Taro.Yamada+shop@Example.CO.JP ", "Taro.Yamada+shop@example.co.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "taro@example.com"),
        ("taro@日本語.jp", "taro@xn--wgv71a119e.jp"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("da.me..@docomo.ne.jp", "da.me..@docomo.ne.jp"),
        ("taro", None),
        ("@example.com", None),
        ("taro@", None),
        ("taro@localhost", None),
        ("taro@example..com", None),
        ("taro@-example.com", None),
        ("taro@127.0.0.1", None),
        ("taro@[127.0.0.1]", None),
        ("ta ro@example.com", None),
        ("taro@exa mple.com", None),
        ('"ta ro"@example.com', None),
        ("taro@example.com>", None),
        ("taro@example.com\nBcc: eve@evil.example", None),
        ("a@b.c,d@e.f", None),
        ("太郎@example.com", None),
        (f"{'a' * 65}@example.com", None),
        (f"a@{'b' * 300}.com", None),
        ("", None),
    ],
)
def test_addresses_are_taken_as_people_write_them_and_nothing_else(written: str, address: str | None) -> None:
    assert as_address(written) == address


@given(st.text(max_size=300))
def test_no_text_makes_the_address_stumble_or_smuggles_a_line(written: str) -> None:
    address = as_address(written)
    assert address is None or (address.isascii() and address.isprintable() and address.count("@") == 1)


@given(st.text())
def test_cleaned_text_can_be_kept_anywhere(text: str) -> None:
    kept = clean(text)
    assert "\0" not in kept
    assert "\r" not in kept
    kept.encode("utf-8")
    assert clean(kept) == kept
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\taro\\見積.xlsx", "見積.xlsx"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\x00b\nc.txt", "ab c.txt"),
        (".", "file"),
        ("..", "file"),
        ("/", "file"),
        ("", "file"),
        ("-rf", "-rf"),
        (f"{'x' * 300}.pdf", f"{'x' * 109}.pdf"),
        ("x" * 300, "x" * 120),
        (".htaccess", "htaccess"),
    ],
)
def test_file_names_lead_nowhere(given_name: str, kept: str) -> None:
    assert file_name(given_name, otherwise="file") == kept


@given(st.text())
def test_no_file_name_leads_anywhere(name: str) -> None:
    kept = file_name(name, otherwise="file")
    assert kept
    assert "/" not in kept
    assert "\\" not in kept
    assert kept not in (".", "..")
    assert len(kept) <= 120
    kept.encode("utf-8")


async def test_permissions_come_back_evenly() -> None:
    clock = Clock()
    rates = LocalRates(clock)

    async def take() -> timedelta:
        return await rates.take("key", allowance=2, per=timedelta(minutes=10))

    assert [await take() for _ in range(3)] == [timedelta(0), timedelta(0), timedelta(minutes=5)]
    clock.pass_by(timedelta(minutes=4))
    assert await take() == timedelta(minutes=1)
    clock.pass_by(timedelta(minutes=1))
    assert [await take() for _ in range(2)] == [timedelta(0), timedelta(minutes=5)]
    clock.pass_by(timedelta(days=1))
    assert [await take() for _ in range(3)] == [timedelta(0), timedelta(0), timedelta(minutes=5)]


async def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    clock = Clock()
    rates = LocalRates(clock)
    await rates.take("key", allowance=1, per=timedelta(minutes=10))
    clock.pass_by(timedelta(hours=-1))
    assert await rates.take("key", allowance=1, per=timedelta(minutes=10)) == timedelta(minutes=10)


async def test_keys_do_not_pile_up() -> None:
    rates = LocalRates(Clock())
    for number in range(MOST_KEYS + 5):
        await rates.take(str(number), allowance=1, per=timedelta(minutes=10))
    assert len(rates._buckets) == MOST_KEYS


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix socket", "unix socket"),
    ],
)
def test_an_ipv6_network_counts_as_one(remote: str, counted: str) -> None:
    assert neighbourhood(remote) == counted


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size(one) for one in (0, 999, 1024, 1536, 10 * 1024 * 1024, 3 << 30)] == [
        "0 B",
        "999 B",
        "1 KB",
        "1.5 KB",
        "10 MB",
        "3 GB",
    ]


def test_words_of_the_company_come_in_the_readers_language_or_in_any() -> None:
    assert in_language({"en": "Hello", "ja": "こんにちは"}, "ja") == "こんにちは"
    assert in_language({"en": "Hello"}, "ja") == "Hello"
    assert in_language("Hello", "ja") == "Hello"


@given(st.text(), st.text())
def test_no_value_becomes_markup(value: str, child: str) -> None:
    made = tag("p", child, title=value)
    assert made.count("<") == 2
    assert made.count(">") == 2
    assert made.count('"') in (0, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"answer_from": ""},
        {"accent": "red; } body { display: none"},
        {"allowed_origins": ["https://a.example/path"]},
        {"allowed_origins": ["*"]},
        {"allowed_origins": ["https://a.example; script-src *"]},
        {"privacy_url": "javascript:alert(1)"},
        {"fields": [{"name": "email", "label": "x"}]},
        {"fields": [{"name": "Bad Name", "label": "x"}]},
        {"fields": [{"name": "a", "label": "x"}, {"name": "a", "label": "y"}]},
        {"fields": [{"name": "a", "label": "x", "kind": "select"}]},
        {"files": -1},
    ],
)
def test_a_configuration_that_cannot_work_is_refused(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FormConfig.model_validate({"answer_from": "support", "company": "Acme", **wrong})


def test_blanks_are_filled_and_nothing_in_them_is_read_as_a_blank() -> None:
    assert say("thanks_body", "en", company="{company}") == "Your message has reached {company}."
