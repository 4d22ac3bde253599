"""Make ``devices.yaml`` from observed devices and from a recipe of pydicom/deid.

    python -m tools.device_catalog OBSERVED.jsonl.gz RECIPE > devices.yaml

An observation is a header and the action that images of its device need. A rule has the fewest
header values that distinguish it from all observations with another outcome, so that it applies
to images of the device that were not observed. Two things are not generalized: the size for boxes,
because they are given in pixels, and size and image type for denials, because one unreadable
screen is not a reason to deny all images of a device.
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

_CATALOG = Path(__file__).resolve().parents[1] / "safelight" / "pixels" / "devices" / "devices.yaml"

_SIZE_KEYWORDS = ("Rows", "Columns")
#: Header values that are added in this order, until a rule is distinct.
_KEYWORDS_BY_ACTION = {
    "allow": ("Modality", "SOPClassUID", "ImageType", *_SIZE_KEYWORDS),
    "scrub": ("Modality", *_SIZE_KEYWORDS, "SOPClassUID", "ImageType"),
    "deny": ("Modality", *_SIZE_KEYWORDS, "SOPClassUID", "ImageType"),
}
#: Smallest number of header values of a rule.
_MIN_KEYWORDS_BY_ACTION = {"allow": 1, "scrub": 3, "deny": 5}
#: The same for a device of unknown manufacturer.
_MIN_KEYWORDS_WITHOUT_MANUFACTURER = 5
_SEQUENCE_KEYWORDS = (
    "SequenceOfUltrasoundRegions",
    "GraphicAnnotationSequence",
    "CurrentRequestedProcedureEvidenceSequence",
)
_OTHER_KEYWORDS = (
    *_SEQUENCE_KEYWORDS,
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

#: Errors in the recipe, by keyword or modality, with the intended text.
_RECIPE_CORRECTIONS: dict[str, str | list[str]] = {
    "Manfacturer": "Manufacturer",
    "Manufacture": "Manufacturer",
    "MRI": ["CR", "DX"],  # of a manufacturer of detectors
    "PET/CT": ["PT", "CT"],
    "Other": ["OT"],
}

#: ``{"tags": {keyword: value}, "do": action, "boxes": [[x, y, width, height]]}``
Observation = dict[str, Any]
#: Rule as in ``devices.yaml``.
CatalogRule = dict[str, Any]


def read_observations(path: Path) -> list[Observation]:
    """Return the observations of a gzip file, one JSON object per line."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _normalize_header(observation: Observation) -> dict[str, str]:
    """Return the header values of an observation in normalized form, by keyword."""
    return {keyword: normalize_name(value) for keyword, value in observation["tags"].items()}


def _get_outcome(observation: Observation) -> tuple[str, str]:
    """Return action and boxes of an observation in a comparable form."""
    return observation["do"], json.dumps(observation["boxes"])


def _matches(header: dict[str, str], wanted: dict[str, str]) -> bool:
    """Return whether a header has the wanted values."""
    return all(header.get(keyword, "") == value for keyword, value in wanted.items())


def make_device_rules(observations: list[Observation]) -> Iterator[CatalogRule]:
    """Yield the distinct rules of one device.

    Raises
    ------
    ValueError
        If two observations have the same header and different outcomes.
    """
    headers = [_normalize_header(observation) for observation in observations]
    made: set[str] = set()
    for observation, header in zip(observations, headers):
        keywords = _choose_keywords(observation, header, observations, headers)
        rule = _make_rule(observation, keywords)
        identity = json.dumps(rule, sort_keys=True)
        if identity not in made:
            made.add(identity)
            yield rule


def _choose_keywords(
    observation: Observation,
    header: dict[str, str],
    observations: list[Observation],
    headers: list[dict[str, str]],
) -> list[str]:
    """Return the fewest keywords that distinguish an observation from other outcomes."""
    action = observation["do"]
    keywords = [*_KEYWORDS_BY_ACTION[action], *_OTHER_KEYWORDS]
    min_count = _MIN_KEYWORDS_BY_ACTION[action]
    if not header.get("Manufacturer"):
        min_count = _MIN_KEYWORDS_WITHOUT_MANUFACTURER
    for count in range(min_count, len(keywords) + 1):
        wanted = {keyword: header.get(keyword, "") for keyword in keywords[:count]}
        matching = [o for o, h in zip(observations, headers) if _matches(h, wanted)]
        if len({_get_outcome(o) for o in matching}) == 1:
            return keywords[:count]
    raise ValueError("two observations contradict each other: remove one of them")


