"""The figures as JSON, which runs of several environments add to, and as a Markdown table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nlp_pipelines.evaluate.score import Score
from nlp_pipelines.evaluate.testset import KINDS
from nlp_pipelines.labels import ENTITIES

Figures = dict[str, Any]


def figures_of(by_kind: dict[str, Score], negatives: Score) -> Figures:
    """The scores of one system."""
    whole = Score()
    for score in by_kind.values():
        for name in ("gold", "found", "labelled", "predicted", "right"):
            getattr(whole, name).update(getattr(score, name))
    return {
        "entities": sum(whole.gold.values()),
        "recall": whole.recall,
        "precision": whole.precision,
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
    """Add figures to the JSON beside the table, replacing what has the same name."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known |= new
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    return dict(known)


def _systems(figures: dict[str, Figures]) -> list[str]:
    return [name for name, value in figures.items() if "recall" in value]


def render(figures: dict[str, Figures], documents: int) -> str:
    """The tables of ``benchmarks/results/text.md``."""
    systems = _systems(figures)
    lines = [
        "# Clinical text: what is found, what is hidden in vain, how fast",
        "",
        "Written by `python -m nlp_pipelines.evaluate`. The test set is ours: other templates and "
        "other surface values (names, places, hospitals, drugs, eponyms …) than in training; "
        f"{documents} documents of six kinds and {figures[systems[0]]['negatives']} hard negatives "
        "(bare years, relative times, ages under 90, eponyms, codes, genes, trials, devices). "
        "An entity counts as found when every letter and digit of it is hidden; a span counts as "
        "right when at least half of it identifies. A first set of templates served to find faults "
        "and to set the bias; the lines used here replaced it before the last round of training, "
        "and only totals on them were looked at since. It is synthetic text: figures on real "
        "notes will be lower. The allow list holds eponyms, drugs, devices, trials and genes of "
        "both halves; *model alone* goes without it. Peers run with their own settings; none of "
        "them looks for professions, and Philter has spaCy's tagger in place of NLTK's, whose "
        "data no package carries.",
        "",
        "| system | recall | precision | right entity | false alarms on hard negatives |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in systems:
        value = figures[name]
        lines.append(
            f"| {name} | {value['recall']:.4f} | {value['precision']:.4f} | "
            f"{value['labelled']:.3f} | {value['alarms']:.1%} |"
        )
    lines += [
        "",
        "## Recall / precision by kind of document",
        "",
        "| system | " + " | ".join(KINDS) + " |",
        "|---|" + "---:|" * len(KINDS),
    ]
    for name in systems:
        pairs = (figures[name]["by_kind"][kind] for kind in KINDS)
        lines.append(f"| {name} | " + " | ".join(f"{r:.3f} / {p:.3f}" for r, p in pairs) + " |")
    lines += [
        "",
        "## Recall / precision by entity",
        "",
        "Precision by the entity that the system gave; peers that give none have it under ID.",
        "",
        "| system | " + " | ".join(ENTITIES) + " |",
        "|---|" + "---:|" * len(ENTITIES),
    ]
    for name in systems:
        pairs3 = (figures[name]["by_entity"][entity] for entity in ENTITIES)
        lines.append(f"| {name} | " + " | ".join(f"{r:.3f} / {p:.3f}" for r, p, _ in pairs3) + " |")
    counts = figures[systems[0]]["by_entity"]
    lines.append(
        "| entities in the test set | "
        + " | ".join(str(counts[entity][2]) for entity in ENTITIES)
        + " |"
    )
    over = {name: value["over"] for name, value in figures.items() if "over" in value}
    if over:
        lines += [
            "",
            "## Ordinary words hidden in ACI-Bench and MTS-Dialog as they are",
            "",
            "Their own fictional names, dates and places are left out of the count, by a list that "
            "was drawn up from what the pipeline hid, not independently. The everyday words of the "
            "allow list were drawn from these corpora too, so other notes will show somewhat more.",
            "",
            "| system | part | words | hidden in vain | share |",
            "|---|---|---:|---:|---:|",
        ]
        for name, parts in over.items():
            for part, (words, hidden) in parts.items():
                lines.append(f"| {name} | {part} | {words:,} | {hidden} | {hidden / words:.2%} |")
    fields = figures.get("fields")
    if fields:
        lines += [
            "",
            "## Metadata fields classed PHI or not, by VR",
            "",
            "Fields of `nlp_pipelines/evaluate/fields.csv`, values of the test half; private ones "
            "and misused ones included. Right PHI / missed PHI / right other / wrongly PHI.",
            "",
            "| VR | table and form alone | with rules | with rules and model |",
            "|---|---:|---:|---:|",
        ]
        for vr, counts in fields["rows"].items():
            cells = (" / ".join(map(str, four)) for four in counts)
            lines.append(f"| {vr} | " + " | ".join(cells) + " |")
    speed = [value["speed"] for value in figures.values() if "speed" in value]
    if speed:
        lines += [
            "",
            "## Speed in Spark, session and model warm",
            "",
            "`local[2]`, one ONNX Runtime thread a task unless said otherwise. Rules, model, merge "
            "and Spark's own work are in it; tokens are words and punctuation marks. A text that "
            "stands many times is read once.",
            "",
            "| what | notes | tokens a note | seconds | tokens/s | notes/s a core |",
            "|---|---:|---:|---:|---:|---:|",
            *speed,
        ]
    return "\n".join(lines) + "\n"
