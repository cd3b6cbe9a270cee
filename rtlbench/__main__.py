"""`python -m rtlbench` is the `rtlbench` command."""

from __future__ import annotations

from rtlbench.cli.main import main

if __name__ == "__main__":
    main()
