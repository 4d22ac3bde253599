"""Write the table of a scored corpus, and its failures one by one."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.midi_b.answer_key import CheckAction
from benchmarks.midi_b.scorer import CheckResult

_FAILURE_COLUMNS = ("modality", "action", "element", "original", "expected", "found")
_MAX_VALUE_CHARACTERS = 300

_INTRODUCTION = """\
# Planted PHI, by the checks of the MIDI-B challenge

{objects} synthetic objects of {modalities} modalities and {classes} SOP Classes, {checks} checks.
The generator plants PHI of invented patients in twelve languages into headers, free text, private
elements, nested sequences, dates, UIDs and pixels (`benchmarks/midi_b`), and writes an answer key
in the schema of the challenge. The objects were de-identified by the shipped rules with all stages,
and scored with the semantics of the validation script. The corpus is not that of the challenge, so
the figures cannot be compared with those of its participants.

Written by `{command}`. [midi_b_failures.csv](midi_b_failures.csv) lists the checks that failed.
"""


def write_report(folder: Path, results: Sequence[CheckResult], objects: int, command: str) -> None:
    """Write ``midi_b.md`` and ``midi_b_failures.csv``.

    Parameters
    ----------
    folder : Path
    results : sequence of CheckResult
        Results of all checks.
    objects : int
        Number of objects.
    command : str
        Command that measured them.
    """
    modalities = {result.instance.modality for result in results}
    classes = {result.instance.sop_class_uid for result in results}
    head = _INTRODUCTION.format(
        objects=objects, modalities=len(modalities), classes=len(classes),
        checks=f"{len(results):,}", command=command,
    )  # fmt: skip
    by_series = group_by_series(results)
    lines = [
        head,
        "| check | instances: checks | failed | passed | series: checks | failed | passed |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(_format_row(action.value, _select(results, action), _select(by_series, action))
          for action in CheckAction),
        _format_row("all", [(r.check.action, r.passed) for r in results], by_series),
        "",
    ]  # fmt: skip
    (folder / "midi_b.md").write_text("\n".join(lines), "utf-8")
    failures = [result for result in results if not result.passed]
    with (folder / "midi_b_failures.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_FAILURE_COLUMNS)
        writer.writerows(map(_describe_failure, failures))


def group_by_series(results: Iterable[CheckResult]) -> list[tuple[CheckAction, bool]]:
    """Return one outcome per check, element and series: failed if it failed in any instance."""
    passed: dict[tuple[CheckAction, str, str, str], bool] = {}
    for result in results:
        check, instance = result.check, result.instance
        text = check.action_text if check.action is CheckAction.TEXT_REMOVED else ""
        key = (check.action, check.path, text, instance.series_uid)
        passed[key] = passed.get(key, True) and result.passed
    return [(key[0], outcome) for key, outcome in passed.items()]


def _select(
    results: Sequence[CheckResult] | Sequence[tuple[CheckAction, bool]], action: CheckAction
) -> list[tuple[CheckAction, bool]]:
    pairs = (
        (result.check.action, result.passed) if isinstance(result, CheckResult) else result
        for result in results
    )
    return [pair for pair in pairs if pair[0] is action]


def _format_row(
    name: str, instances: Sequence[tuple[object, bool]], series: Sequence[tuple[object, bool]]
) -> str:
    return f"| {name} | {_format_counts(instances)} | {_format_counts(series)} |"


def _format_counts(outcomes: Sequence[tuple[object, bool]]) -> str:
    counts = Counter(passed for _, passed in outcomes)
    share = counts[True] / len(outcomes) if outcomes else 1.0
    # Rounded down, so that one failure among many checks is not shown as 100 %.
    percent = f"{int(share * 100_000) / 1000:.3f} %"
    return f"{len(outcomes):,} | {counts[False]:,} | {percent}"


def _describe_failure(result: CheckResult) -> tuple[str, ...]:
    check = result.check
    values = (
        result.instance.modality, check.action.value, check.name or check.path, check.value,
        check.action_text, result.found,
    )  # fmt: skip
    return tuple(value[:_MAX_VALUE_CHARACTERS] for value in values)
