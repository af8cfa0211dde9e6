"""The form's addresses: the page, its embedding, and where both pages and programs post to.

A submission is on disk before its writer is thanked. Whatever is wrong with it is said beside its field, and nothing
that was written is lost on the way.
"""

import logging
from collections import Counter as Counts
from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from aiohttp import web
from prometheus_client import Counter

from connectors.contract import Connection, Ledger, NewDelivery
from connectors.rates import neighbourhood
from connectors.web.form import FormConnection
from connectors.web.form_assets import asset, version
from connectors.web.form_checks import Faults, Submission, as_stored, check
from connectors.web.form_page import Draft, form_page, gone_page, refusal_page, thanks_page
from connectors.web.form_sheet import PATIENCE, Sheet, read_sheet, texts_of
from connectors.web.form_tokens import Standing, Token, judge
from connectors.web.form_visit import Visit, visit
from connectors.web.form_words import choose_language
from routing.errors import Malformed, TryLater
from routing.ids import AccountId, new_id
from routing.rates import Rates

FORMS = Counter("madoguchi_forms", "Submitted contact forms by what became of them", ["outcome"])
WHILE = timedelta(minutes=10)
# How many submissions are read at once: each may hold its files in memory. Of one address a few, or whoever sends
# slowly on a handful of connections would keep everybody else out.
MOST_AT_ONCE = 12
MOST_OF_ONE = 5

log = logging.getLogger(__name__)


def form_routes(
    connections: Mapping[AccountId, Connection], ledger: Ledger, rates: Rates, *, patience: float = PATIENCE
) -> list[web.RouteDef]:
    """The routes of all contact forms; accounts may be connected and disconnected while they serve."""
    doors = FormDoors(connections, ledger, rates, patience)
    return [
        web.get("/form/{account}", doors.show),
        web.post("/form/{account}", doors.take),
        web.options("/form/{account}", doors.allow),
        web.get("/form/{account}/token", doors.hand_out_token),
        web.get(r"/form/{account}/{asset:form\.css|form\.js|embed\.js}", doors.give_asset),
    ]


