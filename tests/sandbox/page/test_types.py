"""The page's modules keep to the types that stand in their comments."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / ".cache" / "typescript"


@pytest.mark.node
def test_the_modules_keep_to_their_types() -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm is not installed: checking the page's types needs it")
    compiler = CACHE / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", str(CACHE)]
        installed = subprocess.run([*command, "typescript@5.9"], capture_output=True, text=True, check=False)
        if installed.returncode != 0:
            pytest.skip(f"npm could not install TypeScript: {installed.stderr[-300:]}")
    checked = subprocess.run(
        [node, str(compiler), "-p", str(ROOT / "bot/sandbox/page/jsconfig.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout == ""
    assert checked.returncode == 0
