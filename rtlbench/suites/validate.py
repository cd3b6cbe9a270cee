"""Whether a Spec judges rightly: its golden passes every Check, answers that do nothing fail."""

from __future__ import annotations

from rtlbench.candidate import Candidate
from rtlbench.report.explain import explain
from rtlbench.spec import Spec
from rtlbench.verdict import Outcome
from rtlbench.verifier import Verifier


def stub_answers(spec: Spec) -> dict[str, str]:
    """Answers with the right interface that must never pass, by kind."""
    declared = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in spec.ports)
    first = f"module {spec.top}({declared});\n"
    source = " ^ ".join(f"^{p.name}" for p in spec.inputs)

    def body(value: str) -> str:
        return "".join(f"assign {p.name} = {value.format(w=p.width)};\n" for p in spec.outputs)

    bodies = {
        "empty": "",
        "zero": body("{w}'d0"),
        "one": body("{{{w}{{1'b1}}}}"),
        "unknown": body("{{{w}{{1'bx}}}}"),
        "parity of all inputs": body("{{{w}{{" + source + "}}}}"),
        "finish": "initial $finish;\n",
        "print": 'initial begin $display("Your Design Passed"); $finish; end\n',
    }
    return {kind: f"{first}{text}endmodule\n" for kind, text in bodies.items()}


def validate_spec(spec: Spec, verifier: Verifier | None = None) -> list[str]:
    """What is wrong with `spec`, a line each; empty when nothing is."""
    stubs = stub_answers(spec)
    texts = [spec.golden, *stubs.values()]
    candidates = [Candidate(text=t, spec_id=spec.id, sample=k) for k, t in enumerate(texts)]
    golden, *others = (verifier or Verifier()).verify(spec, candidates)
    faults: list[str] = []
    if golden.outcome is not Outcome.PASS or golden.score != 1.0:
        faults.append(f"the golden does not score 1.0: {explain(golden)}")
    for kind, verdict in zip(stubs, others, strict=True):
        if verdict.outcome not in (Outcome.FAIL, Outcome.TIMEOUT) or verdict.functional:
            faults.append(f"the answer `{kind}` ends in {verdict.outcome}, functional "
                          f"{verdict.functional}")
    return faults
