"""Teams and the rules of reopening, as they are written in the configuration."""

from datetime import timedelta

from routing.ids import TeamId
from tests.configuration.conftest import Write

TEAM = """
[[teams]]
id = "money"
title = "Billing team"
rooms = [{rooms}]
"""


def test_a_team_has_its_rooms(write: Write) -> None:
    policy = write(more=TEAM.format(rooms='"billing", "support", "billing"')).load().policy
    team = policy.teams[TeamId("money")]
    assert (team.title, team.rooms) == ("Billing team", ("billing", "support"))


def test_a_team_without_rooms_or_with_unknown_ones_or_twice_is_told(write: Write) -> None:
    assert "teams[1].rooms" in write(more=TEAM.format(rooms="")).faults()
    assert "teams[1].rooms[1]" in write(more=TEAM.format(rooms='"biling"')).faults()
    assert "teams[2].id" in write(more=TEAM.format(rooms='"billing"') * 2).faults()


def test_for_how_long_a_ticket_is_reopened_can_be_chosen(write: Write) -> None:
    assert write().load().policy.reopens_within == timedelta(days=14)
    assert write(more="\n[tickets]\nreopen_days = 3\n").load().policy.reopens_within == timedelta(days=3)
    assert "tickets.reopen_days" in write(more="\n[tickets]\nreopen_days = -1\n").faults()
