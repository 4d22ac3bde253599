"""Make and compare the rows of ``reidentifications``, which record entries of the access log.

The table is in the folder of the other tables, so that a change of the log alone, or of the table
alone, is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jobs.common.access_log.entries import AccessRow, Defect
from jobs.common.delta.rows import ReidentificationRow


def make_record(entry: AccessRow) -> ReidentificationRow:
    """Return the row of ``reidentifications`` about an entry of the access log."""
    return ReidentificationRow(
        accessed_at=entry.accessed_at,
        accessed_by=entry.aws_caller or entry.os_user,
        reason=entry.reason,
        asked=entry.asked,
        asked_count=entry.asked_count,
        answered_count=entry.answered_count,
        namespace=entry.namespace,
        key_id=entry.key_id,
        software_version=entry.software_version,
        entry=entry.entry,
        entry_hash=entry.entry_hash,
    )


def compare_records(
    entries: Sequence[AccessRow], records: Iterable[ReidentificationRow]
) -> list[Defect]:
    """Return where ``reidentifications`` and the access log differ.

    An entry without a row is not a defect: several folders of tables may share one restricted
    folder, and a command that was killed may have added the entry only.

    Parameters
    ----------
    entries : sequence of AccessRow
        All entries, in any order.
    records : iterable of ReidentificationRow
        Rows of one folder of tables, in any order.
    """
    return sorted(set(_find_differences(entries, records)))


def _find_differences(
    entries: Sequence[AccessRow], records: Iterable[ReidentificationRow]
) -> Iterator[Defect]:
    by_number = {entry.entry: make_record(entry) for entry in entries}
    begin = min((entry.accessed_at for entry in entries), default=None)
    for record in records:
        if record.entry is None:
            # Versions without an access log wrote no number.
            if begin is not None and (record.accessed_at is None or record.accessed_at >= begin):
                yield Defect(None, "record_without_entry")
        elif record.entry not in by_number:
            yield Defect(record.entry, "missing")
        elif record != by_number[record.entry]:
            yield Defect(record.entry, "record_differs")
