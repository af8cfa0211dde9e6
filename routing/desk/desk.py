"""The desk itself: the one object with every use case; one method is one transaction."""

from dataclasses import dataclass

from routing.desk.acts import Acts
from routing.desk.boards import Boards
from routing.desk.group_replies import GroupReplies
from routing.desk.homes import Homes
from routing.desk.looking import Looking
from routing.desk.mailroom import Mailroom
from routing.desk.notices import Notices
from routing.desk.opening import Opening
from routing.desk.overseeing import Overseeing
from routing.desk.reception import Reception
from routing.desk.regrouping import Regrouping
from routing.desk.rooms import Rooms
from routing.desk.rosters import Rosters
from routing.desk.team import Team
from routing.desk.templating import Templating


@dataclass(frozen=True, slots=True)
class Desk(
    Reception,
    Regrouping,
    Team,
    Acts,
    Templating,
    GroupReplies,
    Mailroom,
    Rooms,
    Rosters,
    Looking,
    Overseeing,
    Opening,
    Notices,
    Boards,
    Homes,
):
    """Everything the team and the doors can ask for, by area. Raises Refused (nothing changed), Gone, TryLater."""
