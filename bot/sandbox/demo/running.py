"""Starts the demo: the stand-in of Slack with its page, the customers, and the program, and prints one address."""

import asyncio
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from bot.app import Part
from bot.running import run
from bot.sandbox.customers.customers import Customers, CustomersConfig
from bot.sandbox.customers.routes import customer_routes
from bot.sandbox.demo.plan import ADDRESS, FORM, LINE, LINE_SECRET, LINE_TOKEN, Ports, demo_plan
from bot.sandbox.page.routes import Form, PageConfig, page_routes
from bot.sandbox.slack import seed
from bot.sandbox.slack.settings import AppSettings
from bot.sandbox.slack.standin import SlackStandin, running_standin

PAGE_PORT = 8480


def free_port(wanted: int = 0) -> int:
    """`wanted` if nobody listens there, else any free one."""
    for port in (wanted, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as listener:
                return int(listener.getsockname()[1])
        except OSError:
            continue
    raise OSError("no free port on this machine")


def free_ports(page: int = PAGE_PORT) -> Ports:
    return Ports(
        page=free_port(page),
        program=free_port(),
        smtp_door=free_port(),
        customers_smtp=free_port(),
        customers_line=free_port(),
    )


@asynccontextmanager
async def running_sandbox(
    ports: Ports, *, first_user: str = seed.AKI, folder: Path | None = None
) -> AsyncIterator[tuple[SlackStandin, Customers]]:
    """The world around the program: Slack's stand-in with the page, and the customers."""
    program = f"http://127.0.0.1:{ports.program}"
    customers = Customers(
        CustomersConfig(
            line_secret=LINE_SECRET,
            line_token=LINE_TOKEN,
            support_address=ADDRESS,
            smtp_port=ports.customers_smtp,
            line_port=ports.customers_line,
            line_name="Sunrise Coffee",
            journal=folder / "customers.jsonl" if folder else None,
        )
    )
    customers.knows_program(smtp_door=("127.0.0.1", ports.smtp_door), line_webhook=f"{program}/hooks/{LINE}")
    page = PageConfig(
        first_user=first_user,
        forms=(Form("Sunrise Coffee", f"{program}/form/{FORM}"),),
        first_room=seed.SUPPORT,
        has_home=True,
    )
    settings = AppSettings(request_url=f"{program}/slack/events", page_url=f"http://127.0.0.1:{ports.page}/")
    await customers.open()
    try:
        async with running_standin(
            app=settings,
            port=ports.page,
            log=folder / "slack.jsonl" if folder else None,
            more_routes=[*page_routes(page), *customer_routes(customers)],
        ) as slack:
            yield slack, customers
    finally:
        await customers.close()


async def run_demo(*, language: str, page_port: int = PAGE_PORT, keep: Path | None = None) -> None:
    """Runs until interrupted. Without `keep` everything is thrown away at the end."""
    folder = keep or Path(tempfile.mkdtemp(prefix="madoguchi-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    ports = free_ports(page_port)
    plan = demo_plan(ports, folder, language=language, keys=f"demo:{_key(folder)}")
    try:
        first_user = seed.AKI if language == "ja" else seed.BEN
        async with running_sandbox(ports, first_user=first_user):
            await run(plan, Part.ALL, opened=lambda _app: _greet(ports, language))
    finally:
        if keep is None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _key(folder: Path) -> str:
    """A kept demo keeps its key beside it: it protects nothing but sample data."""
    file = folder / "demo.key"
    if not file.exists():
        file.write_text(Fernet.generate_key().decode(), "ascii")
    return file.read_text("ascii").strip()


def _greet(ports: Ports, language: str) -> None:
    address = f"http://127.0.0.1:{ports.page}/"
    said = {
        "en": f"\n  窓口 Madoguchi is open. Look here:\n\n    {address}\n\n  Ctrl+C closes it.\n",
        "ja": f"\n  窓口 Madoguchi を開きました。こちらをご覧ください:\n\n    {address}\n\n  Ctrl+C で終了します。\n",
    }
    sys.stdout.write(said.get(language, said["en"]) + "\n")
    sys.stdout.flush()
