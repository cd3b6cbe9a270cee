"""A finished run, or several, as a page for people."""
