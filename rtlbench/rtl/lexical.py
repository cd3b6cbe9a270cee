"""The lexical forms of SystemVerilog, as patterns, for what must hold before slang reads a text.

Finding code in prose, blanking comments and bounding what a parser is given cannot ask slang: the
text is not known to be code, or not known to be harmless. All of it takes a string, a comment or a
name for the same. Where slang has read a text, its own tokens are asked.
"""

from __future__ import annotations

import re

STRING = r'"(?:\\.|[^"\\\n])*"'
LINE_COMMENT = r"//[^\n]*"
COMMENT = r"/\*.*?(?:\*/|\Z)"
"""One that is never closed runs to the end of the text; needs `re.S`, as the next does."""
CLOSED_COMMENT = r"/\*.*?\*/"
ESCAPED_NAME = r"\\\S+"
PLAIN_NAME = r"[A-Za-z_][\w$]*"
NO_CODE = re.compile(rf"{LINE_COMMENT}|{COMMENT}|{STRING}", re.S)
"""Comments and strings."""
UNKNOWN_LITERAL = re.compile(r"'[sS]?[bodhBODH]?\s*[\d_a-fA-F]*[xXzZ?]")
"""A number up to its first digit that is X or Z."""
