"""Finds out where processor time goes by looking, as often as the kernel counts it, at what is being run.

A tracing profiler makes many small calls look dear; looking now and then costs next to nothing and favours nobody.
"""

import signal
from collections import Counter
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

_EVERY = 0.001
_NEARLY_ALL = 0.95  # what is always on the stack tells nothing
_ROOT = Path(__file__).resolve().parents[2]


class Sampler:
    """Of this process's main thread. What C code does is counted for the Python function that called it."""

    def __init__(self) -> None:
        self._samples = 0
        self._own: Counter[str] = Counter()
        self._all: Counter[str] = Counter()

    def start(self) -> None:
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        self._samples += 1
        seen: set[str] = set()
        while frame is not None:
            name = _name(frame.f_code)
            if not seen:
                self._own[name] += 1
            seen.add(name)
            frame = frame.f_back
        self._all.update(seen)

    def told(self, most: int = 45) -> str:
        """The functions with the largest shares: with all they call, and by themselves."""
        lines = [f"{self._samples} samples"]
        within = Counter({name: count for name, count in self._all.items() if count < _NEARLY_ALL * self._samples})
        for head, counted in (("with all it calls", within), ("by itself", self._own)):
            lines.append(f"  share  {head}")
            lines += [f"  {count / self._samples:6.1%}  {name}" for name, count in counted.most_common(most)]
        return "\n".join(lines)


@cache
def _name(code: CodeType) -> str:
    path = Path(code.co_filename)
    try:
        where = str(path.relative_to(_ROOT))
    except ValueError:
        where = "/".join(path.parts[-2:])
    return f"{where.removeprefix('.venv/lib/')}:{code.co_qualname}"
