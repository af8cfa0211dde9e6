"""The customers' side as a process of its own, as crash tests start it."""

import asyncio
import json
import signal
import sys
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import aiosmtplib

from tests.sandbox.page.conftest import recorded
from tests.sandbox.page.program import Program

ROOT = Path(__file__).resolve().parents[3]


async def test_the_process_tells_its_ports_keeps_its_record_and_stops_when_asked(
    program: Program, tmp_path: Path
) -> None:
    journal = tmp_path / "truth.jsonl"
    host, port = program.smtp_door
    arguments = ["--smtp-door", f"{host}:{port}", "--line-webhook", program.webhook_url, "--log", str(journal)]
    secrets = ["--line-secret", "s", "--line-token", "t"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox.customers", *arguments, *secrets),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        ports = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Message-ID"] = (
            "a@shop.example",
            "emma.wilson@customer.example",
            "<1@shop.example>",
        )
        mail.set_content("hello")
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=ports["smtp_port"], start_tls=False)
        async with aiohttp.ClientSession() as session:
            page = f"http://127.0.0.1:{ports['line_port']}/customers"
            await session.post(f"{page}/line", json={"person": "hina", "type": "text", "text": "hello"})
        await program.until(lambda: len(program.webhooks) == 1)
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0

    assert {line["kind"] for line in recorded(journal)} == {"mail_received", "line_webhook_taken"}
