"""Puts the house together: the only place where storage, connectors and surfaces meet."""

import logging
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Flag, auto

from aiohttp import web

from bot.accounts import ConnectedAccounts, staff_mail
from bot.actions.context import House
from bot.actions.dispatch import Router
from bot.boards import Boards
from bot.duties import Sources, duties
from bot.files import FileLinks
from bot.group_sender import GroupSender
from bot.homes import Homes
from bot.keeping import open_blobs
from bot.noticeboard import Noticeboard
from bot.notifier import Notifier
from bot.panels import Panels
from bot.plan import Plan, SmtpDoorPlan
from bot.room_news import RoomNews
from bot.rosters import RosterKeeper
from bot.slack.app import SlackSide, open_slack
from bot.slack.events import RoomChange
from bot.surface import Surface, Who
from bot.web import web_app
from bot.worker import Duty, Worker
from connectors.catalog import Catalog, load_catalog
from connectors.contract import Connection, Listens, Pulls, Signer, Tools
from connectors.fetching import Fetcher
from connectors.http import client_session
from connectors.ingest import Ingest
from connectors.intake import hook_routes
from connectors.mail.connector import MailConnection
from connectors.mail.door import Door, DoorLimits, open_smtp_door
from connectors.outbound import Outgoing
from connectors.web.form_doors import form_routes
from routing.deliveries import Inbox, Ledger
from routing.desk.desk import Desk
from routing.ids import AccountId
from routing.jobs import Job, Topic
from routing.leases import Leases, LocalLeases
from routing.policy import Look
from routing.ports import Bell, Store, Tx
from routing.rates import LocalRates, Rates
from storage.bell import LocalBell
from storage.cursors import SqlCursors
from storage.engine import open_database
from storage.forgetting import SqlForgetting
from storage.inbox import SqlInbox
from storage.indexing import SqlIndexer
from storage.jobs import SqlJobs
from storage.leases import RedisLeases
from storage.ledger import LedgerWriter
from storage.limits import RedisRates
from storage.migrate import migrate
from storage.redis_bell import RedisBell
from storage.settings import SqlSettings, read_keys
from storage.signing import open_signer
from storage.store import SqlStore

log = logging.getLogger(__name__)


class Part(Flag):
    """Which parts of the house a process runs."""

    WEB = auto()
    WORK = auto()
    ALL = WEB | WORK


def wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Around:
    """Lets a test put something of its own around the parts that touch the outside: crash tests kill the program there.
    In production every part is left as it is."""

    ledger: Callable[[Ledger], Ledger] = lambda ledger: ledger
    store: Callable[[Store], Store] = lambda store: store
    surface: Callable[[Surface], Surface] = lambda surface: surface
    connection: Callable[[Connection], Connection] = lambda connection: connection
    duties: Callable[[Sequence[Duty]], Sequence[Duty]] = lambda duties: duties


@dataclass(frozen=True, slots=True)
class App:
    """A house that is open. `worker` is run by those processes that work; `health` is what they
    serve when they have no doors."""

    plan: Plan
    desk: Desk
    store: Store
    jobs: SqlJobs
    inbox: Inbox
    ledger: Ledger
    connections: Mapping[AccountId, Connection]
    router: Router
    slack: SlackSide | None
    noticeboard: Noticeboard
    worker: Worker
    health: web.Application
    web: web.Application


