"""The store keeps what it is given, whole, and lets only one transaction at a time change a ticket."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from routing.agents import Agent, AgentIdentity, Role
from routing.contacts import Conversation, Reference
from routing.errors import Refused
from routing.history import HistoryEntry
from routing.ids import AgentId, ConversationId, MessageId, OrganisationId, TicketId, new_id
from routing.jobs import Alert, Topic
from routing.messages import Fetching, Message, Outcome, Version
from routing.ports import Reads, Row, Tx, Urgency
from routing.postings import PostedEntry
from routing.replies import Sending
from routing.ticket import Status, Ticket
from storage.bell import LocalBell
from storage.inbox import SqlInbox
from storage.jobs import SqlJobs
from storage.ledger import LedgerWriter, lane_of
from storage.shapes import clean
from storage.store import SqlStore
from storage.wire import Database, Interfered
from tests.conftest import Clock
from tests.storage.rows import (
    ACCOUNT,
    NOON,
    a_contact,
    a_conversation,
    a_delivery,
    a_message,
    a_posting,
    a_ticket,
    an_attachment,
    an_identity,
    an_item,
    an_outbound,
    everything_in,
)


async def put_in(store: SqlStore, *rows: Row) -> None:
    async def work(tx: Tx) -> None:
        tx.add(*rows)

    await store.transact(work)


async def test_what_was_added_comes_back_equal(store: SqlStore) -> None:
    ticket, message, conversation = a_ticket(), a_message(external_id="m1"), a_conversation(key="k")
    await put_in(store, ticket, message, conversation)
    assert await store.look(lambda reads: reads.get(Ticket, [ticket.id])) == {ticket.id: ticket}
    assert await store.look(lambda reads: reads.get(Message, [message.id])) == {message.id: message}
    assert await store.look(lambda reads: reads.get(Conversation, [conversation.id])) == {conversation.id: conversation}


async def test_twenty_simultaneous_messages_all_find_their_place_in_one_ticket(store: SqlStore) -> None:
    ticket = a_ticket(seq=0, version=0)
    await put_in(store, ticket)

    async def append(number: int) -> None:
        async def work(tx: Tx) -> None:
            locked = (await tx.lock(Ticket, [ticket.id]))[ticket.id].next_seq()
            tx.add(a_message(ticket=ticket.id, seq=locked.seq, text=str(number)))
            tx.put(replace(locked, version=locked.version + 1))

        await store.transact(work, urgency=Urgency.BATCH)

    await asyncio.gather(*(append(number) for number in range(20)))
    kept = (await store.look(lambda reads: reads.get(Ticket, [ticket.id])))[ticket.id]
    assert (kept.seq, kept.version) == (20, 20)
    timeline = await store.look(lambda reads: reads.timeline(ticket.id, after=0, limit=50))
    assert [entry.seq for entry in timeline] == list(range(1, 21))
    assert {entry.text for entry in timeline if isinstance(entry, Message)} == {str(number) for number in range(20)}


async def test_of_64_agents_claiming_at_once_exactly_one_wins(store: SqlStore) -> None:
    ticket = a_ticket()
    await put_in(store, ticket)

    async def claim(agent: AgentId) -> AgentId | None:
        async def work(tx: Tx) -> AgentId:
            locked = (await tx.lock(Ticket, [ticket.id]))[ticket.id]
            tx.put(locked.claim(agent, at=locked.created_at))
            return agent

        try:
            return await store.transact(work)
        except Refused:
            return None

    claims = await asyncio.gather(*(claim(AgentId(f"agent-{number}")) for number in range(64)))
    winners = [agent for agent in claims if agent is not None]
    assert len(winners) == 1
    assert (await store.look(lambda reads: reads.get(Ticket, [ticket.id])))[ticket.id].assignee == winners[0]


async def test_two_first_messages_at_once_make_one_conversation(store: SqlStore) -> None:
    async def receive(text: str) -> ConversationId:
        async def work(tx: Tx) -> ConversationId:
            known = await tx.conversations_by_key(ACCOUNT, ["thread"])
            if "thread" in known:
                return known["thread"]
            conversation = a_conversation(key="thread", subject=text)
            tx.add(conversation)
            return conversation.id

        return await store.transact(work, urgency=Urgency.BATCH)

    ids = await asyncio.gather(*(receive(str(number)) for number in range(8)))
    assert len(set(ids)) == 1


async def test_works_that_lock_crosswise_are_run_again_until_both_are_done(store: SqlStore) -> None:
    one, other = a_ticket(number=1), a_ticket(number=2)
    await put_in(store, one, other)

    async def swap(first: TicketId, second: TicketId) -> None:
        async def work(tx: Tx) -> None:
            for ticket in (first, second):
                locked = (await tx.lock(Ticket, [ticket]))[ticket]
                await asyncio.sleep(0.02)
                tx.put(replace(locked, seq=locked.seq + 1))

        await store.transact(work)

    await asyncio.gather(swap(one.id, other.id), swap(other.id, one.id))
    kept = await store.look(lambda reads: reads.get(Ticket, [one.id, other.id]))
    assert [kept[one.id].seq, kept[other.id].seq] == [3, 3]


async def test_a_key_that_is_taken_for_good_is_an_error_not_an_endless_loop(store: SqlStore) -> None:
    ticket = a_ticket()
    await put_in(store, ticket)
    with pytest.raises(Interfered):
        await put_in(store, ticket)


async def test_a_work_that_fails_leaves_nothing_behind(store: SqlStore) -> None:
    ticket = a_ticket()

    async def work(tx: Tx) -> None:
        tx.add(ticket)
        await tx.flush()
        raise Refused("not now")

    with pytest.raises(Refused):
        await store.transact(work)
    assert await store.look(lambda reads: reads.get(Ticket, [ticket.id])) == {}


async def test_changing_a_row_that_is_not_there_is_an_error(store: SqlStore) -> None:
    async def work(tx: Tx) -> None:
        tx.put(a_ticket())

    with pytest.raises(LookupError):
        await store.transact(work)


async def test_adding_a_row_twice_is_an_error(store: SqlStore) -> None:
    ticket = a_ticket()
    with pytest.raises(ValueError, match="twice"):
        await put_in(store, ticket, ticket)


async def test_a_row_of_another_organisation_is_refused(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="stranger"):
        await put_in(store, a_ticket(organisation=OrganisationId("stranger")))


async def test_two_organisations_in_one_database_never_meet(
    store: SqlStore, database: Database, bell: LocalBell, clock: Clock
) -> None:
    theirs = SqlStore(database, OrganisationId("stranger"), bell, clock=clock)
    ours, others = a_ticket(number=1), a_ticket(number=1, organisation=theirs.organisation)
    others = replace(others, id=ours.id)
    await put_in(store, ours)
    await put_in(theirs, others)
    assert await store.look(lambda reads: reads.get(Ticket, [ours.id])) == {ours.id: ours}
    assert await theirs.look(lambda reads: reads.ticket_by_number(1)) == others

    async def close(tx: Tx) -> None:
        locked = (await tx.lock(Ticket, [ours.id]))[ours.id]
        tx.put(replace(locked, subject="changed"))

    await theirs.transact(close)
    assert await store.look(lambda reads: reads.ticket_by_number(1)) == ours


async def test_within_a_transaction_what_was_gathered_is_seen_by_its_id(store: SqlStore) -> None:
    ticket = a_ticket()

    async def work(tx: Tx) -> None:
        tx.add(ticket)
        tx.put(replace(ticket, subject="second"))
        assert (await tx.lock(Ticket, [ticket.id]))[ticket.id].subject == "second"
        await tx.flush()
        tx.put(replace(ticket, subject="third"))
        assert (await tx.get(Ticket, [ticket.id]))[ticket.id].subject == "third"

    await store.transact(work)
    assert (await store.look(lambda reads: reads.get(Ticket, [ticket.id])))[ticket.id].subject == "third"


async def test_a_look_sees_one_moment_only(store: SqlStore) -> None:
    ticket = a_ticket()
    await put_in(store, ticket)
    looking, changed = asyncio.Event(), asyncio.Event()

    async def look(reads: Reads) -> tuple[Ticket, Ticket]:
        before = (await reads.get(Ticket, [ticket.id]))[ticket.id]
        looking.set()
        await changed.wait()
        return before, (await reads.get(Ticket, [ticket.id]))[ticket.id]

    async def change(tx: Tx) -> None:
        tx.put(replace(ticket, subject="changed"))

    watching = asyncio.ensure_future(store.look(look))
    await looking.wait()
    await store.transact(change)
    changed.set()
    before, after = await watching
    assert before == after == ticket


async def test_ticket_numbers_are_given_out_once_and_in_a_row(store: SqlStore) -> None:
    first = await asyncio.gather(*(store.transact(lambda tx: tx.take_numbers(3)) for _ in range(10)))
    assert sorted(first) == list(range(1, 31, 3))


async def test_an_item_counts_as_seen_but_not_as_a_duplicate(store: SqlStore) -> None:
    await put_in(
        store, an_item(external_id="1"), an_item(external_id="2", outcome=Outcome.DUPLICATE), an_item(external_id="3\0")
    )
    assert await store.transact(lambda tx: tx.seen(ACCOUNT, ["1", "2", "3\0", "4"])) == {"1", "3\0"}
    with pytest.raises(Interfered):
        await put_in(store, an_item(external_id="1"))
    await put_in(store, an_item(external_id="1", outcome=Outcome.DUPLICATE))


async def test_the_first_meaning_of_a_reference_stays(store: SqlStore) -> None:
    one, other = ConversationId("one"), ConversationId("other")
    await put_in(store, Reference(store.organisation, "<a@b>", one))
    await put_in(store, Reference(store.organisation, "<a@b>", other), Reference(store.organisation, "<c@d>", other))
    found = await store.transact(lambda tx: tx.references(["<a@b>", "<c@d>", "<e@f>"]))
    assert {ref: reference.conversation for ref, reference in found.items()} == {"<a@b>": one, "<c@d>": other}


async def test_a_reply_is_known_by_the_ids_it_left_under_and_leads_to_its_conversation(store: SqlStore) -> None:
    message, conversation = MessageId("m"), ConversationId("c")

    async def work(tx: Tx) -> None:
        tx.know_reply_as(message, conversation, ["<ours@us>", "line-17"])

    await store.transact(work)
    await store.transact(work)
    assert await store.transact(lambda tx: tx.replies_known_as(["<ours@us>", "x"])) == {"<ours@us>": message}
    references = await store.transact(lambda tx: tx.references(["line-17"]))
    assert references["line-17"].conversation == conversation


async def test_an_endless_message_id_is_kept_by_its_hash_and_found_again(store: SqlStore) -> None:
    endless, sibling = f"<{'x' * 60_000}1@b>", f"<{'x' * 60_000}2@b>"
    await put_in(
        store,
        Reference(store.organisation, endless, ConversationId("c")),
        an_item(external_id=endless),
        a_conversation(key=endless),
        an_identity(address=endless),
        a_message(external_id=endless),
    )

    async def find(tx: Tx) -> tuple[int, ...]:
        return (
            len(await tx.references([endless, sibling])),
            len(await tx.seen(ACCOUNT, [endless, sibling])),
            len(await tx.conversations_by_key(ACCOUNT, [endless, sibling])),
            len(await tx.identities([("email", endless), ("email", sibling)])),
            len(await tx.messages_by_external_id(ACCOUNT, [endless, sibling])),
        )

    assert await store.transact(find) == (1, 1, 1, 1, 1)


async def test_numbers_from_outside_may_be_of_any_size(store: SqlStore) -> None:
    ticket = a_ticket(number=7)
    await put_in(store, ticket)
    found = await store.transact(lambda tx: tx.conversations_by_number([7, -1, 0, 10**30]))
    assert found == {7: ticket.conversation}
    assert await store.look(lambda reads: reads.ticket_by_number(10**30)) is None


async def test_an_alert_is_told_once_however_often_it_is_raised(store: SqlStore, jobs: SqlJobs) -> None:
    alert = Alert("account:support", "alert.account", {"reason": "password"})

    async def raise_it(tx: Tx) -> None:
        tx.raise_alert(alert)

    await store.transact(raise_it)
    await store.transact(raise_it)
    assert await store.look(lambda reads: reads.alert(alert.key)) == alert
    assert [job.key for job in await jobs.take([Topic.ALERT], limit=5, lease=timedelta(minutes=1))] == [alert.key]

    async def told(tx: Tx) -> None:
        tx.alert_told(alert.key)

    await store.transact(told)
    assert await store.look(lambda reads: reads.alert(alert.key)) is None
    await store.transact(raise_it)
    assert await store.look(lambda reads: reads.alert(alert.key)) is None


async def test_a_message_taken_back_leaves_no_words_anywhere(
    store: SqlStore, ledger: LedgerWriter, inbox: SqlInbox, database: Database
) -> None:
    secret = "a secret word"
    await ledger.accept(a_delivery("1", body=secret.encode(), headers={"subject": secret}))
    (delivery,) = await inbox.waiting(lane_of(ACCOUNT, "conversation"), limit=1, size=1)
    message = a_message(external_id="m1", text="", full_text="")

    async def work(tx: Tx) -> None:
        tx.add(
            message,
            an_item(delivery=delivery.id, external_id="m1"),
            Version(message.id, 0, store.organisation, secret, NOON),
            an_attachment(message=message.id, name=secret, blob="b" * 64),
        )
        tx.settle([delivery.id])
        await tx.mask(message.id)

    await store.transact(work)
    (file,) = await store.look(lambda reads: reads.attachments_of([message.id]))
    assert (file.state, file.name, file.blob, file.source) == (Fetching.MASKED, "", "", "")
    assert secret not in await everything_in(database)


@given(text=st.text(max_size=200), key=st.text(min_size=1, max_size=60))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(text="\0\ud800 ok \U0001f600", key="\0")
async def test_any_text_can_be_kept_and_found_again(store: SqlStore, text: str, key: str) -> None:
    external_id = f"{new_id()} {key}"
    message = a_message(
        external_id=external_id, seq=0, author=text, text=text, full_text=text, subject=text, automatic=text
    )
    conversation = a_conversation(
        key=external_id, participants=(text, key), refs=(key,), handle={text: key}, subject=text
    )
    await put_in(store, message, conversation)
    kept = (await store.look(lambda reads: reads.get(Message, [message.id])))[message.id]
    assert kept.text == clean(text)
    held = (await store.look(lambda reads: reads.get(Conversation, [conversation.id])))[conversation.id]
    assert (held.participants, held.handle) == ((clean(text), clean(key)), {clean(text): clean(key)})
    assert set(await store.transact(lambda tx: tx.messages_by_external_id(ACCOUNT, [external_id]))) == {external_id}
    assert set(await store.transact(lambda tx: tx.conversations_by_key(ACCOUNT, [external_id]))) == {external_id}


async def test_what_a_room_has_seen_is_told_by_its_entries(store: SqlStore) -> None:
    ticket, message, later = a_ticket(), a_message(seq=1, revision=2), a_message(seq=2)
    posting = a_posting(ticket=ticket.id, reference="123.4")
    closed = a_ticket(number=2, status=Status.CLOSED)
    entry = PostedEntry(store.organisation, posting.id, message.id, "123.5", 1)
    fresh = replace(entry, subject=later.id, revision=0)
    await put_in(
        store,
        ticket,
        closed,
        message,
        later,
        posting,
        a_posting(ticket=closed.id),
        entry,
        fresh,
    )
    await put_in(store, replace(entry, reference="again"))

    async def look(reads: Reads) -> None:
        assert await reads.postings_of(ticket.id) == [posting]
        assert await reads.posting_by_reference(posting.room, "123.4") == posting
        assert await reads.posting_by_reference(posting.room, "") is None
        assert (await reads.entries_of(posting.id, [message.id, "x"])) == {message.id: entry}
        assert await reads.stale_entries(posting.id) == [(entry, message)]
        assert await reads.open_postings(limit=5) == [posting]

    await store.look(look)


async def test_a_thread_is_read_in_order_and_in_pieces(store: SqlStore) -> None:
    ticket = TicketId("ticket")
    file = an_attachment(seq=2)
    await put_in(
        store, *(a_message(ticket=ticket, seq=seq) for seq in (1, 3, 4)), file, a_message(ticket=ticket, seq=0)
    )
    timeline = await store.look(lambda reads: reads.timeline(ticket, after=1, limit=2))
    assert [entry.seq for entry in timeline] == [2, 3]
    assert timeline[0] == file


async def test_agents_are_found_by_who_they_are_on_a_surface(store: SqlStore) -> None:
    agent = Agent(AgentId(new_id()), store.organisation, "Aki", "aki@example.com", "", "ja", Role.AGENT, active=True)
    identity = AgentIdentity(store.organisation, "slack", "T1", "U1", agent.id, allowed=True, seen_at=NOON)
    await put_in(store, agent, identity)

    async def look(reads: Reads) -> None:
        assert await reads.agent_by_identity("slack", "T1", "U1") == (agent, identity)
        assert await reads.agent_by_identity("slack", "T2", "U1") is None
        assert await reads.identities_of_agent(agent.id) == [identity]
        assert await reads.agent_by_email("aki@example.com") == agent
        assert await reads.agent_by_email("") is None

    await store.look(look)


async def test_replies_that_may_still_leave_come_in_their_order(store: SqlStore) -> None:
    conversation = ConversationId("c")
    states = [(Sending.SENT, 1), (Sending.UNKNOWN, 2), (Sending.QUEUED, 4), (Sending.QUEUED, 3), (Sending.HELD, 0)]
    replies = [an_outbound(conversation=conversation, state=state, order=order) for state, order in states]
    await put_in(store, *replies)
    queued = await store.transact(lambda tx: tx.queued(conversation))
    assert [reply.order for reply in queued] == [2, 3, 4, 0]
    assert len(await store.look(lambda reads: reads.replies_of(replies[0].ticket))) == 5


async def test_a_contact_is_known_by_what_it_asked_before(store: SqlStore) -> None:
    contact = a_contact()
    open_one, closed = a_ticket(contact=contact.id), a_ticket(number=2, contact=contact.id, status=Status.CLOSED)
    entry = HistoryEntry(new_id(), store.organisation, open_one.id, NOON, None, "ticket.opened", {"by": "あき"})
    await put_in(store, contact, open_one, closed, entry)

    async def look(reads: Reads) -> None:
        assert await reads.tickets_of_contact(contact.id) == 2
        assert await reads.open_tickets_of(contact.id) == [open_one.id]
        assert await reads.history_of(open_one.id) == [entry]

    await store.look(look)
