"""Finished runs as a table of models by suite: a page, Markdown, and what other places read."""
