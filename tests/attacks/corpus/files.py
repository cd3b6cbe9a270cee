"""Files: the host's are read or written."""

from __future__ import annotations

from tests.attacks.attack import CANARY, OWNED, Family

FAMILY = Family("host files")
_FORMS = {
    "readmemh": f'reg [7:0] m [0:9]; initial $readmemh("{CANARY}", m);',
    "readmemb": f'reg [7:0] m [0:9]; initial $readmemb("{CANARY}", m);',
    "sreadmemh": f'reg [7:0] m [0:9]; initial $sreadmemh(m, 0, 9, "{CANARY}");',
    "fopen to read": f'integer f; initial f = $fopen("{CANARY}", "r");',
    "fopen to write": f'integer f; initial f = $fopen("{OWNED}", "w");',
    "fopen to append": f'integer f; initial f = $fopen("{CANARY}", "a");',
    "dumpfile": f'initial begin $dumpfile("{OWNED}"); $dumpvars; end',
    "writememh": f'reg [7:0] m [0:9]; initial $writememh("{OWNED}", m);',
    "log": f'initial $log("{OWNED}");',
    "save": f'initial $save("{OWNED}");',
    "sdf_annotate": f'initial $sdf_annotate("{CANARY}");',
    "include": f'`include "{CANARY}"',
    "include of passwd": '`include "/etc/passwd"',
    "include by macro": f'`define F "{CANARY}"\n`include `F',
    "include in brackets": "`include <etc/passwd>",
    "uselib": "`uselib dir=/etc file=passwd",
    "source library": f'library l "{CANARY}";',
    "line": f'`line 1 "{CANARY}" 0',
    "file in a string": f'localparam F = "{CANARY}"; initial $readmemh(F, m); reg [7:0] m [0:9];',
    "relative path": 'integer f; initial f = $fopen("../../../../rtlbench_owned", "w");',
    "result file": 'integer f; initial begin f = $fopen("result.json", "w"); $fwrite(f, "{}"); end',
}
for _name, _body in _FORMS.items():
    FAMILY.within(_name, "reads or writes a file by name", _body)
FAMILY.add(
    "include before the module", "reads a file where no module has begun",
    f'`include "{CANARY}"\nmodule updown_counter(input clk, rst, up, output [3:0] q);\nendmodule\n',
)
