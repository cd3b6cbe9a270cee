"""Leaks: a message repeats what a file holds, and goes back to the model."""

from __future__ import annotations

from tests.attacks.attack import CANARY, HEAD, STEP, Family

FAMILY = Family("leaking through messages")
_FORMS = {
    "syntax error in an include": f'`include "{CANARY}"',
    "macro of a file": f'`define X `include "{CANARY}"\n`X',
    "string of a file": f'localparam S = `"`include {CANARY}`";',
    "error with a file": f'$error("%s", $fopen("{CANARY}"));',
    "file macro": "localparam S = `__FILE__; $error(S);",
    "environment": 'initial $getenv("HOME");',
    "unconnected path": f'wire w = \\{CANARY} ;',
    "value in a message": 'localparam string S = "x"; $error("%m %s", S);',
}
for _name, _body in _FORMS.items():
    FAMILY.within(_name, "has a tool quote a file, a path or the environment", _body)
FAMILY.add("no module", "has the whole file quoted", f'`include "{CANARY}"\n')
FAMILY.add(
    "include in a definition's argument", "hides the directive in an argument",
    f'`define A(x) x\n`A(`include "{CANARY}")\n{HEAD}{STEP}endmodule\n',
)
