"""Fuzzing: generated and mutated answers against what the harness promises (docs/fuzzing.md)."""
