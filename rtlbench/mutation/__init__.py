"""Mutants of goldens: right answers broken in the ways that models break them.

A suite is strong where every mutant that behaves differently fails in simulation. Two sources
that know nothing of each other: `source` edits the text by slang's syntax tree, `netlist` lets
Yosys change its netlist. `classification` judges the mutants and asks a prover about the survivors.
"""
