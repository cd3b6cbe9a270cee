"""Commands: the simulator's side runs a program."""

from __future__ import annotations

from tests.attacks.attack import OWNED, Family

FAMILY = Family("running commands")
_FORMS = {
    "system": f'initial $system("touch {OWNED}");',
    "Verilator's c": f'initial $c("system(\\"touch {OWNED}\\");");',
    "Verilator's c1": f'wire w = $c1("system(\\"touch {OWNED}\\")");',
    "Verilator's cpure": f'wire w = $cpure("system(\\"touch {OWNED}\\")");',
    "DPI": 'import "DPI-C" function int system(input string s); '
    f'initial system("touch {OWNED}");',
    "DPI export": 'export "DPI-C" function f; function void f(); endfunction',
    "Python by PLI": f'initial $python("open(\'{OWNED}\', \'w\')");',
    "vpi": "initial $vpi_load;",
    "systemc block": f"`systemc_header\n#include <cstdlib>\n`systemc_ctor\nsystem(\"touch {OWNED}\");",
    "verilog block": "`verilog",
    "Yosys script by attribute": "(* techmap_do = \"exec -- touch owned\" *) wire w;",
    "quotes in a name": f"wire \\x;touch$IFS{OWNED}; ; assign \\x;touch$IFS{OWNED};  = clk;",
    "back quotes in a name": "wire \\`id`$(id) ; assign \\`id`$(id)  = clk;",
    "line end in a name": "wire \\x\n!touch /tmp/rtlbench_owned\n ;",
}
for _name, _body in _FORMS.items():
    FAMILY.within(_name, "runs a program", _body)
