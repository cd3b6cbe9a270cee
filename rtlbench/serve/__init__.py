"""The judging service: Verdicts over HTTP, for trainers elsewhere."""
