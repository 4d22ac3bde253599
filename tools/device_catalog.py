"""Build ``devices.yaml`` from observed devices and from a deid recipe.

    python -m tools.device_catalog OBSERVED.jsonl.gz RECIPE > devices.yaml

Each observation is a header and what its device's images need. A rule is the fewest header
values that tell it from all others with another outcome, so it holds for images of the device
that nobody has observed. What is not generalised: the size for boxes, since they stand in
pixels; and size and image type for denials, since one unreadable screen is no reason to
deny all that a device makes.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safelight.pixels.devices.catalog import normalize_name

_SIZE = ("Rows", "Columns")
#: Header values to add, in this order, until a rule stands apart.
_ORDERS = {
    "allow": ("Modality", "SOPClassUID", "ImageType", *_SIZE),
    "scrub": ("Modality", *_SIZE, "SOPClassUID", "ImageType"),
    "deny": ("Modality", *_SIZE, "SOPClassUID", "ImageType"),
}
_LEAST = {"allow": 1, "scrub": 3, "deny": 5}
_SEQUENCES = (
    "SequenceOfUltrasoundRegions",
    "GraphicAnnotationSequence",
    "CurrentRequestedProcedureEvidenceSequence",
)
_REST = (
    *_SEQUENCES,
    "SoftwareVersions",
    "SecondaryCaptureDeviceManufacturerModelName",
    "ConversionType",
    "BurnedInAnnotation",
    "SeriesDescription",
    "CommentsOnRadiationDose",
    "StudyDescription",
    "CodeMeaning",
    "BodyPartExamined",
    "SeriesNumber",
    "PixelSpacing",
)

Observation = dict[str, Any]
Rule = dict[str, Any]


def read_observations(path: Path) -> list[Observation]:
    """Observations ``{"tags": {keyword: value}, "do": action, "boxes": [...]}``, one a line."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _values(observation: Observation) -> dict[str, str]:
    return {keyword: normalize_name(value) for keyword, value in observation["tags"].items()}


def _outcome(observation: Observation) -> tuple[str, str]:
    return observation["do"], json.dumps(observation["boxes"])


def _fits(values: dict[str, str], wanted: dict[str, str]) -> bool:
    return all(values.get(keyword, "") == value for keyword, value in wanted.items())


def device_rules(observations: list[Observation]) -> Iterator[Rule]:
    """The rules of one device, each once.

    Raises
    ------
    ValueError
        If two observations have one header and two outcomes.
    """
    headers = [_values(observation) for observation in observations]
    seen: set[str] = set()
    for observation, header in zip(observations, headers):
        action = observation["do"]
        order = [*_ORDERS[action], *_REST]
        known = header.get("Manufacturer")
        least = _LEAST[action] if known else 5
        for count in range(least, len(order) + 1):
            wanted = {keyword: header.get(keyword, "") for keyword in order[:count]}
            same = [o for o, h in zip(observations, headers) if _fits(h, wanted)]
            if len({_outcome(o) for o in same}) == 1:
                break
        else:
            raise ValueError("two observations contradict each other")
        rule = _rule(observation, order[:count], least)
        name = json.dumps(rule, sort_keys=True)
        if name not in seen:
            seen.add(name)
            yield rule


def _rule(observation: Observation, keywords: list[str], least: int) -> Rule:
    tags = observation["tags"]
    when: dict[str, Any] = {}
    has: list[str] = []
    lacks: list[str] = []
    for keyword in keywords:
        value = tags.get(keyword, "").strip()
        if keyword in _SEQUENCES:
            (has if value else lacks).append(keyword)
        elif keyword in _SIZE and value.isdigit():
            when[keyword] = int(value)
        else:
            when[keyword] = value
    rule: Rule = {"when": when}
    if has:
        rule["has"] = has
    if lacks:
        rule["lacks"] = lacks
    rule["do"] = observation["do"]
    if observation["boxes"]:
        rule["boxes"] = observation["boxes"]
    return rule


#: Slips of the recipe's writers, as keyword or as modality.
_SLIPS: dict[str, str | list[str]] = {
    "Manfacturer": "Manufacturer",
    "Manufacture": "Manufacturer",
    "MRI": ["CR", "DX"],  # of a maker of detectors
    "PET/CT": ["PT", "CT"],
    "Other": ["OT"],
}


def recipe_rules(recipe: str) -> Iterator[Rule]:
    """Those labels of a deid recipe that give coordinates, as rules for classes of devices.

    Labels without coordinates name no place to hide, and one that believes Burned In
    Annotation is none to follow: they are left out.
    """
    for label in re.split(r"^LABEL ", recipe.split("%header")[0], flags=re.M)[1:]:
        title, *lines = label.splitlines()
        places, tests = [], []
        for line in filter(None, (line.strip().lstrip("+ ") for line in lines)):
            place = re.fullmatch(r"(ctp)?coordinates ([\d, ]+)", line)
            if place:
                x, y, *end = (int(n) for n in place[2].split(","))
                places.append([x, y, *end] if place[1] else [x, y, end[0] - x, end[1] - y])
            elif line[0] not in "%#":
                tests.append(line)
        if places:
            name = re.sub(r"\s*#?\s*\(.*", "", title).strip()
            clauses = [clause for test in tests for clause in _clauses(test)]
            yield {"name": name, "all": clauses, "do": "scrub", "boxes": places}


def _clauses(line: str) -> list[dict[str, Any]]:
    """One line of a label: tests of which one must hold; ``A+B`` are two lines."""
    clause: dict[str, Any] = {}
    for test in line.split("||"):
        _, keyword, value = test.strip().split(" ", 2)
        keyword = str(_SLIPS.get(keyword, keyword))
        if "+" in value.strip("+"):
            return [{keyword: [word]} for word in value.split("+")]
        words = [w for word in value.split("|") for w in _as_list(word.strip())]
        clause[keyword] = [int(w) if w.isdigit() else w for w in words]
    return [clause]


def _as_list(word: str) -> list[str]:
    meant = _SLIPS.get(word, word)
    return meant if isinstance(meant, list) else [meant]


def _flow(value: Any) -> str:
    """YAML in one line; JSON is YAML, and keys need no quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_ .\\/-]*(?<! )", text)
    if isinstance(value, str) and not (plain and text.lower() not in ("yes", "no", "on", "off")):
        return "'" + value.replace("'", "''") + "'"
    return text


def catalog(observations: list[Observation], recipe: str) -> Iterator[str]:
    """The lines of the catalog."""
    devices: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for observation in observations:
        tags = observation["tags"]
        maker, model = tags.get("Manufacturer", ""), tags.get("ManufacturerModelName", "")
        devices[normalize_name(maker), normalize_name(model)].append(observation)
    yield "devices:"
    for _, observed in sorted(devices.items()):
        tags = observed[0]["tags"]
        maker, model = tags.get("Manufacturer", ""), tags.get("ManufacturerModelName", "")
        yield f"  - manufacturer: {_flow(maker)}"
        yield f"    model: {_flow(model)}"
        yield "    rules:"
        for rule in device_rules(observed):
            yield f"      - {_flow(rule)}"
    yield ""
    yield "classes:"
    for rule in recipe_rules(recipe):
        yield f"  - {_flow(rule)}"


ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    header = (
        (ROOT / "safelight" / "pixels" / "devices" / "devices.yaml")
        .read_text("utf-8")
        .split("devices:\n")[0]
    )
    observations = read_observations(Path(sys.argv[1]))
    print(header, end="")
    print("\n".join(catalog(observations, Path(sys.argv[2]).read_text("utf-8"))))


if __name__ == "__main__":
    main()
