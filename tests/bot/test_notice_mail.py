"""Who chose mail is told by mail: once, and another way when it surely did not leave."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.accounts import staff_mail
from bot.cards.model import Form
from bot.cards.notices import MailWords
from bot.sandbox.slack import seed
from bot.surface import Action
from routing.agents import Agent, Role
from routing.errors import MadoguchiError, NeedsAttention, Rejected, TryLater, Unclear
from routing.ids import AccountId, AgentId, TicketId
from tests.bot.team import Team, team_policy, who, working_team
from tests.bot.test_notices import choose
from tests.connectors.mail.accounts import ACCOUNT, mail_account, smtp_at
from tests.connectors.mail.letterbox import letterbox
from tests.inner import MAIL, ORGANISATION


@dataclass
class Post:
    """Stands for the account that writes to the team."""

    taken: list[tuple[str, str, MailWords]] = field(default_factory=list)
    fault: MadoguchiError | None = None

    async def write(self, key: str, to: Agent, words: MailWords) -> None:
        self.taken.append((key, to.email, words))
        if self.fault is not None:
            raise self.fault


@pytest.fixture
async def team(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    policy = replace(team_policy(), notices_from=MAIL)
    async with working_team(database_url, tmp_path, policy=policy) as one:
        yield one


@pytest.fixture
def post(team: Team) -> Post:
    post = Post()
    team.notifier = replace(team.notifier, mail=post.write)
    return post


async def given(team: Team) -> None:
    await team.mail()
    await team.work_off()
    await choose(team, on_assigned="mail")
    await team.act("set_assignee", seed.BEN, who=seed.YUI)
    await team.work_off()


async def test_the_mail_says_what_happened_and_where(team: Team, post: Post) -> None:
    await given(team)
    await team.later(6)
    await team.later(120)
    [(_, address, words)] = post.taken
    assert address == "yui@sunrise-coffee.example"
    assert "#1" in words.subject
    assert "Ben Carter" in words.text
    assert f"/archives/{seed.SUPPORT}/p" in words.text
    assert "My parcel has not come." not in words.text, "a mail cannot be taken back, a customer's words can"
    assert team.directs(seed.YUI) == []


@pytest.mark.parametrize("fault", [TryLater("busy"), Rejected("no such user"), NeedsAttention("sign-in refused")])
async def test_what_cannot_leave_is_told_directly(team: Team, post: Post, fault: MadoguchiError) -> None:
    post.fault = fault
    await given(team)
    await team.later(6)
    await team.later(120)
    assert len(post.taken) == 1
    assert len(team.directs(seed.YUI)) == 1


async def test_what_may_have_left_is_not_sent_again(team: Team, post: Post) -> None:
    post.fault = Unclear("cut after DATA")
    await given(team)
    await team.later(6)
    await team.later(120)
    assert len(post.taken) == 1
    assert team.directs(seed.YUI) == []


async def test_a_question_to_slack_that_must_wait_loses_no_mail(team: Team, post: Post) -> None:
    await given(team)
    team.slack.throttle("chat.getPermalink", retry_after=20)
    await team.later(6)
    assert post.taken == []
    await team.later(60)
    assert len(post.taken) == 1


async def test_mail_is_offered_where_an_account_for_it_is_named(team: Team) -> None:
    form = await team.router.dispatch(Action("notification_settings", who(seed.YUI), TicketId("")))
    assert isinstance(form, Form)
    assert "'mail'" in str(form.fields)


async def test_the_named_account_writes_to_the_team() -> None:
    agent = Agent(AgentId("yui"), ORGANISATION, "Yui", "yui@acme.example", "", "ja", Role.AGENT, active=True)
    async with letterbox() as box, mail_account(smtp=smtp_at(box.port)) as account:
        write = staff_mail({ACCOUNT: account}, ACCOUNT)
        assert write is not None
        await write("0660e5a7cd0e4f0cedf8b159e1c9", agent, MailWords("Subject", "Text"))
        assert staff_mail({ACCOUNT: account}, AccountId("other")) is None
        assert staff_mail({ACCOUNT: account}, None) is None
    assert box.posted[0].mail["Subject"] == "Subject"
