"""Compare a run with the work that its tables hold, before it starts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, Optional

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.cli.arguments import DELTA_STORE
from jobs.common.cli.errors import UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.run_journal import RunJournal
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.run_config import RunConfig
from jobs.common.spark.deidentifier_factory import join_stages
from safelight.records import Status
from safelight.uid_roots import UUID_PREFIX

#: Command whose runs commit a table last.
_COMMANDS = {"instances": "deidentify", "note_files": "notes"}

_RUN_COLUMNS = ("run_id", "command", "rules_hash", "parameters")
_WORK_COLUMNS = ("key_id", "namespace", "rules_hash", "stages", "output_root")


class _Work(NamedTuple):
    """Settings under which work was done."""

    command: str
    key_id: str
    namespace: str
    rules_hash: str
    stages: str
    output: str

    @property
    def patients(self) -> tuple[str, str]:
        """Return what determines the pseudonyms."""
        return self.key_id, self.namespace

    @property
    def treatment(self) -> tuple[str, str, str]:
        """Return what determines the content of the outputs."""
        return self.command, self.rules_hash, self.stages

    def conflicts_with(self, other: _Work) -> bool:
        """Return whether outputs of both have the same names and different contents."""
        return (
            (self.command, self.output, self.patients)
            == (other.command, other.output, other.patients)
            and self.treatment != other.treatment
        )  # fmt: skip


def check_settings(tables: Tables, config: RunConfig, last_table: str) -> None:
    """Compare the settings of a run with those of earlier runs on the same tables.

    A key, a namespace or rules that are new to the tables are reported on stderr.

    Parameters
    ----------
    tables : Tables
        Tables of the run.
    config : RunConfig
        Checked arguments of the run.
    last_table : str
        Table of the run that is committed last in a batch.

    Raises
    ------
    UsageError
        If the output holds objects that other rules or stages made. Their names are those of the
        objects of this run. Also if the namespace has UIDs under another root.
    JobError
        If a table cannot be read.
    """
    command = _COMMANDS[last_table]
    deidentifier = config.deidentifier
    ours = _Work(
        command,
        deidentifier.pseudonyms().key_id,
        deidentifier.namespace,
        deidentifier.rules_hash,
        deidentifier.stages,
        config.output.uri,
    )
    recorded = dict(_read_runs(tables, config))
    # Runs of earlier versions did not record all settings, and a run that would conflict may
    # have written nothing: the rows of their objects decide.
    unclear = {
        run_id for run_id, work in recorded.items() if work is None or work.conflicts_with(ours)
    }
    existing = {work for run_id, work in recorded.items() if work and run_id not in unclear}
    existing |= _read_work(tables, last_table, unclear)
    if any(work.conflicts_with(ours) for work in existing):
        raise UsageError(
            "--output holds objects that other rules or stages made, under the names of those of "
            "this run; give another --output, or --versioned-output for one folder per rule set"
        )
    _check_uid_prefix(tables, config, ours)
    notice = _describe_difference(existing, ours)
    if notice:
        log_event("other_settings", notice)
    if _read_mapping_stores(tables) - {config.mapping_store}:
        log_event(
            "other_mapping_store",
            "runs on these tables have written the mapping to another store: pairs of both are "
            "found together after `safelight mapping copy`",
        )


def _read_runs(tables: Tables, config: RunConfig) -> Iterator[tuple[str, Optional[_Work]]]:
    """Yield ID and settings of the runs that ended, and of those that were killed."""
    for row in tables.rows("runs", _RUN_COLUMNS, ds.field("run_id").is_valid()):
        parameters = dict(row["parameters"] or {})
        yield row["run_id"], _recorded_work(row["command"], row["rules_hash"], parameters)
    for run in RunJournal(config.tables).unfinished():
        yield run.run_id, _recorded_work(run.command, run.rules_hash, run.parameters or {})


def _check_uid_prefix(tables: Tables, config: RunConfig, ours: _Work) -> None:
    """Raise if runs in the same namespace have made UIDs under another root.

    ``mapping`` has one pseudonym per original, and all UIDs of a namespace have one prefix.
    """
    prefix = config.parameters.get("uid_prefix", UUID_PREFIX)
    finished = (dict(row["parameters"] or {}) for row in tables.rows("runs", ("parameters",)))
    unfinished = (dict(run.parameters or {}) for run in RunJournal(config.tables).unfinished())
    for recorded in (*finished, *unfinished):
        is_same = (recorded.get("key_id"), recorded.get("namespace")) == ours.patients
        if is_same and recorded.get("uid_prefix", UUID_PREFIX) != prefix:
            raise UsageError(
                "--tables holds work of this namespace whose UIDs have another root than those of "
                "--rules (`uids`); give another --namespace, or the earlier root"
            )


def _read_mapping_stores(tables: Tables) -> set[str]:
    """Return the stores to which runs have written the mapping."""
    commands = ds.field("command").isin(sorted(_COMMANDS.values()))
    return {
        dict(row["parameters"] or {}).get("mapping_store", DELTA_STORE)
        for row in tables.rows("runs", ("parameters",), commands)
    }


def _recorded_work(
    command: str, rules_hash: Optional[str], parameters: Mapping[str, str]
) -> Optional[_Work]:
    """Return the settings of a run; ``None`` if an earlier version did not record them all."""
    try:
        return _Work(
            command,
            parameters["key_id"],
            parameters["namespace"],
            rules_hash or "",
            join_stages(parameters["pixels"] == "on", parameters["text"] == "on"),
            parameters["output"],
        )
    except KeyError:
        return None


def _read_work(tables: Tables, last_table: str, run_ids: Collection[str]) -> set[_Work]:
    """Return the settings under which runs have written outputs."""
    if not run_ids:
        return set()
    written = ds.field("run_id").isin(sorted(run_ids)) & (
        ds.field("status") == Status.DEIDENTIFIED.value
    )
    command = _COMMANDS[last_table]
    return {
        _Work(command, **row)
        for batch in tables.batches(last_table, _WORK_COLUMNS, written)
        for row in _distinct_rows(batch)
    }


def _distinct_rows(batch: pa.RecordBatch) -> list[dict[str, str]]:
    """Return the distinct rows of a batch; the output has the name of its field."""
    groups = pa.Table.from_batches([batch]).group_by(list(_WORK_COLUMNS)).aggregate([])
    rows: list[dict[str, str]] = groups.rename_columns({"output_root": "output"}).to_pylist()
    return rows


def _describe_difference(existing: Collection[_Work], ours: _Work) -> str:
    """Return a sentence about settings that are new to the tables; empty if there are none."""
    if not existing:
        return ""
    if ours.key_id not in {work.key_id for work in existing}:
        return _describe_other_patients("key")
    if ours.patients not in {work.patients for work in existing}:
        return _describe_other_patients("namespace")
    same_command = {work.treatment for work in existing if work.command == ours.command}
    if same_command and ours.treatment not in same_command:
        return (
            "the tables hold work of other rules or stages: all sources are processed again under "
            "those of this run"
        )
    return ""


def _describe_other_patients(option: str) -> str:
    return (
        f"the tables hold work of another {option}: its pseudonyms cannot be linked with those of "
        f"this run; if that is not intended, interrupt this run and give the earlier --{option}"
    )
