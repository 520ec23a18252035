"""One piece of work in this process: `python -m bench.work W4 FOLDER full`; its figures as JSON.

Nothing is imported before it is asked for: what a process weighs is part of what is measured.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

from bench import sizes

WORKS = {
    "W1": "bench.backtests:one_symbol",
    "W4": "bench.latency:signal_to_position",
    "W5": "bench.idle:loaded",
    "W6": "bench.latency:append",
    "W7": "bench.scan:bar_close",
    "replay": "bench.backtests:replay",
    "market": "bench.market:on_disk",
}


def main(name: str, folder: str, size: str) -> None:
    module, _, function = WORKS[name].partition(":")
    work = getattr(import_module(module), function)
    figures: dict[str, float] = work(Path(folder), {"full": sizes.FULL, "tiny": sizes.TINY}[size])
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
