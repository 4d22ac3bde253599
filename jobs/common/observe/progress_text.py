"""Format the progress of a stage for people."""

from __future__ import annotations

from jobs.common.observe.stage_progress import Progress

#: Characters of the bar of a stage on a terminal.
BAR_CHARACTERS = 20

_STAGE_CHARACTERS = 8


def format_bar(progress: Progress) -> str:
    """Return one line for a terminal: stage, bar, objects, rate and time left."""
    name = f"{progress.stage:{_STAGE_CHARACTERS}}"
    if _counts_nothing(progress):
        return f"{name} {_format_seconds(progress.seconds)}"
    parts = [name]
    if progress.total:
        filled = BAR_CHARACTERS * progress.objects // progress.total
        percent = 100 * progress.objects // progress.total
        parts.append(f"[{'#' * filled:{BAR_CHARACTERS}}] {percent:3}%")
    return f"{' '.join(parts)} {_format_counts(progress)}"


def format_sentence(progress: Progress) -> str:
    """Return one sentence for a log: stage, objects, rate and time left."""
    if _counts_nothing(progress):
        return f"{progress.stage}: {_format_seconds(progress.seconds)}"
    return f"{progress.stage}: {_format_counts(progress)}"


def _counts_nothing(progress: Progress) -> bool:
    """Return whether a stage has no objects to count, so that its time is all there is to show."""
    return not progress.objects and not progress.total


def _format_counts(progress: Progress) -> str:
    total = f" of {progress.total:,}" if progress.total else ""
    parts = [f"{progress.objects:,}{total} objects"]
    if progress.rate:
        parts.append(f"{_format_rate(progress.rate)} objects/s")
        if progress.bytes:
            parts.append(f"{_format_bytes(progress.bytes / progress.seconds)}/s")
    if progress.seconds_left is not None:
        parts.append(f"{_format_seconds(progress.seconds_left)} left")
    return ", ".join(parts)


def _format_rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def _format_bytes(size: float) -> str:
    if size < 1e6:
        return f"{_format_rate(size / 1e3)} KB"
    return f"{_format_rate(size / 1e6)} MB"


def _format_seconds(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minute:02} min"
    return f"{minute} min {second:02} s" if minute else f"{second} s"
