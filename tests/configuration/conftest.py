"""Writes configuration files to load: the example of the documentation, changed in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.settings import Faulty, Settings, load

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "madoguchi.toml"
ENVIRON = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "MADOGUCHI_KEYS": f"k1:{Fernet.generate_key().decode()}",
}


@dataclass(frozen=True)
class Written:
    """A configuration file in a folder of its own."""

    path: Path

    def load(self, **environ: str) -> Settings:
        return load(self.path, ENVIRON | environ)

    def faults(self, **environ: str) -> dict[str, str]:
        """What is wrong, by its place."""
        with pytest.raises(Faulty) as caught:
            self.load(**environ)
        return {problem.where: problem.wrong("en") for problem in caught.value.problems}

    def warnings(self, **environ: str) -> dict[str, str]:
        return {problem.where: problem.wrong("en") for problem in self.load(**environ).warnings}


Write = Callable[..., Written]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the example with each `(old, new)` replaced once, and `more` at its end."""

    def written(*changes: tuple[str, str], more: str = "", whole: str | None = None) -> Written:
        text = EXAMPLE.read_text("utf-8") if whole is None else whole
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / "madoguchi.toml"
        path.write_text(text + more, "utf-8")
        return Written(path)

    return written
