"""The child process that reads one mail from its standard input under limits: `python -m connectors.mail.guard`."""

import resource
import sys

from connectors.mail.parsing import parse_mail
from connectors.mail.wire import UNREADABLE, caps_from_wire, to_wire
from routing.errors import Unreadable


def main(caps: str, memory: str, seconds: str) -> int:
    """Writes the parsed mail, or why it cannot be read, to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    cpu = max(1, round(float(seconds)))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    raw = sys.stdin.buffer.read()
    try:
        answer = to_wire(parse_mail(raw, caps_from_wire(caps)))
    except Unreadable as failure:
        sys.stdout.buffer.write(str(failure).encode())
        return UNREADABLE
    except MemoryError:
        sys.stdout.buffer.write(b"Reading the mail takes more memory than it may have.")
        return UNREADABLE
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