class FormDoors:
    """The doors of all contact forms."""

    def __init__(
        self, connections: Mapping[AccountId, Connection], ledger: Ledger, rates: Rates, patience: float
    ) -> None:
        self._connections = connections
        self._ledger = ledger
        self._rates = rates
        self._patience = patience
        self._reading: Counts[str] = Counts()

    async def show(self, request: web.Request) -> web.Response:
        here = self._visit(request)
        return here.page(form_page(here.look, Draft(here.new_token())))

    async def give_asset(self, request: web.Request) -> web.Response:
        accent = self._visit(request).form.config.accent
        return asset(request.match_info["asset"], accent, kept=request.query.get("v") == version(accent))

    async def hand_out_token(self, request: web.Request) -> web.Response:
        """For pages that draw the form themselves and post JSON."""
        here = self._visit(request)
        if not here.may_post():
            return here.json({"message": here.say("error_origin")}, 403)
        return here.json({"token": here.new_token()})

    async def allow(self, request: web.Request) -> web.Response:
        """Answers a browser that asks whether another site may post here."""
        here = self._visit(request)
        if not here.may_post():
            return web.Response(status=403)
        headers = {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key",
            "Access-Control-Max-Age": "600",
        }
        return web.Response(status=204, headers={**here.cors(), **headers})

    async def take(self, request: web.Request) -> web.Response:
        here = self._visit(request)
        if not here.may_post():
            FORMS.labels("origin").inc()
            return here.json({"message": here.say("error_origin")}, 403)
        config = here.form.config
        sender = neighbourhood(request.remote or "")
        knocking = f"form-knock:{here.form.account}:{sender}"
        wait = await self._rates.take(knocking, allowance=6 * config.per_address, per=WHILE)
        if wait:
            return self._refuse(here, 429, "error_often", minutes=_minutes(wait), wait=wait)
        if self._reading.total() >= MOST_AT_ONCE or self._reading[sender] >= MOST_OF_ONE:
            return self._refuse(here, 503, "error_ours", wait=timedelta(seconds=10))
        self._reading[sender] += 1
        try:
            return await self._consider(here, await read_sheet(request, config, patience=self._patience))
        except Malformed as fault:
            return self._refuse(here, fault.status, "error_too_much" if fault.status == 413 else "error_unreadable")
        finally:
            self._reading[sender] -= 1
            self._reading += Counts()  # forgets those who have left

    async def _consider(self, here: Visit, sheet: Sheet) -> web.Response:
        """A sheet that could be read: kept and thanked for, or shown again with what is wrong."""
        form = here.form
        token = self._token(here, sheet)
        found = check(sheet, form.config, here.language, form.tools.own_addresses)
        if isinstance(found, Faults):
            return self._ask_again(here, sheet, token, 422, "faults", found.by_field)
        if sheet.values.get("website"):
            return self._ask_again(here, sheet, token, 422, "trap", {"": here.say("error_trap")})
        if token.standing is not Standing.GOOD:
            return self._ask_again(here, sheet, token, 422, f"token_{token.standing}", {"": _about(token, here)})
        wait = await self._how_long(here)
        if wait:
            sentence = here.say("error_often", minutes=_minutes(wait))
            return self._ask_again(here, sheet, token, 429, "often", {"": sentence}, wait=wait)
        try:
            await self._keep(form, found, f"{token.id}-{found.digest()[:16]}")
        except TryLater as fault:
            return self._ask_again(here, sheet, token, 503, "unable", {"": here.say("error_ours")}, wait=fault.after)
        except Exception as fault:  # noqa: BLE001  whatever is wrong with us, what was written must not be lost
            # The fault's own words might quote the writer; its kind and the form are enough to begin looking.
            log.error("a form could not be kept", extra={"account": form.account, "fault": type(fault).__name__})
            return self._ask_again(here, sheet, token, 503, "unable", {"": here.say("error_ours")}, wait=WHILE / 10)
        FORMS.labels("kept").inc()
        if here.wants_json:
            return here.json({"ok": True, "message": here.say("thanks_body", company=form.config.company)})
        return here.page(thanks_page(here.look, found))

    async def _keep(self, form: FormConnection, submission: Submission, submit: str) -> None:
        """Files first, so that no delivery names bytes that are not there. The same submit again changes nothing."""
        blobs, now = form.tools.blobs, form.tools.clock()
        files: list[Mapping[str, Any]] = [
            {"name": one.name, "size": one.size, "blob": await blobs.put(one.content)} for one in submission.files
        ]
        body = as_stored(submission, submit, files)
        await self._ledger.accept(NewDelivery(form.account, submit, submission.email.casefold(), {}, body, now))

    def _token(self, here: Visit, sheet: Sheet) -> Token:
        form, written = here.form, sheet.values.get("token", "")
        if here.wants_json and not written and not form.config.json_needs_token:
            return Token(Standing.GOOD, here.own_key or new_id())
        fastest = timedelta(seconds=form.config.fastest)
        return judge(form.tools.signer, form.account, written, form.tools.clock(), fastest=fastest)

    async def _how_long(self, here: Visit) -> timedelta:
        config, account = here.form.config, here.form.account
        address = f"form:{account}:{neighbourhood(here.request.remote or '')}"
        wait = await self._rates.take(address, allowance=config.per_address, per=WHILE)
        return wait or await self._rates.take(f"form:{account}", allowance=config.per_form, per=WHILE)

    def _ask_again(
        self,
        here: Visit,
        sheet: Sheet,
        token: Token,
        status: int,
        outcome: str,
        faults: Mapping[str, str],
        *,
        wait: timedelta = timedelta(0),
    ) -> web.Response:
        FORMS.labels(outcome).inc()
        if here.wants_json:
            errors = {name: sentence for name, sentence in faults.items() if name}
            told = {"message": faults.get("") or here.say("error_summary"), "errors": errors}
            return here.json(told, status, _patience(wait))
        if sheet.files and "files" not in faults:
            faults = {**faults, "files": here.say("error_files_again")}
        # A genuine token goes on: it has the age that shows a person, and the next press is still the same submit.
        goes_on = token.standing in (Standing.GOOD, Standing.FAST)
        draft = Draft(sheet.values["token"] if goes_on else here.new_token(), texts_of(sheet), faults)
        return here.page(form_page(here.look, draft), status, _patience(wait))

    def _refuse(
        self, here: Visit, status: int, key: str, *, wait: timedelta = timedelta(0), **values: str | int
    ) -> web.Response:
        """Answers what was not read to its end; the connection goes with it."""
        FORMS.labels("refused").inc()
        sentence = here.say(key, **values)
        if here.wants_json:
            response = here.json({"message": sentence, "errors": {}}, status, _patience(wait))
        else:
            response = here.page(refusal_page(here.look, sentence), status, _patience(wait))
        response.force_close()
        return response

    def _visit(self, request: web.Request) -> Visit:
        form = self._connections.get(AccountId(request.match_info["account"]))
        if isinstance(form, FormConnection):
            return visit(request, form)
        language = choose_language(request.query.get("lang", ""), request.headers.get("Accept-Language", ""), "en")
        raise web.HTTPNotFound(text=gone_page(language), content_type="text/html")


def _about(token: Token, here: Visit) -> str:
    if token.standing is Standing.FAST:
        return here.say("error_fast")
    # Who sees a page cannot mend its token; for them a false one is one that has become too old.
    false_one = here.wants_json and token.standing is Standing.FALSE
    return here.say("error_token" if false_one else "error_old")


def _minutes(wait: timedelta) -> int:
    return max(1, ceil(wait / timedelta(minutes=1)))


def _patience(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(ceil(wait.total_seconds()))} if wait else {}
