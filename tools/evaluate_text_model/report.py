"""Collect the figures of several runs as JSON, and render them as a Markdown report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nlp_pipelines.model_labels import ENTITIES
from tools.evaluate_text_model.score import Score
from tools.evaluate_text_model.testset import KINDS

Figures = dict[str, Any]

_INTRODUCTION = """\
Written by `python -m tools.evaluate_text_model`. The test set is generated: its templates and \
values (names, places, hospitals, drugs, eponyms, ...) differ from those of training. It has \
{documents} documents of six kinds and {negatives} hard negatives (bare years, relative times, \
ages under 90, eponyms, codes, genes, trials, devices). An entity counts as found if all its \
letters and digits are redacted. A span counts as right if at least half of its letters and \
digits identify. Ages under 90, weekdays and countries alone are found for rules that need them, \
but kept by default; they do not count. A first set of templates was used to find errors and to \
choose the bias. The present templates replaced it and were inspected twice since then, to fix \
classes of errors. The text is synthetic: figures on real notes will be lower. The allow list has \
eponyms, drugs, devices, trials and genes of both halves, and the lists of people have names of \
both; *model alone* does not use them. Peers run with their own settings. None of them looks for \
professions, and Philter uses the tagger of spaCy instead of NLTK, whose data no package has."""

_HANDWRITTEN = """\
Handwritten notes, unlike any template (`tools/evaluate_text_model/handwritten`): shorthand, \
dictation in capitals without punctuation, messages, e-mails, tables, interface lines, letters \
of other countries, and texts that only resemble PHI. Errors that were found with the set \
*mended* were fixed as classes. *fresh* was written afterwards, and nothing was changed because \
of it. *styles* are 78 notes in more styles \
(telephone notes, shifts, dictation, operations, triage, social work). Errors in one half were \
fixed (recall 0.941 to 0.985); this did not change the recall of the other half, 0.904 at \
precision 0.836, whose errors were fixed afterwards. *authors* are 146 notes of many countries \
and specialities in four parts. Each part was measured before its errors were fixed: recall and \
precision 0.952 and 0.867 (before any change), 0.924 and 0.857, 0.894 and 0.865, and 0.891 and \
0.815; the rules before any change gave 0.924 and 0.838, 0.894 and 0.847, and 0.877 and 0.807 on \
the last three parts. *halves* are 99 notes of two halves: fixing the errors of one half (recall \
0.898 to 0.942, precision 0.840 to 0.898) did not change the recall of the other half, 0.891 at \
precision 0.828, then 0.830, whose errors were not looked at. All these figures are of \
safelight-text-4. Templates for safelight-text-5 were written after *authors* and *styles* had \
been read, but not *halves*: with the same rules, it has recall 0.915 and precision 0.850 on the \
other half, and 0.849 with the present rules. Expect these figures on unknown text. Two parts of \
*mended* were such fresh \
sets before. Their first measurements were recall 0.931 and precision 0.851 on 64 texts, and \
0.908 and 0.893 on 48 texts that were written after the errors of the first 64 were fixed (283 \
entities, 2 of 7 false alarms); later 0.965 and 0.877 on 30 notes, and 0.958 and 0.820 on 14 \
notes in shorthand. *queries* are short clinical queries and texts that resemble them. Their \
first measurements, without professions, were 0.978 and 0.973 on 262 queries with false alarms \
in 14.2 % of 295 negatives, 0.973 and 0.944 on 99 queries and 21.9 % of 151 negatives (most of \
them eponyms), and 0.986 and 1.000 on 40 queries and none of 80 negatives."""

_OVER = """\
Fictional names, dates and places of the corpora are not counted. They are in a list that was \
compiled from what the pipeline redacted, not independently. Months without a day, holidays and \
professions count as redacted without need. The everyday words of the allow list come from other \
text."""

_FIELDS = """\
Fields of `tools/evaluate_text_model/fields.csv` with values of the test half, private and \
misused fields included. PHI found / PHI missed / other kept / other taken for PHI."""

_SPEED = """\
`local[2]`, one ONNX Runtime thread per task unless stated otherwise. The times include rules, \
model, merging and Spark itself; tokens are words and punctuation marks. A text that occurs many \
times is annotated once. The rules are Python code outside the pipeline: on one core they need \
0.4 s for 60 notes (29,778 tokens). The same expressions in a RegexMatcher stage took 10.1 s, \
without check digits."""


def totals(score: Score) -> Figures:
    """Return the number of entities, recall and precision of a score."""
    return {
        "entities": sum(score.gold.values()),
        "recall": score.recall,
        "precision": score.precision,
    }


def system_figures(by_kind: dict[str, Score], negatives: Score) -> Figures:
    """Return the figures of one system.

    Parameters
    ----------
    by_kind : dict
        Score by kind of document.
    negatives : Score
        Score on the hard negatives.
    """
    whole = Score()
    for score in by_kind.values():
        whole.include(score)
    return totals(whole) | {
        "labelled": sum(whole.labelled.values()) / max(1, sum(whole.found.values())),
        "alarms": negatives.alarms / max(1, negatives.documents),
        "negatives": negatives.documents,
        "by_kind": {kind: [score.recall, score.precision] for kind, score in by_kind.items()},
        "by_entity": {
            entity: [whole.recall_of(entity), whole.precision_of(entity), whole.gold[entity]]
            for entity in ENTITIES
        },
    }


def add_figures(path: Path, new: dict[str, Figures]) -> dict[str, Figures]:
    """Add figures to the JSON file, replace those of the same name, and return all.

    Parameters
    ----------
    path : Path
        JSON file; it is created if it does not exist.
    new : dict
        New figures by name.
    """
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name, value in new.items():
        known[name] = known.get(name, {}) | value
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    return dict(known)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table; the first column is left-aligned, the others right-aligned."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _section(title: str, note: str, table: list[str]) -> list[str]:
    """Return the lines of a section with a heading, a note and a table."""
    return ["", f"## {title}", "", *([note, ""] if note else []), *table]


def _pairs(values: Iterable[Sequence[float]]) -> list[str]:
    """Return recall and precision as cells of a table."""
    return [f"{value[0]:.3f} / {value[1]:.3f}" for value in values]


def _handwritten(systems: dict[str, Figures]) -> list[str]:
    """Return the table of the handwritten sets."""
    rows = []
    for name, value in systems.items():
        for part, one in value.get("handwritten", {}).items():
            roles = one["roles"]
            judged = f"{roles['right']} / {roles['wrong']} / {roles['open']}"
            rows.append([
                name, part, f"{one['documents']}", f"{one['entities']}", f"{one['recall']:.3f}",
                f"{one['precision']:.3f}", f"{one['alarms']} of {one['negatives']}",
                judged if any(list(roles.values())[:2]) else "",
            ])  # fmt: skip
    head = ["system", "set", "texts", "entities", "recall", "precision",
            "false alarms", "role of the name: right / wrong / open"]  # fmt: skip
    return _table(head, rows)


def render(figures: dict[str, Figures], documents: int) -> str:
    """Return the text of ``benchmarks/results/text.md``.

    Parameters
    ----------
    figures : dict
        All figures by system, as `add_figures` returns them.
    documents : int
        Number of documents of the test set.
    """
    systems = {name: value for name, value in figures.items() if "recall" in value}
    first = next(iter(systems.values()))
    lines = [
        "# Clinical text: recall, precision, over-redaction and speed",
        "",
        _INTRODUCTION.format(documents=documents, negatives=first["negatives"]),
        "",
    ]
    lines += _table(
        ["system", "recall", "precision", "right entity", "false alarms on hard negatives"],
        (
            [name, f"{v['recall']:.4f}", f"{v['precision']:.4f}", f"{v['labelled']:.3f}",
             f"{v['alarms']:.1%}"]
            for name, v in systems.items()
        ),
    )  # fmt: skip
    lines += _section(
        "Recall / precision by kind of document",
        "",
        _table(
            ["system", *KINDS],
            (
                [name, *_pairs(value["by_kind"][kind] for kind in KINDS)]
                for name, value in systems.items()
            ),
        ),
    )
    counts = ["entities in the test set", *(str(first["by_entity"][e][2]) for e in ENTITIES)]
    rows = [
        [name, *_pairs(value["by_entity"][entity] for entity in ENTITIES)]
        for name, value in systems.items()
    ]
    note = "Precision is by the entity of the span; spans of peers without entities count as ID."
    table = _table(["system", *ENTITIES], [*rows, counts])
    lines += _section("Recall / precision by entity", note, table)
    lines += _section("Handwritten notes", _HANDWRITTEN, _handwritten(systems))
    over = [
        [name, part, f"{words:,}", str(redacted), f"{redacted / words:.2%}"]
        for name, value in systems.items()
        for part, (words, redacted) in value.get("over", {}).items()
    ]
    table = _table(["system", "part", "words", "redacted without need", "share"], over)
    lines += _section("Ordinary words redacted in unchanged ACI-Bench and MTS-Dialog", _OVER, table)
    if fields := figures.get("fields"):
        table = _table(
            ["VR", "table and format alone", "with rules", "with rules and model"],
            ([vr, *(" / ".join(map(str, four)) for four in counts)]
             for vr, counts in fields["rows"].items()),
        )  # fmt: skip
        lines += _section("Classification of metadata fields as PHI or not, by VR", _FIELDS, table)
    if speed := [value["speed"] for value in figures.values() if "speed" in value]:
        head = ["what", "notes", "tokens per note", "seconds", "tokens/s", "notes/s per core"]
        lines += _section("Speed in Spark, session and model warm", _SPEED, _table(head, speed))
    return "\n".join(lines) + "\n"
