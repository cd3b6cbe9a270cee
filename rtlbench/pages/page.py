"""One self-contained HTML page out of a template in `templates/`, all of them in one frame.

Guarantee: values are escaped where they stand in HTML, and as data for a script (`script_data`); a
page asks for nothing from anywhere, and its policy forbids it to.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rtlbench.io.atomic import write_whole
from rtlbench.io.counted import many
from rtlbench.statistics import Figure

if TYPE_CHECKING:
    from jinja2 import Environment


def write_page(path: Path, template: str, **values: object) -> None:
    """Write `templates/NAME.html.j2` with `values` to `path`, in one step.

    Raises:
        UserError: It cannot be written.
    """
    write_whole(path, page(template, **values).encode())


def page(template: str, **values: object) -> str:
    """The text of `templates/NAME.html.j2` with `values`."""
    return _environment().get_template(f"{template}.html.j2").render(values)


def script_data(value: object) -> str:
    """`value` as JSON that can stand in a script element: nothing in it ends the element."""
    text = msgspec.json.encode(value).decode()
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


@lru_cache(maxsize=1)
def _environment() -> Environment:
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("rtlbench.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"percent": percent, "span": span, "many": many}
    return made


def percent(value: float | None) -> str:
    """`93.1%`; a dash where there is nothing."""
    return "-" if value is None else f"{100 * value:.1f}%"


def span(figure: Figure) -> str:
    """`90.0 to 95.2%`; nothing where the figure has no interval."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{100 * figure.low:.1f} to {100 * figure.high:.1f}%"
