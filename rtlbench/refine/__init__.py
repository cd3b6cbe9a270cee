"""Refinement: a model answers, is told what is wrong, and answers again."""
