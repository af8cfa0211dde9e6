"""What we declare to Slack is valid, asks for no more than we use, and names only what the desk can do."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.actions.dispatch import HANDLERS, WORDS
from bot.slack.door import PATH
from bot.slack.events import read_event
from bot.slack.workspace import SCOPES, Bot
from tests.slack.judges import SPECS

FOLDER = Path(__file__).parents[2] / "manifests" / "slack"
NAMES = ("manifest.yaml", "manifest.http.yaml")
# Slack hands over events only with the scope beside them; what needs none stands without.
EVENT_SCOPES = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "tokens_revoked": "",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_shared": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_unshared": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "user_change": "users:read",
}


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_manifest_is_one_that_slack_takes(name: str) -> None:
    path = SPECS / "manifest.schema.2.0.0.json"
    if not path.is_file():
        pytest.skip("Slack's manifest schema is not part of this repository")
    jsonschema.Draft7Validator(json.loads(path.read_text())).validate(manifest(name))


def test_the_two_ways_differ_only_in_how_slack_reaches_us() -> None:
    socket, http = (manifest(name) for name in NAMES)
    assert socket["settings"].pop("socket_mode_enabled") is True
    assert http["settings"].pop("socket_mode_enabled") is False
    for command in http["features"]["slash_commands"]:
        assert command.pop("url") == f"https://desk.example.com{PATH}"
    for part in ("event_subscriptions", "interactivity"):
        assert http["settings"][part].pop("request_url") == f"https://desk.example.com{PATH}"
    assert socket == http


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_for_exactly_the_permissions_we_explain_and_check(name: str) -> None:
    assert manifest(name)["oauth_config"]["scopes"] == {"bot": sorted(SCOPES)}
    text = (FOLDER / name).read_text()
    assert all(f"- {scope} # " in text for scope in SCOPES)


@pytest.mark.parametrize("name", NAMES)
def test_it_subscribes_to_events_that_we_read_and_may_have(name: str) -> None:
    events = manifest(name)["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) == set(EVENT_SCOPES)
    assert {scope for scope in EVENT_SCOPES.values() if scope} <= set(SCOPES)
    sample = {
        "channel": "C1",
        "user": "U0AKI",
        "text": "<@U0BOT> help",
        "tab": "home",
        "tokens": {"bot": ["U0BOT"]},
    }
    for event in events:
        if event.startswith("message.") or event == "user_change":
            continue
        assert read_event({"type": event, **sample}, Bot("U0BOT", "B1")) is not None, event


@pytest.mark.parametrize("name", NAMES)
def test_every_shortcut_and_command_it_declares_is_one_the_desk_answers(name: str) -> None:
    features = manifest(name)["features"]
    assert {shortcut["callback_id"] for shortcut in features["shortcuts"]} <= set(HANDLERS)
    hinted = [command["usage_hint"] for command in features["slash_commands"]]
    assert {word for hint in hinted for word in re.findall(r"\w+", hint)} <= set(WORDS.actions)
    # Without it Slack would hand over names, which anybody may bear, in the place of people.
    assert all(command["should_escape"] for command in features["slash_commands"])
