"""Says how the web server under our doors is set up: `web.AppRunner(app, **SERVER)`."""

import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import Counter
from typing_extensions import override

BROKEN = Counter("madoguchi_broken_requests", "Requests that were not HTTP, answered 400 by the server itself")


class NotHttp(logging.Filter):
    """Counts requests that are not HTTP instead of logging each with a trace that quotes its sender: such bytes come
    in floods and are answered 400 before any of our code sees them. Faults of handlers are logged as ever."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if fault is None or not self._is_the_senders(fault):
            return True
        BROKEN.inc()
        return False

    def _is_the_senders(self, fault: BaseException) -> bool:
        """Whether the server itself found it: while bytes arrived, or while it read a rest that nobody wanted."""
        began = fault.__traceback__.tb_frame.f_code.co_name if fault.__traceback__ else ""
        return (isinstance(fault, HttpProcessingError) and began == "data_received") or (
            isinstance(fault, web.RequestPayloadError) and began == "start"
        )


log = logging.getLogger(__name__)
log.addFilter(NotHttp())

# aiohttp would otherwise unfold compressed bodies while they arrive, before any handler can refuse them.
SERVER: Mapping[str, Any] = {"auto_decompress": False, "lingering_time": 1.0, "logger": log}
