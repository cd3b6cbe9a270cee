"""The plan of a Spec: every frame that its answers are judged by.

The reference model is a function of the inputs alone, so stimulus and expected outputs are
computed once a Spec, before any simulator starts, and played back to all lanes.
"""

from __future__ import annotations

import random

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.simulation.frames import Plan, plan_of
from rtlbench.simulation.model import load_model
from rtlbench.simulation.recorded import recorded_for
from rtlbench.simulation.stimulus import Stimulus

TIMES = 2
"""Random cycles for each one that a family asks for: they cost less than starting the simulator."""
TOUR = 400
"""At most so many cycles go to pairs of state and inputs that all before has left out."""


def build_plan(spec: Spec, seed: int = 0, times: int = TIMES) -> Plan:
    """All frames of `spec`: opening, the family's directed part, glitches, random cycles,
    a tour of what they left out, then what is recorded beside the family.

    The same Spec and seed give the same plan on every machine.

    Args:
        times: So many times as many random cycles as the family asks for.

    Raises:
        HarnessError: The Spec has no reference model, or the model breaks its contract.
    """
    if spec.reference is None:
        raise HarnessError(f"{spec.id}: no reference model to make stimulus from")
    model = load_model(spec.reference)(spec.params)
    stimulus = Stimulus(spec, model, random.Random(f"{spec.id}/{seed}"))
    if spec.reset == "none":  # what power-up leaves is seen before anything else acts
        model.directed(stimulus)
        stimulus.opening()
    else:
        stimulus.opening()
        model.directed(stimulus)
    stimulus.reset_glitches()
    stimulus.random_with_events(times * model.cycles)
    stimulus.tour(TOUR)
    for recorded in recorded_for(spec.reference, spec.id):
        stimulus.play(recorded.moments)
    return plan_of(spec, stimulus.frames)
