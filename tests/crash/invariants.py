"""Says what must hold after any number of kills; every breach is a finding."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from bot.sandbox.demo.plan import MAIL
from tests.crash.evidence import MICROS, Evidence, Finding, Kind, token_of, values_of
from tests.crash.rooms import cards_and_threads


def findings(evidence: Evidence) -> list[Finding]:
    return [finding for check in _CHECKS for finding in check(evidence)]


def _everything_accepted_is_one_message(evidence: Evidence) -> Iterator[Finding]:
    inbound = evidence.messages("in")
    by_id = Counter(row["external_id"].rpartition("#")[0] for row in inbound if row["account"] == MAIL)
    for message_id in set(evidence.truth.accepted):
        yield from _exactly_one(by_id[message_id], f"the mail {message_id}, answered 250")
    by_token = Counter(token_of(row) for row in inbound)
    for token in (*evidence.mailed, *evidence.lined):
        yield from _exactly_one(by_token[token], f"the customer's message {token}")
    for stranger in by_token.keys() - {*evidence.mailed, *evidence.lined}:
        yield Finding(Kind.BROKEN, f"a message {stranger!r} that nobody wrote")
    for given_up in (*evidence.truth.returned, *evidence.truth.given_up):
        yield Finding(Kind.LOST, f"{given_up} was never taken")
    if len(evidence.truth.webhooks) != len(evidence.lined):
        yield Finding(Kind.BROKEN, f"{len(evidence.truth.webhooks)} webhooks taken of {len(evidence.lined)}")


def _exactly_one(count: int, what: str) -> Iterator[Finding]:
    if count == 0:
        yield Finding(Kind.LOST, what)
    if count > 1:
        yield Finding(Kind.DOUBLED, f"{what}: {count} times")


def _the_ledger_balances(evidence: Evidence) -> Iterator[Finding]:
    """Items = ticketed + appended + updated + duplicate + discarded + quarantined + waiting. Here each delivery has one
    item, and only customers' messages come in."""
    states = Counter(row["state"] for row in evidence.tables["deliveries"])
    outcomes = Counter(row["outcome"] for row in evidence.tables["items"])
    ledger = f"deliveries {dict(states)}, items {dict(outcomes)}"
    if sum(states.values()) != sum(outcomes.values()) + states["w"]:
        yield Finding(Kind.BROKEN, f"the ledger does not balance: {ledger}")
    if outcomes.keys() - {"ticketed", "appended", "duplicate"} or states.keys() - {"r", "w"}:
        yield Finding(Kind.BROKEN, f"the ledger has outcomes that nothing here should have: {ledger}")
    if outcomes["ticketed"] != len(evidence.tables["tickets"]):
        yield Finding(Kind.BROKEN, f"{len(evidence.tables['tickets'])} tickets, but {ledger}")
    if outcomes["ticketed"] + outcomes["appended"] != len(evidence.messages("in")):
        yield Finding(Kind.BROKEN, f"{len(evidence.messages('in'))} messages came in, but {ledger}")


def _nothing_waits(evidence: Evidence) -> Iterator[Finding]:
    for one in evidence.left_over:
        yield Finding(Kind.STUCK, one)


def _notes_are_kept_once(evidence: Evidence) -> Iterator[Finding]:
    kept = Counter(token_of(row) for row in evidence.messages("note"))
    for token in evidence.noted:
        yield from _exactly_one(kept[token], f"the note {token}, written under a card")


def _replies_taken_are_kept_once(evidence: Evidence) -> Iterator[Finding]:
    kept = Counter(token_of(row) for row in evidence.messages("out"))
    for token in evidence.replied:
        yield from _exactly_one(kept[token], f"the reply {token}, taken by the form")
    for token in evidence.tried:
        if kept[token] > 1:
            yield Finding(Kind.DOUBLED, f"the reply {token}: kept {kept[token]} times")


