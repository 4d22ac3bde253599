"""Fuzz targets by atheris: ``python -m tests.fuzz [--seconds N] [TARGET ...]``."""

from __future__ import annotations

import argparse
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from tests.fuzz.current_input import CurrentInput
from tests.fuzz.targets import list_targets

_BUILD = Path("build/fuzz")
_INPUT_SECONDS, _MEMORY_MB, _MAX_INPUT_BYTES = 10, 2048, 16384
#: Packages whose coverage guides the fuzzer.
_INSTRUMENTED = ["safelight", "jobs"]


def main() -> int:
    """Run each target in a process of its own; return 1 if one has failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", choices=[*list_targets(), []])
    parser.add_argument("--seconds", type=int, default=60, help="time of each target")
    given = parser.parse_args()
    failed = [name for name in given.targets or list_targets() if not passes(name, given.seconds)]
    print(f"failed: {', '.join(failed) or 'none'}", file=sys.stderr)
    return int(bool(failed))


def passes(name: str, seconds: int) -> bool:
    """Run one target in a process of its own; save the input during which the process fails."""
    folder = _BUILD / name
    current = CurrentInput(folder / "current", _MAX_INPUT_BYTES)
    command = [sys.executable, "-m", "tests.fuzz", name, str(seconds)]
    if not subprocess.run(command, check=False).returncode:
        return True
    data = current.read()
    path = folder / f"failed-{sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    print(f"the input is in {path}", file=sys.stderr)
    return False


def fuzz(name: str, seconds: int) -> None:
    """Run one target in this process, which atheris ends."""
    import atheris  # type: ignore[import-not-found, unused-ignore]

    with atheris.instrument_imports(include=_INSTRUMENTED, enable_loader_override=False):
        from tests.fuzz.targets import load_target

        target = load_target(name)
        for data in target.inputs():  # imports and instruments what is imported on first use
            target.run(data)
    folder = _BUILD / name
    current = CurrentInput(folder / "current", _MAX_INPUT_BYTES)

    def run(data: bytes) -> None:
        current.write(data)
        target.run(data)

    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for data in target.inputs():
        (corpus / sha256(data).hexdigest()[:16]).write_bytes(data)
    arguments = [
        f"-max_total_time={seconds}",
        f"-timeout={_INPUT_SECONDS}",
        f"-rss_limit_mb={_MEMORY_MB}",
        f"-max_len={_MAX_INPUT_BYTES}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *arguments], run)
    atheris.Fuzz()


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in list_targets() and sys.argv[2].isdigit():
        fuzz(sys.argv[1], int(sys.argv[2]))
    else:
        sys.exit(main())
