"""Reads how many bytes something may have, as people write it: 25MB."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

MEGABYTE = 1024 * 1024
_WRITTEN = re.compile(r"(\d{1,9})\s*(B|KB|MB|GB)", re.IGNORECASE)
_BYTES = {"B": 1, "KB": 1024, "MB": MEGABYTE, "GB": 1024 * MEGABYTE}


def _size(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        # The configuration's catalogues have the sentences under this key.
        raise PydanticCustomError("size", "{key}", {"key": "size"})
    return int(match[1]) * _BYTES[match[2].upper()]


Size = Annotated[int, BeforeValidator(_size)]
"""A number of bytes: written as a whole number, or such as 512KB, 25MB, 1GB."""