def _replies_arrive_once_and_as_told(evidence: Evidence) -> Iterator[Finding]:
    arrived = Counter(token for _, token in evidence.truth.mails) + Counter(evidence.truth.pushes)
    by_id = Counter(message_id for message_id, _ in evidence.truth.mails)
    for what, count in (*arrived.items(), *by_id.items()):
        if count > 1:
            yield Finding(Kind.DOUBLED, f"the reply {what} arrived {count} times")
    messages = {row["id"]: row for row in evidence.messages("out")}
    for outbound in evidence.tables["outbounds"]:
        token, state = token_of(messages[outbound["message"]]), outbound["state"]
        if state == "sent" and not arrived[token]:
            yield Finding(Kind.LOST, f"the reply {token} is `sent` and never arrived")
        if arrived[token] and state not in ("sent", "unknown"):
            yield Finding(Kind.BROKEN, f"the reply {token} arrived and is {state!r}")
        if state not in ("sent", "unknown"):
            yield Finding(Kind.STUCK, f"the reply {token} is {state!r}: {outbound['fault']}")


def _unknown_only_where_it_must_be(evidence: Evidence) -> Iterator[Finding]:
    """Only what has no key and cannot be looked up, and only if the life that began the attempt was killed and a later
    one found it."""
    told: dict[str, list[float]] = defaultdict(list)
    for event in evidence.messages("event"):
        if event["text"] == "reply.unknown":
            told[values_of(event, "full_text")["message"]].append(event["created_at"] / MICROS)
    for outbound in evidence.unknown:
        reply = outbound["message"]
        if outbound["send_class"] != "C":
            yield Finding(Kind.BROKEN, f"the reply {reply} of class {outbound['send_class']} is unknown")
        if len(told[reply]) != 1:
            yield Finding(Kind.UNTOLD, f"that the reply {reply} is unknown was told {len(told[reply])} times")
        began = outbound["first_attempt_at"] / MICROS
        life = next((one for one in evidence.lives if one.born <= began <= one.ended), None)
        if life is None or not life.killed or any(at <= life.ended for at in told[reply]):
            yield Finding(Kind.BROKEN, f"the reply {reply} is unknown, though no kill fell between")


def _history_is_in_order(evidence: Evidence) -> Iterator[Finding]:
    by_ticket: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in sorted(evidence.tables["history_entries"], key=lambda row: str(row["id"])):
        by_ticket[row["ticket"]].append((row["what"], values_of(row, "values").get("message", "")))
    for ticket in evidence.tables["tickets"]:
        acts = by_ticket[ticket["id"]]
        if not acts or acts[0][0] != "ticket.created":
            yield Finding(Kind.DISORDER, f"ticket {ticket['number']} does not begin with its making: {acts[:2]}")
        for act, count in Counter(acts).items():
            if count > 1:
                yield Finding(Kind.DOUBLED, f"ticket {ticket['number']}: {act} {count} times")
        for place, (what, reply) in enumerate(acts):
            if what in ("reply.sent", "reply.unknown") and ("reply.held", reply) not in acts[:place]:
                yield Finding(Kind.DISORDER, f"ticket {ticket['number']}: {what} before the reply was held")


def _every_act_has_its_audit_row(evidence: Evidence) -> Iterator[Finding]:
    acts = Counter((row["ticket"], row["what"]) for row in evidence.tables["history_entries"])
    audited = Counter((row["ticket"], row["action"]) for row in evidence.tables["audit_rows"])
    for (ticket, what), count in acts.items():
        if audited[(ticket, what)] != count:
            yield Finding(Kind.BROKEN, f"{what} of ticket {ticket}: {count} acts, {audited[(ticket, what)]} audit rows")


def _rows_belong_together(evidence: Evidence) -> Iterator[Finding]:
    tickets = {row["id"] for row in evidence.tables["tickets"]}
    messages = {row["id"] for row in evidence.tables["messages"]}
    postings = {row["id"] for row in evidence.tables["postings"]}
    for table, column, owners in (
        ("messages", "ticket", tickets),
        ("postings", "ticket", tickets),
        ("conversations", "ticket", tickets),
        ("outbounds", "message", messages),
        ("posted_entries", "posting", postings),
        ("posted_entries", "subject", messages),
    ):
        for row in evidence.tables[table]:
            if row[column] not in owners:
                yield Finding(Kind.BROKEN, f"{table}: a row whose {column} is not there")
    for one in evidence.damage:
        yield Finding(Kind.BROKEN, f"the database is damaged: {one}")


_CHECKS: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    _everything_accepted_is_one_message,
    _the_ledger_balances,
    _nothing_waits,
    _notes_are_kept_once,
    _replies_taken_are_kept_once,
    _replies_arrive_once_and_as_told,
    _unknown_only_where_it_must_be,
    cards_and_threads,
    _history_is_in_order,
    _every_act_has_its_audit_row,
    _rows_belong_together,
)
