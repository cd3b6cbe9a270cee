"""Training data looked through by people: a local page, their decisions, their agreement."""
