"""The to-do list: what is done after a commit, named by topic and key."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Topic(StrEnum):
    """Everything a worker knows how to do. The key says for what."""

    INGEST = "ingest"  # a lane of the ledger: read its waiting deliveries
    SHOW = "show"  # a ticket: bring every room up to date
    WAKE = "wake"  # a snoozed ticket: take it up again when its time has come
    SEND = "send"  # a conversation: let its due replies leave
    GROUP = "group"  # a group reply: place its replies one by one, then tell what became of them
    FETCH = "fetch"  # an attachment: get its bytes from the provider
    PROFILE = "profile"  # an identity: learn its name from the provider
    ALERT = "alert"  # an alert: post it where managers see it
    LISTEN = "listen"  # an account: hold its long-lived source
    PULL = "pull"  # an account: find what its webhook missed
    FORGET = "forget"  # the blob store: let go of bytes that were taken back
    NOTIFY = "notify"  # an agent: tell them by name what happened
    BOARD = "board"  # a room: bring its board up to date, and its cards when it has come back
    HOME = "home"  # somebody's Home: draw it as it should be now
    MEMBERS = "members"  # a room: who reads it
    INDEX = "index"  # the search index: read again what changed
    CATCH_UP = "catch_up"  # a surface's workspace: pull thread messages missed in an outage


@dataclass(frozen=True, slots=True)
class Job:
    """A job as taken by a worker. `fence` grows with every taking: whoever holds an older one has lost the lease."""

    topic: Topic
    key: str
    asked: int
    attempts: int
    fence: int
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """Something managers must know, told once per `key`: whoever raises it puts the day into the key of what should be
    told again tomorrow."""

    key: str
    what: str
    values: dict[str, str]