@asynccontextmanager
async def open_house(
    plan: Plan,
    *,
    around: Around | None = None,
    clock: Callable[[], datetime] = wall_clock,
    more_routes: Sequence[web.AbstractRouteDef] = (),
    only_looks: bool = False,
) -> AsyncIterator[App]:
    """Opens database, connections and surfaces, and closes them at the end. Nothing runs yet: see `bot.running`.
    Whoever `only_looks` leaves no alert behind: what a check finds is said to the one who asked for it.

    Raises Misconfigured, and TryLater when the database cannot be had.
    """
    around = around or Around()
    async with AsyncExitStack() as stack:
        await migrate(plan.database_url)
        database = open_database(plan.database_url)
        stack.push_async_callback(database.close)
        organisation = plan.policy.organisation
        bell = await _bell(plan, stack)
        blobs = await stack.enter_async_context(open_blobs(plan))
        settings = SqlSettings(database, organisation, read_keys(plan.keys), clock=clock)
        await settings.open()
        signer = await open_signer(settings)
        store = around.store(SqlStore(database, organisation, bell, clock=clock))
        jobs = SqlJobs(database, organisation, bell, clock=clock)
        inbox = SqlInbox(database, organisation, blobs, clock=clock)
        writer = LedgerWriter(database, organisation, bell, blobs, clock=clock)
        stack.push_async_callback(writer.close)
        ledger = around.ledger(writer)
        http = await stack.enter_async_context(client_session(allow_loopback=plan.allow_loopback))
        files = FileLinks(signer, blobs, plan.public_url, clock)
        catalog = load_catalog()
        tools = Tools(
            http=http,
            blobs=blobs,
            signer=signer,
            clock=clock,
            public_url=plan.public_url,
            link=files.link,
            own_addresses=_own_addresses(plan),
        )
        connections = {
            one.id: around.connection(catalog.connect(one.connector, one.id, one.settings, tools))
            for one in plan.accounts
        }
        desk = Desk(store, plan.policy, _accounts(plan, catalog, connections), clock)
        surfaces: dict[str, Surface] = {}
        leases = _leases(plan, stack, clock)
        house = House(desk, surfaces, plan.rooms, blobs, clock, plan.zone, leases)
        router = Router(house)
        rates = _rates(plan, stack, clock)
        rosters = RosterKeeper(desk, plan.rooms, surfaces, clock)
        slack = await _slack(plan, router, rosters, desk, signer, surfaces, around, stack, rates, only_looks=only_looks)
        noticeboard = Noticeboard(desk, plan.rooms, surfaces, blobs, clock, plan.zone, leases)
        notifier = Notifier(
            desk, plan.rooms, surfaces, clock, plan.zone, staff_mail(connections, plan.policy.notices_from)
        )
        boards = Boards(desk, plan.rooms, Panels(desk, surfaces, clock), clock, plan.zone)
        sources = Sources(
            desk=desk,
            connections=connections,
            ledger=ledger,
            cursors=SqlCursors(database, organisation),
            rooms=plan.rooms,
            surfaces=surfaces,
            thread_talk=router.thread_talk,
            clock=clock,
        )
        worker = Worker(
            jobs,
            bell,
            around.duties(
                duties(
                    noticeboard,
                    notifier,
                    boards,
                    GroupSender(desk, plan.rooms, surfaces, clock, plan.zone, leases),
                    Ingest(inbox, desk, connections, blobs),
                    Outgoing(desk, connections, clock),
                    Fetcher(desk, connections, blobs),
                    sources,
                    SqlForgetting(database, organisation, blobs, clock=clock).forget,
                    Homes(house),
                    rosters,
                    SqlIndexer(database, organisation, clock=clock).index,
                )
            ),
            clock,
            lambda job, reason: _needs_attention(desk, job, reason),
        )

        async def ready() -> None:
            await jobs.next_due([Topic.INGEST])

        hooks = hook_routes(connections, ledger, clock, paused=[one.id for one in plan.paused])
        routes: list[web.AbstractRouteDef] = [*hooks, *files.routes(), *more_routes]
        routes += form_routes(connections, ledger, rates)
        if slack is not None:
            routes += slack.routes()
        yield App(
            plan=plan,
            desk=desk,
            store=store,
            jobs=jobs,
            inbox=inbox,
            ledger=ledger,
            connections=connections,
            router=router,
            slack=slack,
            noticeboard=noticeboard,
            worker=worker,
            health=web_app([], ready=ready),
            web=web_app(routes, ready=ready, trusted_proxies=plan.trusted_proxies),
        )


async def _bell(plan: Plan, stack: AsyncExitStack) -> Bell:
    if not plan.redis_url:
        return LocalBell()
    bell = RedisBell(plan.redis_url, prefix=plan.redis_prefix)
    stack.push_async_callback(bell.close)
    return bell


def _rates(plan: Plan, stack: AsyncExitStack, clock: Callable[[], datetime]) -> Rates:
    alone = LocalRates(clock)
    if not plan.redis_url:
        return alone
    rates = RedisRates(plan.redis_url, prefix=plan.redis_prefix, alone=alone)
    stack.push_async_callback(rates.close)
    return rates


def _leases(plan: Plan, stack: AsyncExitStack, clock: Callable[[], datetime]) -> Leases:
    alone = LocalLeases(clock)
    if not plan.redis_url:
        return alone
    leases = RedisLeases(plan.redis_url, prefix=plan.redis_prefix, alone=alone, clock=clock)
    stack.push_async_callback(leases.close)
    return leases


