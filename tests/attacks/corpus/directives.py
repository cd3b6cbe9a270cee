"""Directives and macros: what one answer sets stays set for the next."""

from __future__ import annotations

from tests.attacks.attack import HEAD, STEP, Family

FAMILY = Family("directive leaks")
_BEFORE = {
    "define a keyword": "`define posedge negedge",
    "define endmodule": "`define endmodule",
    "define a port": "`define q z",
    "define the wrapper's words": "`define bad 0",
    "undefineall": "`undefineall",
    "undef": "`undef RTLBENCH",
    "default_nettype none": "`default_nettype none",
    "default_nettype wand": "`default_nettype wand",
    "timescale of femtoseconds": "`timescale 1fs/1fs",
    "timescale of 100 seconds": "`timescale 100s/100s",
    "unconnected_drive": "`unconnected_drive pull1",
    "nounconnected_drive": "`nounconnected_drive",
    "default_decay_time": "`default_decay_time 1",
    "default_trireg_strength": "`default_trireg_strength 9",
    "delay_mode_path": "`delay_mode_path",
    "celldefine": "`celldefine",
    "begin_keywords": '`begin_keywords "1364-1995"',
    "open ifdef": "`ifdef NEVER_DEFINED_AT_ALL",
    "open else": "`ifndef NEVER\n`else",
    "line": '`line 1 "lane0" 0',
    "pragma reset": "`pragma reset",
    "timeunit": "timeunit 1fs;",
    "resetall": "`resetall",
}
for _name, _text in _BEFORE.items():
    FAMILY.add(f"{_name}, before", "sets it for what comes behind", f"{_text}\n{HEAD}{STEP}endmodule\n")
for _name in ("define a keyword", "timescale of 100 seconds", "default_nettype none", "open ifdef",
              "unconnected_drive", "begin_keywords"):
    FAMILY.add(f"{_name}, behind", "sets it for the next answer",
               f"{HEAD}{STEP}endmodule\n{_BEFORE[_name]}\n")
FAMILY.add("open bracket behind", "swallows the next answer", f"{HEAD}{STEP}endmodule\nmodule x (")
FAMILY.add("backslash at the end", "joins the next answer's first line", f"{HEAD}{STEP}endmodule\n`define X \\")
