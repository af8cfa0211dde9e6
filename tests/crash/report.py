"""Writes what the runs came to as a table: what died how often, what was in flight, and what was lost or doubled."""

from collections import Counter
from collections.abc import Sequence

from tests.crash.campaign import Verdict
from tests.crash.evidence import Kind

_HEAD = ("mode", "point", "mutant", "seed", "kills", "mails", "LINE", "replies", "unknown", "lost", "doubled", "else")


def row(mode: str, verdict: Verdict) -> tuple[str, ...]:
    found = Counter(finding.kind for finding in verdict.findings)
    evidence = verdict.evidence
    figures = (
        verdict.seed,
        verdict.kills,
        len(set(evidence.truth.accepted)),
        len(evidence.truth.webhooks),
        len(evidence.tables["outbounds"]),
        len(evidence.unknown),
        found.pop(Kind.LOST, 0),
        found.pop(Kind.DOUBLED, 0),
        found.total(),
    )
    return (mode, verdict.point.value, verdict.mutant.value, *map(str, figures))


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[place]) for line in (_HEAD, *rows)) for place in range(len(_HEAD))]

    def laid_out(line: Sequence[str]) -> str:
        words = [cell.ljust(width) for cell, width in zip(line[:3], widths[:3], strict=True)]
        figures = [cell.rjust(width) for cell, width in zip(line[3:], widths[3:], strict=True)]
        return "  ".join([*words, *figures])

    return "\n".join([laid_out(_HEAD), *(laid_out(line) for line in rows)])
