"""The process of its own in which a text is elaborated first: `FILE [TOP]`."""

from __future__ import annotations

import sys
from pathlib import Path

from rtlbench.rtl.elaboration_size import REFUSED, TooLargeError
from rtlbench.rtl.slang import TooDeepError, elaborate


def main(argv: list[str]) -> int:
    """Elaborate and analyse; 0 when that came to its end."""
    text = Path(argv[0]).read_text()
    try:
        view = elaborate(text, argv[1] if argv[1:] else None, trial=True)
    except (TooLargeError, TooDeepError) as e:
        print(e)
        return REFUSED
    if not any(view.errors):
        view.analysis.getDiagnostics()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
