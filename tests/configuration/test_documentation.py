"""The page about the configuration says what the code does."""

import re
from pathlib import Path

import pytest

from bot.configuration.shape import LISTS, TABLES, S3Section, Section, WorkspaceSection
from tests.configuration.conftest import Write

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def _settings() -> list[tuple[str, str]]:
    sections: dict[str, type[Section]] = {**TABLES, **LISTS, "slack.workspaces": WorkspaceSection}
    sections["storage.s3"] = S3Section
    return [
        (name, field.alias or key) for name, section in sections.items() for key, field in section.model_fields.items()
    ]


def test_the_smallest_example_is_in_order(write: Write) -> None:
    assert write(whole=EXAMPLES[0]).warnings() == {}


@pytest.mark.parametrize("example", EXAMPLES[1:])
def test_every_other_example_fits_into_a_whole_configuration(write: Write, example: str) -> None:
    more = example.replace('"Money goes to billing, soon"', '"another"').replace('id = "thanks"', 'id = "another"')
    write(more=f"\n{more}").load()


@pytest.mark.parametrize(("section", "setting"), _settings())
def test_every_setting_is_explained(section: str, setting: str) -> None:
    assert re.search(rf"[`.]{setting}[`\]]|^(# )?{setting}\b|\b{setting} = ", PAGE, re.MULTILINE), section
