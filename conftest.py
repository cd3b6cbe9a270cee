"""Fixtures come from the installed plugin, rtlbench/pytest_plugin.py."""
