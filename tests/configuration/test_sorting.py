"""Teams, fields and the rules of reopening, as they are written in the configuration."""

from datetime import timedelta

from routing.ids import TeamId
from routing.own_fields import FieldKind, OwnField
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


FIELD = """
[[fields]]
id = "product"
title = {{ en = "Product", ja = "商品" }}
kind = "{kind}"
options = [{options}]
required_to_close = true
"""


def test_a_field_is_read_with_all_it_says(write: Write) -> None:
    policy = write(more=FIELD.format(kind="choice", options='"Coffee", "Cups"')).load().policy
    assert policy.fields == (
        OwnField(
            "product", {"en": "Product", "ja": "商品"}, FieldKind.CHOICE, ("Coffee", "Cups"), required_to_close=True
        ),
    )


def test_fields_that_cannot_work_are_told(write: Write) -> None:
    assert "fields[1].options" in write(more=FIELD.format(kind="choice", options="")).faults()
    assert "fields[1].options" in write(more=FIELD.format(kind="text", options='"Coffee"')).faults()
    assert "fields[1].options[2]" in write(more=FIELD.format(kind="choice", options='"a", "a"')).faults()
    assert "fields[1].kind" in write(more=FIELD.format(kind="colour", options="")).faults()
    assert "fields[2].id" in write(more=FIELD.format(kind="text", options="") * 2).faults()
    long = FIELD.format(kind="text", options="").replace("Product", "x" * 61)
    assert "fields[1].title.en" in write(more=long).faults()
