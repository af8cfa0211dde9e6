"""What import contracts cannot say: who may know two neighbours at once."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _packages(path: Path) -> set[str]:
    """The top-level packages of ours that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_storage_and_connectors_meet_in_the_composition_root_only() -> None:
    both = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("*.py")
        if {"storage", "connectors"} <= _packages(path)
    }
    assert both == {"bot/app.py"}


def test_every_module_opens_with_one_sentence_of_duty() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "connectors", "routing", "storage", "manifests")
        for path in (ROOT / package).rglob("*.py")
        if not (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").strip()
    ]
    assert silent == []