def _own_addresses(plan: Plan) -> frozenset[str]:
    mailboxes = [one.settings for one in plan.accounts if one.connector == "mail"]
    return frozenset(str(one).casefold() for box in mailboxes for one in (box["address"], *box.get("aliases", ())))


def _accounts(plan: Plan, catalog: Catalog, connections: Mapping[AccountId, Connection]) -> ConnectedAccounts:
    declared = catalog.declarations
    return ConnectedAccounts(
        connections=connections,
        titles={one.id: one.title or one.id for one in plan.accounts},
        looks={
            channel.name: Look(channel.title, channel.icon)
            for declaration in declared.values()
            for channel in declaration.channels
        },
        channels={one.id: declared[one.connector].channels[0].name for one in plan.accounts},
    )


async def _slack(
    plan: Plan,
    router: Router,
    rosters: RosterKeeper,
    desk: Desk,
    signer: Signer,
    surfaces: dict[str, Surface],
    around: Around,
    stack: AsyncExitStack,
    rates: Rates,
    *,
    only_looks: bool,
) -> SlackSide | None:
    """Slack's side needs the router and the router needs the surfaces: the surfaces' table is filled here."""
    if not plan.workspaces:
        return None

    async def warn(about: str, what: str, values: Mapping[str, str]) -> None:
        if not only_looks:
            await desk.warn(about, what, values)

    async def member_changed(who: Who, place: str, what: RoomChange) -> None:
        await rosters.member_changed(who, place, present=what is RoomChange.JOINED)

    async def cut_off(workspace: str, why: str) -> None:
        await warn(f"slack:{workspace}", "alert.slack", {"workspace": workspace, "reason": why})

    slack = await open_slack(
        plan.workspaces,
        router.dispatch,
        router.thread_talk,
        sign=lambda text: signer.sign("slack", text),
        room_changed=RoomNews(desk, plan.rooms, warn).changed,
        person_changed=router.person_changed,
        home_opened=router.home_opened,
        needs_attention=cut_off,
        member_changed=member_changed,
        language=plan.policy.language,
        rates=rates,
    )
    stack.push_async_callback(slack.close)
    surfaces["slack"] = around.surface(slack.as_surface)
    return slack


async def _needs_attention(desk: Desk, job: Job, reason: str) -> None:
    """A job cannot go on until somebody mends the set-up: told once."""
    if job.topic in (Topic.LISTEN, Topic.PULL):
        await desk.account_needs_attention(AccountId(job.key), reason)
        return
    await desk.warn(f"{job.topic}:{reason[:80]}", "alert.set_up", {"reason": reason})


async def ask_for_sources(app: App) -> None:
    """Asks for what runs all the time, and at the start for what was missed while we were away."""

    async def work(tx: Tx) -> None:
        for account, connection in app.connections.items():
            source: object = connection
            if isinstance(source, Listens) and source.listens:
                tx.ask(Topic.LISTEN, account)
            if isinstance(source, Pulls):
                tx.ask(Topic.PULL, account)
        for room in app.plan.rooms:
            tx.ask(Topic.BOARD, room)
        for workspace in app.plan.workspaces:
            tx.ask(Topic.CATCH_UP, f"slack/{workspace.team_id}")
        for room in app.plan.rooms:
            tx.ask(Topic.MEMBERS, room)

    await app.store.transact(work)
    for paused in app.plan.paused:
        log.warning("an account is paused", extra={"account": paused.id, "reason": paused.reason})
        await app.desk.account_needs_attention(paused.id, paused.reason)


@asynccontextmanager
async def smtp_door(app: App, clock: Callable[[], datetime] = wall_clock) -> AsyncIterator[Door | None]:
    """Our own SMTP server, when one is planned."""
    plan = app.plan.smtp_door
    if plan is None:
        yield None
        return
    connections: list[object] = list(app.connections.values())
    mailboxes = {
        address: one.account for one in connections if isinstance(one, MailConnection) for address in one.addresses
    }
    door = await open_smtp_door(
        plan.host,
        plan.port,
        mailboxes,
        app.ledger,
        clock,
        paused=[address for one in app.plan.paused for address in one.addresses],
        limits=DoorLimits(size=plan.mail_bytes, connections=plan.connections),
        tls=_tls(plan),
        require_tls=plan.require_tls,
        hostname=plan.hostname,
    )
    try:
        yield door
    finally:
        await door.close()


def _tls(plan: SmtpDoorPlan) -> ssl.SSLContext | None:
    if plan.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(plan.certificate, plan.key)
    return context
