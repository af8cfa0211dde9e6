"""Answers questions about connected accounts: who answers through whom, within which limits and window, and through
which one the team is written to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.cards.notices import MailWords
from bot.notifier import Mail
from connectors.contract import AnswersThrough, Connection, Profiles, Sends, Signs, StaffMail, WritesToStaff
from routing.agents import Agent
from routing.contacts import Conversation
from routing.ids import AccountId
from routing.policy import Look
from routing.replies import Limits, Window

UNKNOWN_LOOK = Look({"en": "Unknown channel", "ja": "不明なチャネル"}, "grey_question")
CLOSED = Window(open=False, note="This account is no longer configured.")


@dataclass(frozen=True, slots=True)
class ConnectedAccounts:
    """`titles`: what people call each account. `looks`: every declared channel. `channels`: the one each account's
    answers leave by."""

    connections: Mapping[AccountId, Connection]
    titles: Mapping[AccountId, str]
    looks: Mapping[str, Look]
    channels: Mapping[AccountId, str]

    def title(self, account: AccountId) -> str:
        return self.titles.get(account, account)

    def answering_channels(self) -> list[str]:
        """A form's answers, for example, go by mail."""
        return sorted({channel for one, channel in self.channels.items() if self.can_send(one)})

    def look_of(self, channel: str) -> Look:
        return self.looks.get(channel, UNKNOWN_LOOK)

    def answers_through(self, account: AccountId) -> AccountId:
        connection: object = self.connections.get(account)
        return connection.answers_through if isinstance(connection, AnswersThrough) else account

    def answering_channel(self, account: AccountId, channel: str) -> str:
        through = self.answers_through(account)
        return channel if through == account else self.channels.get(through, channel)

    def can_send(self, account: AccountId) -> bool:
        connection: object = self.connections.get(account)
        return isinstance(connection, Sends)

    def sending_on(self, channel: str) -> list[AccountId]:
        return [one for one, own in self.channels.items() if own == channel and self.can_send(one)]

    def limits(self, account: AccountId, channel: str) -> Limits:
        connection = self.connections.get(account)
        return Limits(0, "characters", len) if connection is None else connection.limits(channel)

    def window(self, account: AccountId, conversation: Conversation, now: datetime) -> Window:
        connection = self.connections.get(self.answers_through(account))
        return CLOSED if connection is None else connection.window(conversation, now)

    def sender_name(self, account: AccountId) -> str:
        connection = self.connections.get(account)
        return account if connection is None else connection.sender_name()

    def signature(self, account: AccountId) -> str:
        connection: object = self.connections.get(account)
        return connection.signature if isinstance(connection, Signs) else ""

    def knows_profiles(self, account: AccountId) -> bool:
        connection: object = self.connections.get(account)
        return isinstance(connection, Profiles)


def staff_mail(connections: Mapping[AccountId, Connection], account: AccountId | None) -> Mail | None:
    """How people of the team are written to through an account; None when none is named or it cannot."""
    writer: object = connections.get(account) if account is not None else None
    if not isinstance(writer, WritesToStaff):
        return None

    async def write(key: str, to: Agent, words: MailWords) -> None:
        await writer.write_to_staff(StaffMail(key, to.email, to.name, words.subject, words.text))

    return write
