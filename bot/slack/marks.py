"""Remembers the last things that came, so that what Slack (or somebody else) sends again is not done again."""


class Marks:
    """A bounded memory of this process; the desk itself takes care that nothing has its effect twice."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._kept: dict[str, None] = {}

    def __contains__(self, mark: str) -> bool:
        return bool(mark) and mark in self._kept

    def add(self, mark: str) -> None:
        if not mark:
            return
        self._kept[mark] = None
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