def _make_rule(observation: Observation, keywords: list[str]) -> CatalogRule:
    """Return the rule with the values of an observation for the given keywords."""
    tags = observation["tags"]
    when: dict[str, Any] = {}
    has: list[str] = []
    lacks: list[str] = []
    for keyword in keywords:
        value = tags.get(keyword, "").strip()
        if keyword in _SEQUENCE_KEYWORDS:
            (has if value else lacks).append(keyword)
        elif keyword in _SIZE_KEYWORDS and value.isdigit():
            when[keyword] = int(value)
        else:
            when[keyword] = value
    rule: CatalogRule = {"when": when}
    if has:
        rule["has"] = has
    if lacks:
        rule["lacks"] = lacks
    rule["do"] = observation["do"]
    if observation["boxes"]:
        rule["boxes"] = observation["boxes"]
    return rule


def convert_recipe(recipe: str) -> Iterator[CatalogRule]:
    """Yield the labels of a deid recipe that have coordinates, as rules for classes of devices.

    Other labels are left out: they have no region to mask, or rely on Burned In Annotation.
    """
    for label in re.split(r"^LABEL ", recipe.split("%header", maxsplit=1)[0], flags=re.M)[1:]:
        title, *lines = label.splitlines()
        boxes, tests = [], []
        for line in filter(None, (line.strip().lstrip("+ ") for line in lines)):
            coordinates = re.fullmatch(r"(ctp)?coordinates ([\d, ]+)", line)
            if coordinates:
                boxes.append(_convert_coordinates(coordinates[2], is_ctp=bool(coordinates[1])))
            elif line[0] not in "%#":
                tests.append(line)
        if boxes:
            name = re.sub(r"\s*#?\s*\(.*", "", title).strip()
            clauses = [clause for test in tests for clause in _convert_test(test)]
            yield {"name": name, "all": clauses, "do": "scrub", "boxes": boxes}


def _convert_coordinates(text: str, *, is_ctp: bool) -> list[int]:
    """Return x, y, width and height. In the form of CTP the text has them, else two corners."""
    x, y, *end = (int(number) for number in text.split(","))
    return [x, y, *end] if is_ctp else [x, y, end[0] - x, end[1] - y]


def _convert_test(line: str) -> list[dict[str, Any]]:
    """Return the clauses of one line of a label.

    One comparison of a clause must be true. The value ``A+B`` makes two clauses.
    """
    clause: dict[str, Any] = {}
    for test in line.split("||"):
        _, keyword, value = test.strip().split(" ", 2)
        corrected = str(_RECIPE_CORRECTIONS.get(keyword, keyword))
        if "+" in value.strip("+"):
            return [{corrected: [word]} for word in value.split("+")]
        words = [w for word in value.split("|") for w in _correct_word(word.strip())]
        clause[corrected] = [int(w) if w.isdigit() else w for w in words]
    return [clause]


def _correct_word(word: str) -> list[str]:
    """Return the words that a word of the recipe means."""
    corrected = _RECIPE_CORRECTIONS.get(word, word)
    return corrected if isinstance(corrected, list) else [corrected]


def _format_flow(value: Any) -> str:
    """Return a value as YAML in one line."""
    if isinstance(value, dict):
        entries = (f"{key}: {_format_flow(entry)}" for key, entry in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_format_flow, value)) + "]"
    text = str(value)
    is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_ .\\/-]*(?<! )", text)
    is_boolean = text.lower() in ("yes", "no", "on", "off")
    if isinstance(value, str) and (is_boolean or not is_plain):
        return "'" + value.replace("'", "''") + "'"
    return text


def format_catalog(observations: list[Observation], recipe: str) -> Iterator[str]:
    """Yield the lines of the catalog.

    Parameters
    ----------
    observations : list of Observation
    recipe : str
        Content of a deid recipe.
    """
    devices: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for observation in observations:
        manufacturer, model = _get_device(observation)
        devices[normalize_name(manufacturer), normalize_name(model)].append(observation)
    yield "devices:"
    for _, observed in sorted(devices.items()):
        manufacturer, model = _get_device(observed[0])
        yield f"  - manufacturer: {_format_flow(manufacturer)}"
        yield f"    model: {_format_flow(model)}"
        yield "    rules:"
        for rule in make_device_rules(observed):
            yield f"      - {_format_flow(rule)}"
    yield ""
    yield "classes:"
    for rule in convert_recipe(recipe):
        yield f"  - {_format_flow(rule)}"


def _get_device(observation: Observation) -> tuple[str, str]:
    """Return manufacturer and model name of an observation."""
    tags = observation["tags"]
    return tags.get("Manufacturer", ""), tags.get("ManufacturerModelName", "")


def main() -> None:
    """Print the catalog with the header of the present one."""
    header = _CATALOG.read_text("utf-8").split("devices:\n")[0]
    observations = read_observations(Path(sys.argv[1]))
    print(header, end="")
    print("\n".join(format_catalog(observations, Path(sys.argv[2]).read_text("utf-8"))))


if __name__ == "__main__":
    main()
