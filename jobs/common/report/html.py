"""Render the sections of a report as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from jobs.common.report.counts import Section
from safelight.version import VERSION

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; margin: 2rem auto; max-width: 64rem;
       padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #ddd;
         vertical-align: top; overflow-wrap: anywhere }
p, th { color: #666 }
th { font-weight: 600 } td.number { text-align: right; white-space: nowrap }
td.bar { width: 22% } td.bar div { background: #b3392f; height: .8rem; min-width: 1px }
"""


def render(sections: Sequence[Section]) -> str:
    """Return the page."""
    body = "\n".join(_section(section) for section in sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Safelight report</title><style>{_STYLE}</style></head><body>"
        f"<h1>Safelight report</h1>{body}<p>Made by Safelight {escape(VERSION)}.</p>"
        "</body></html>\n"
    )


def _section(section: Section) -> str:
    """Return one section as a table."""
    head = "".join(f"<th>{escape(name)}</th>" for name in section.columns)
    head += "<th></th>" if section.counted else ""
    largest = max((row[-1] for row in section.rows), default=1) if section.counted else 1
    rows = "".join(_row(row, largest if section.counted else 0) for row in section.rows)
    note = f"<p>{escape(section.note)}</p>" if section.note else ""
    return f"<h2>{escape(section.title)}</h2>{note}<table><tr>{head}</tr>{rows}</table>"


def _row(row: tuple[Any, ...], largest: int) -> str:
    """Return one row; ``largest`` is the count with the longest bar, or 0 for no bars."""
    cells = "".join(
        f'<td class="number">{value:,}</td>'
        if isinstance(value, int)
        else f"<td>{escape(str(value)) if value not in (None, '') else '–'}</td>"
        for value in row
    )
    if largest:
        cells += f'<td class="bar"><div style="width:{100 * row[-1] / largest:.1f}%"></div></td>'
    return f"<tr>{cells}</tr>"
