"""The table of what methods hide of burned-in text, from their figures."""

from __future__ import annotations

from typing import Any

from benchmarks.burned_in_truth import LOST, MARGIN

NAMES = {
    "rapidocr": "Safelight, rapidocr (PP-OCRv6 small)",
    "tesseract": "Safelight, Tesseract 5",
    "presidio": "Presidio image redactor, as it ships",
    "presidio-sparse": "Presidio image redactor, Tesseract `--psm 11`",
}
#: Published by John Snow Labs for its best Visual NLP model (large), on 15 other objects of
#: the collection: recall and precision by tokens, seconds an image on 8 cores.
PUBLISHED = (
    "| John Snow Labs Visual NLP, best model, as published "
    "| 0.865 | | 0.955 | | | | 22.9 on 8 cores |"
)


def table(figures: dict[str, dict[str, Any]]) -> str:
    """All figures as Markdown."""
    first = next((f for f in figures.values() if "words" in f), None)
    if first is None:
        return "Nothing was measured.\n"
    lines = [
        "# Burned-in text: what is hidden, what is spared",
        "",
        "Written by `benchmarks/burned_in.py`; its docstring says how to run it again.",
        "",
        f"## Synthetic PHI in {first['objects']} real pictures, the same for all",
        "",
        f"{first['words']} words are in the ground truth, {first['words_in_picture']} at least "
        f"half in the picture, {first['words_legible']} legible (strokes stand out in 60 % of "
        "their columns). A word is hidden when 90 % of its box is. Area precision is the share "
        f"of the changed pixels that lie within {MARGIN} pixels of PHI text or its key. A marker "
        "is text of the original picture that is no PHI, and lost when more than "
        f"{LOST:.0%} of it is hidden. Safelight ran from the bytes to the proof, with what the "
        "header knows and without the text model; Presidio with the header's values too. CPU "
        "seconds count those of Tesseract's own processes.",
        "",
        "| method | legible words hidden | all words in the picture | area precision "
        "| markers lost | refused | CPU s, mean / worst | wall s, mean |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    notes = []
    for method, name in NAMES.items():
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
        PUBLISHED, "", *notes, "", *_speed(figures.get("speed")),
        "The published figures are of tokens that were read, on other objects of the same "
        "collection: they stand here for orientation.", "",
        "## Screens of real devices", "",
        "A box must be covered to 95 %, a string that must survive must be readable in what is "
        "left, and a picture without PHI must not be touched.", "",
        "| method | boxes covered | strings that survive | controls untouched |",
        "|---|---:|---:|---:|",
    ]  # fmt: skip
    for method, name in NAMES.items():
        rows = figures.get(method, {}).get("screens")
        if rows:
            lines.append(
                f"| {name} | " + " | ".join(_share(rows, kind) for kind in ("box", *KEPT)) + " |"
            )
    for method, name in NAMES.items():
        own = figures.get(method, {})
        if method == "rapidocr" and own.get("screens"):
            lines += ["", f"### {name}", "", "| screen | what | covered | as wanted |",
                      "|---|---|---:|---|"]  # fmt: skip
            lines += [
                f"| {screen} | {what} | {part:.2f} | {'yes' if wanted else '**no**'} |"
                for screen, what, part, wanted in own["screens"]
            ]
            missed = own.get("missed") or ["none"]
            lines += ["", "Objects with a legible word or a marker missed: "
                      + "; ".join(missed) + "."]  # fmt: skip
    return "\n".join(lines) + "\n"


def _speed(speed: dict[str, Any] | None) -> list[str]:
    """What one image takes on all cores, and how many images they do."""
    if not speed:
        return []
    cores, objects = speed["cores"], speed["objects"]
    return [
        f"On {cores} idle cores (`benchmarks/burned_in_speed.py`, the same {objects} objects, "
        "rapidocr, from the bytes to the proof, models loaded before): one image at a time with "
        f"{cores} threads takes {speed['alone_mean']:.2f} s of wall time (median "
        f"{speed['alone_median']:.2f}, worst {speed['alone_worst']:.2f}); {cores} workers with one "
        f"thread each take {speed['together_mean']:.2f} s an image each and do all in "
        f"{speed['together_span']:.1f} s: {speed['together_span'] / objects:.2f} s an image, "
        f"{objects / speed['together_span']:.2f} images a second.", "",
    ]  # fmt: skip


def _precision(own: dict[str, Any]) -> str:
    if not own["pixels_changed"]:
        return "nothing changed"
    return f"{1 - own['pixels_damaged'] / own['pixels_changed']:.4f}"


#: Rows of a screen that are no boxes to cover.
KEPT = ("must survive", "untouched")


def _share(rows: list[tuple[str, str, float, bool]], kind: str) -> str:
    own = [ok for _, what, _, ok in rows if what == kind or kind == "box" and what not in KEPT]
    return f"{sum(own)} of {len(own)}"
