"""Read a script of the CTP anonymizer in its older format, a Java properties file."""

from __future__ import annotations

import re

from safelight.rules.importers.ctp.xml_script import ScriptLine

_KIND = {"param": "p", "set": "e", "keep": "k", "remove": "r"}
_LINE = re.compile(r"[ \t]*(?P<off>#?)(?P<kind>param|set|keep|remove)\.(?P<key>.*)")
_ELEMENT = re.compile(r"\[(?P<group>[^,\[\]]+),(?P<number>(?:\[[^\]]*\])?[^\[\]]*)\](?P<title>.*)")


def is_properties_script(text: str) -> bool:
    """Return whether a text has lines of a script in the older format."""
    return re.search(r"(?m)^[ \t]*#?(?:set\.\[|param\.\w+[ \t]*=)", text) is not None


def read_property_lines(text: str) -> list[ScriptLine]:
    """Return the elements of a script in the order of the file.

    Parameters
    ----------
    text : str
        Lines such as ``set.[0010,0010]PatientName=@remove()``; ``#`` disables a line.
    """
    lines = []
    joined = re.sub(r"\\\r?\n[ \t]*", "", text)
    for number, raw in enumerate(joined.splitlines(), 1):
        match = _LINE.fullmatch(raw)
        if match is None:
            continue
        key, _, value = match["key"].partition("=")
        line = _read_line(_KIND[match["kind"]], key.strip(), number)
        if line is not None:
            line.is_enabled = not match["off"]
            line.text = re.sub(r"\\(.)", r"\1", value.strip())
            lines.append(line)
    return lines


def _read_line(kind: str, key: str, number: int) -> ScriptLine | None:
    """Return one element of a script without its content; None if the key has another form."""
    if kind == "k":
        key = key.removeprefix("group").strip()
    if kind != "e":
        return ScriptLine(kind, key, True, number)
    match = _ELEMENT.fullmatch(key)
    if match is None:
        return None
    group, element = match["group"].strip(), match["number"].strip()
    return ScriptLine(kind, group.zfill(4) + element, True, number, title=match["title"].strip())
