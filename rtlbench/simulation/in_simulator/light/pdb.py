"""Stands in for the debugger, which nobody could talk to inside the simulator; see pytest.py."""
