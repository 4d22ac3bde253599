"""Table of the methods that mask burned-in text, from their figures."""

from __future__ import annotations

from typing import Any

from benchmarks.burned_in.truth import MARGIN_PIXELS, MAX_MARKER_SHARE

METHOD_NAMES = {
    "rapidocr": "Safelight, rapidocr (PP-OCRv6 small)",
    "tesseract": "Safelight, Tesseract 5",
    "presidio": "Presidio image redactor, default settings",
    "presidio-sparse": "Presidio image redactor, Tesseract `--psm 11`",
}
#: Figures that John Snow Labs has published for its best Visual NLP model (large), on 15 other
#: objects of the collection: recall and precision by tokens, seconds per image on 8 cores.
PUBLISHED_ROW = (
    "| John Snow Labs Visual NLP, best model, published figures "
    "| 0.865 | | 0.955 | | | | 22.9 on 8 cores |"
)


def table(figures: dict[str, dict[str, Any]]) -> str:
    """Return all figures as Markdown."""
    first = next((f for f in figures.values() if "words" in f), None)
    if first is None:
        return "No method was measured.\n"
    lines = [
        "# Burned-in text: masked PHI and kept text",
        "",
        "Written by `benchmarks/burned_in/engines.py`; its docstring describes how to run it.",
        "",
        f"## Synthetic PHI in {first['objects']} real pictures",
        "",
        f"The ground truth has {first['words']} words. Of these, {first['words_in_picture']} are "
        f"at least half in the picture, and {first['words_legible']} are legible (strokes differ "
        "from the background in 60 % of their columns). A word is masked if masks cover 90 % of "
        "its box. Area precision is the share of the changed pixels within "
        f"{MARGIN_PIXELS} pixels of PHI text or its key. A marker is text of the original picture "
        f"that is not PHI; it is lost if masks cover more than {MAX_MARKER_SHARE:.0%} of it. "
        "Safelight ran from the bytes to the check for remaining PHI, with the values of the "
        "header and without the text model; Presidio also had the values of the header. CPU "
        "seconds include Tesseract's own processes.",
        "",
        "| method | legible words masked | all words in the picture | area precision "
        "| markers lost | refused | CPU s, mean / worst | wall s, mean |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    notes = []
    for method, name in METHOD_NAMES.items():
        own = figures.get(method, {"missing": "not measured"})
        if "missing" in own:
            lines.append(f"| {name} | {own['missing']} | | | | | | |")
            continue
        cpu, wall = own["cpu"], own["wall"]
        lines.append(
            f"| {name} | {own['hidden_legible'] / max(1, own['words_legible']):.4f} "
            f"| {own['hidden_in_picture'] / max(1, own['words_in_picture']):.4f} "
            f"| {_precision(own)} "
            f"| {own['markers_lost']} of {own['markers']} | {own['refused']} "
            f"| {sum(cpu) / len(cpu):.2f} / {max(cpu):.2f} | {sum(wall) / len(wall):.2f} |"
        )
        if "threads" in own:
            notes.append(f"{name}: {own['threads']} thread(s) for recognition.")
        if "model" in own:
            notes.append(f"{name}: spaCy model `{own['model']}`.")
    lines += [
        PUBLISHED_ROW, "", *notes, "", *_speed(figures.get("speed")),
        "The published figures count tokens that were read, in other objects of the same "
        "collection. They are given for orientation only.", "",
        "## Screens of real devices", "",
        "A box must be covered to 95 %, a string that must be kept must be readable after "
        "masking, and a picture without PHI must not be changed.", "",
        "| method | boxes covered | strings kept | controls unchanged |",
        "|---|---:|---:|---:|",
    ]  # fmt: skip
    for method, name in METHOD_NAMES.items():
        rows = figures.get(method, {}).get("screens")
        if rows:
            lines.append(
                f"| {name} | "
                + " | ".join(_share(rows, kind) for kind in ("box", *OTHER_ROW_TYPES))
                + " |"
            )
    for method, name in METHOD_NAMES.items():
        own = figures.get(method, {})
        if method == "rapidocr" and own.get("screens"):
            lines += ["", f"### {name}", "", "| screen | type | covered | as required |",
                      "|---|---|---:|---|"]  # fmt: skip
            lines += [
                f"| {screen} | {what} | {part:.2f} | {'yes' if wanted else '**no**'} |"
                for screen, what, part, wanted in own["screens"]
            ]
            missed = own.get("missed") or ["none"]
            lines += ["", "Objects with a missed legible word or a lost marker: "
                      + "; ".join(missed) + "."]  # fmt: skip
    return "\n".join(lines) + "\n"


def _speed(speed: dict[str, Any] | None) -> list[str]:
    """Return the paragraph about latency and throughput."""
    if not speed:
        return []
    cores, objects = speed["cores"], speed["objects"]
    return [
        f"On {cores} idle cores (`benchmarks/burned_in/speed.py`, the same {objects} objects, "
        "rapidocr, from the bytes to the check for remaining PHI, models loaded before): one "
        "image at a time with "
        f"{cores} threads takes {speed['alone_mean']:.2f} s of wall time (median "
        f"{speed['alone_median']:.2f}, worst {speed['alone_worst']:.2f}); {cores} workers with one "
        f"thread each take {speed['together_mean']:.2f} s per image each and process all in "
        f"{speed['together_span']:.1f} s: {speed['together_span'] / objects:.2f} s per image, "
        f"{objects / speed['together_span']:.2f} images per second.", "",
    ]  # fmt: skip


def _precision(own: dict[str, Any]) -> str:
    if not own["pixels_changed"]:
        return "nothing changed"
    return f"{1 - own['pixels_damaged'] / own['pixels_changed']:.4f}"


#: Types of rows of a screen that are not boxes to cover.
OTHER_ROW_TYPES = ("must survive", "untouched")


def _share(rows: list[tuple[str, str, float, bool]], kind: str) -> str:
    own = [
        ok
        for _, row_type, _, ok in rows
        if row_type == kind or kind == "box" and row_type not in OTHER_ROW_TYPES
    ]
    return f"{sum(own)} of {len(own)}"
