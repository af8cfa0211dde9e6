"""Keeps sets of tickets small and quick to combine: a block of numbers is one integer with a bit for each ticket."""

from array import array
from collections.abc import Iterable
from sys import byteorder

BLOCK = 2048
_FEW, _MANY = b"\0", b"\1"
_MOST_FEW = 32


def placed(number: int) -> tuple[int, int]:
    """The block of a ticket's number, and its place in there."""
    return divmod(number, BLOCK)


def packed(bits: int) -> bytes:
    """The set as it is stored: the places of the few, or a bit for each."""
    if bits.bit_count() <= _MOST_FEW:
        places = array("H", places_of(bits))
        if byteorder == "big":
            places.byteswap()
        return _FEW + places.tobytes()
    return _MANY + bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def unpacked(stored: bytes) -> int:
    if stored[:1] == _MANY:
        return int.from_bytes(stored[1:], "little")
    places = array("H", stored[1:])
    if byteorder == "big":
        places.byteswap()
    marks = bytearray(BLOCK // 8)
    for place in places:
        marks[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(marks, "little")


def together(places: Iterable[int]) -> int:
    bits = 0
    for place in places:
        bits |= 1 << place
    return bits


def places_of(bits: int) -> list[int]:
    """The places in a set, smallest first."""
    if bits.bit_count() > _MOST_FEW:
        return [place for place, mark in enumerate(reversed(f"{bits:b}")) if mark == "1"]
    places: list[int] = []
    while bits:
        lowest = bits & -bits
        places.append(lowest.bit_length() - 1)
        bits ^= lowest
    return places
