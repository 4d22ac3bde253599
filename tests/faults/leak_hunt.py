"""Search everything that a run leaves behind for planted names, also in compressed files."""

from __future__ import annotations

import base64
import gzip
import io
import json
import threading
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Optional

import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.runs import session_members

#: Heads of blocks that Spark and Arrow write if they are not encrypted.
UNENCRYPTED_HEADS = (b"LZ4Block", b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd", b"ARROW1")

#: Columns whose smallest and largest values may be in the statistics of Parquet and Delta.
STATISTICS_COLUMNS = frozenset({
    "run_id", "first_run_id", "batch", "status", "reason_code", "rules_hash", "stages", "key_id",
    "namespace", "processed_at", "started_at", "ended_at", "outcome", "command", "kind", "entity",
    "engine", "action", "pipeline_version", "fields_hash", "software_version", "frame", "piece",
    "row", "rules_name", "format",
})  # fmt: skip


def find_words(data: bytes, words: Iterable[str]) -> list[str]:
    """Return the words that bytes hold, in UTF-8 or UTF-16, in any case."""
    lowered = data.lower()
    return [
        word
        for word in words
        if word.lower().encode() in lowered or word.lower().encode("utf-16-le") in lowered
    ]


def expand(data: bytes) -> Iterator[bytes]:
    """Yield the bytes of a file, and what is in them if it is of a known format."""
    yield data
    if data[:4] == b"PAR1":
        yield _cells(data)
    elif data[:2] == b"\x1f\x8b":
        with suppress(OSError, EOFError):
            yield gzip.decompress(data)
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    else:
        yield from _decompress(data)


def _cells(data: bytes) -> bytes:
    rows = pq.read_table(io.BytesIO(data)).to_pylist()
    return json.dumps(rows, default=_text).encode()


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _decompress(data: bytes) -> Iterator[bytes]:
    """Yield the decompressed content of Zstandard or LZ4 frames, and of Arrow streams."""
    for head, codec in ((b"\x28\xb5\x2f\xfd", "zstd"), (b"\x04\x22\x4d\x18", "lz4")):
        if data[:4] == head:
            with suppress(OSError, pa.ArrowInvalid):
                yield pa.input_stream(pa.py_buffer(data), compression=codec).read()
    if data[:4] == b"\xff\xff\xff\xff":
        with suppress(pa.ArrowInvalid, OSError):
            rows = pa.ipc.open_stream(data).read_all().to_pylist()
            yield json.dumps(rows, default=_text).encode()


def find_leaks(
    folder: Path, words: Sequence[str], allowed: Sequence[Path] = ()
) -> dict[str, list[str]]:
    """Return the files below a folder that hold words, with the words.

    Parameters
    ----------
    folder : Path
    words : sequence of str
    allowed : sequence of Path
        Files and folders that may hold them.
    """
    leaks = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or any(path.is_relative_to(other) for other in allowed):
            continue
        found = {w for part in expand(path.read_bytes()) for w in find_words(part, words)}
        found |= set(find_words(str(path.relative_to(folder)).encode(), words))
        if found:
            leaks[str(path.relative_to(folder))] = sorted(found)
    return leaks


def spell_key(key: bytes) -> list[bytes]:
    """Return the bytes of a key as they are, and as logs, plans and settings would show them."""
    signed = [byte - 256 if byte > 127 else byte for byte in key]
    texts = [
        key.hex(),
        key.hex().upper(),
        base64.b64encode(key).decode().rstrip("="),
        base64.urlsafe_b64encode(key).decode().rstrip("="),
        *(", ".join(map(str, numbers)) for numbers in (key, signed)),
        *(",".join(map(str, numbers)) for numbers in (key, signed)),
        repr(key)[2:-1],
    ]
    return [key, *(text.encode() for text in texts), *(t.encode("utf-16-le") for t in texts[:4])]


def find_keys(folder: Path, keys: Iterable[bytes]) -> list[str]:
    """Return the files below a folder that hold a key in any spelling."""
    spellings = [spelling for key in keys for spelling in spell_key(key)]
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and any(one in part for part in expand(path.read_bytes()) for one in spellings)
    )


def find_unencrypted(folder: Path) -> list[str]:
    """Return the files of Spark's blocks, shuffles and spills that are not encrypted."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and "blockmgr" in str(path):
            data = path.read_bytes()
            if any(head in data for head in UNENCRYPTED_HEADS):
                found.append(str(path.relative_to(folder)))
    return found


def find_statistics(tables: Path) -> list[str]:
    """Return columns with smallest and largest values in a footer or a log, unless allowed.

    ``runs`` has one row per run, with counts and versions: all its columns are allowed.
    """
    found = set()
    for path in tables.rglob("*.parquet"):
        if "_delta_log" in path.parts:
            continue
        metadata = pq.ParquetFile(path).metadata
        for group in range(metadata.num_row_groups):
            for number in range(metadata.num_columns):
                column = metadata.row_group(group).column(number)
                name = column.path_in_schema.split(".")[0]
                statistics = column.statistics
                if statistics is not None and statistics.has_min_max:
                    found |= {f"footer of {path.relative_to(tables).parts[0]}: {name}"}
    for path in tables.rglob("_delta_log/*.json"):
        for line in path.read_text().splitlines():
            stats = json.loads(json.loads(line).get("add", {}).get("stats") or "{}")
            for name in (*stats.get("minValues", ()), *stats.get("maxValues", ())):
                found |= {f"log of {path.relative_to(tables).parts[0]}: {name}"}
    return sorted(
        entry
        for entry in found
        if entry.split(": ")[1] not in STATISTICS_COLUMNS and " of runs:" not in entry
    )


class ProcessWatcher:
    """Watcher of the command lines, environments and memory of the processes of a session.

    Attributes
    ----------
    command_lines : set of bytes
    environments : set of bytes
        Environments of processes that the driver started.
    peak_bytes : int
        Largest resident set of a Python process.
    """

    def __init__(self, leader: int):
        self.command_lines: set[bytes] = set()
        self.environments: set[bytes] = set()
        self.peak_bytes = 0
        self._leader = leader
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            for pid in session_members(self._leader):
                self.command_lines.add(_read(f"/proc/{pid}/cmdline") or b"")
                if pid != self._leader:
                    self.environments.add(_read(f"/proc/{pid}/environ") or b"")
                status = (_read(f"/proc/{pid}/status") or b"").decode(errors="replace")
                fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
                if "python" in fields.get("Name", "") and "VmHWM" in fields:
                    self.peak_bytes = max(self.peak_bytes, int(fields["VmHWM"].split()[0]) * 1024)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()


def _read(path: str) -> Optional[bytes]:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:  # the process has ended
        return None


@contextmanager
def watched_processes(leader: int) -> Iterator[ProcessWatcher]:
    """Watch the processes of a session while the block runs."""
    watcher = ProcessWatcher(leader)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stop()
