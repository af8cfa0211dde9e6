"""Says what must stand in Slack after any number of kills: one card per ticket and room, and its thread in order."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from bot.sandbox.demo.plan import BILLING, JAPAN, MANAGERS, SUPPORT
from bot.sandbox.slack import seed
from routing.notices import NoticeState, Way
from tests.crash.crowd import marked
from tests.crash.evidence import Evidence, Finding, Kind, token_of
from tests.crash.memory import Rows
from tests.crash.truth import Post

_PLACES = {SUPPORT: seed.SUPPORT, JAPAN: seed.JAPAN, BILLING: seed.BILLING, MANAGERS: seed.MANAGERS}


def cards_and_threads(evidence: Evidence) -> Iterator[Finding]:
    posts: dict[str, list[Post]] = defaultdict(list)
    for post in evidence.truth.posts:
        posts[post.key].append(post)
    for key, ones in posts.items():
        if len(ones) > 1:
            yield Finding(Kind.DOUBLED, f"{key} was posted {len(ones)} times")
    tickets = {row["id"]: row for row in evidence.tables["tickets"]}
    messages: dict[str, Rows] = defaultdict(list)
    for row in evidence.tables["messages"]:
        if row["seq"] > 0:
            messages[row["ticket"]].append(row)
    yield from _one_card_each(evidence, posts)
    expected: set[str] = set()
    shown = {(row["posting"], row["subject"]) for row in evidence.tables["posted_entries"]}
    for posting in evidence.tables["postings"]:
        ticket = tickets[posting["ticket"]]
        said = sorted(messages[ticket["id"]], key=lambda row: int(row["seq"]))
        yield from _posting_is_up_to_date(posting, ticket, said)
        ours = [row for row in said if row["direction"] != "note"]
        yield from _thread(posting, ours, posts)
        expected |= {f"{posting['id']}:card", *(f"{posting['id']}:seq:{row['seq']}" for row in ours)}
        for row in said:
            if (posting["id"], row["id"]) not in shown:
                yield Finding(Kind.LOST, f"nobody knows where message {row['id']} stands in {posting['room']}")
    expected |= {panel["id"] for panel in evidence.tables["panels"] if panel["reference"]}
    expected |= {f"notice:{notice['parcel']}" for notice in evidence.tables["notices"] if notice["parcel"]}
    yield from _told(evidence, posts)
    for key in posts.keys() - expected:
        if not key.startswith("alert:"):
            yield Finding(Kind.BROKEN, f"{key!r} was posted, and nobody knows of it")


def _told(evidence: Evidence, posts: dict[str, list[Post]]) -> Iterator[Finding]:
    """What people were told by name stands in Slack (that it stands there once is looked at with all posts)."""
    for notice in evidence.tables["notices"]:
        if (
            notice["state"] == NoticeState.TOLD
            and notice["way"] != Way.MAIL
            and not posts[f"notice:{notice['parcel']}"]
        ):
            yield Finding(Kind.LOST, f"the notice {notice['id']} is said to be told, and stands nowhere")


def _one_card_each(evidence: Evidence, posts: dict[str, list[Post]]) -> Iterator[Finding]:
    cards: Counter[tuple[str, str]] = Counter()
    for posting in evidence.tables["postings"]:
        for card in posts[f"{posting['id']}:card"]:
            cards[(posting["ticket"], card.channel)] += 1
    for posting in evidence.tables["postings"]:
        count = cards[(posting["ticket"], _PLACES[posting["room"]])]
        if count != 1:
            kind = Kind.LOST if count == 0 else Kind.DOUBLED
            yield Finding(kind, f"ticket {posting['ticket']} has {count} cards in {posting['room']}")


def _posting_is_up_to_date(posting: dict[str, Any], ticket: dict[str, Any], said: Rows) -> Iterator[Finding]:
    number = ticket["number"]
    if [row["seq"] for row in said] != list(range(1, ticket["seq"] + 1)):
        yield Finding(Kind.DISORDER, f"ticket {number} has the places {[row['seq'] for row in said]}")
    if (posting["seq"], posting["card_version"]) != (ticket["seq"], ticket["version"]):
        shown = f"seq {posting['seq']} and version {posting['card_version']}"
        yield Finding(Kind.STUCK, f"{shown} are shown of ticket {number}: {ticket['seq']} and {ticket['version']}")
    if posting["step"]:
        yield Finding(Kind.STUCK, f"the posting of ticket {number} stands at {posting['step']!r}")


def _thread(posting: dict[str, Any], said: Rows, posts: dict[str, list[Post]]) -> Iterator[Finding]:
    """Every message once, under the card, in the ticket's order, with its own words. Notes stand there already: agents
    wrote them there."""
    stamps: list[float] = []
    for card in posts[f"{posting['id']}:card"][:1]:
        if card.ts != posting["reference"]:
            yield Finding(Kind.BROKEN, f"the card {card.ts} is remembered as {posting['reference']!r}")
    for row in said:
        entries = posts[f"{posting['id']}:seq:{row['seq']}"]
        if not entries:
            yield Finding(Kind.LOST, f"message {row['id']} is in no thread of {posting['room']}")
            continue
        entry = entries[0]
        stamps.append(float(entry.ts))
        if entry.thread != posting["reference"]:
            yield Finding(Kind.BROKEN, f"message {row['id']} stands below another card")
        if (token := token_of(row)) and marked(token) not in entry.shown:
            yield Finding(Kind.BROKEN, f"message {row['id']} is shown without its words {token}")
    if stamps != sorted(stamps):
        yield Finding(Kind.DISORDER, f"the thread of posting {posting['id']} is not in the ticket's order")
