"""What words promise of behaviour, held against the circuit itself: an enable that holds, a reset
that sets, a load that loads, and the plain necessities of the kind of circuit that is named.

`words` reads what is promised, and where; `scene` plays the circuit from its reset on, in all
settings of its one-bit inputs; `controls`, `clocked` and `plain` hold one against the other.

Words only ask, the circuit decides. A refusal rests on what the circuit was seen to do in states
that it really reaches, in every setting of the inputs of which the words say nothing: where in one
of them it does what is promised, nothing is said. Where the circuit cannot be played (latches, more
than one clock, inputs without end), nothing is said either. What is not refused is not proven.
"""
