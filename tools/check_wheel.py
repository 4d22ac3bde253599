"""Build the wheel, install it into a fresh environment and use it there without the source tree.

    python -m tools.check_wheel

The environment lies below ``build/`` and is kept while ``requirements.lock`` does not change. The
Spark jars are linked into it: they are not part of the wheel (``conf/jars/pom.xml`` names them).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
ENVIRONMENT = BUILD / "wheel-environment"
PACKAGES = ("safelight", "nlp_pipelines", "jobs", "conf")

#: Files of the packages that users of the wheel do not need.
_NOT_SHIPPED = {"conf/jars/lib"}


def build_wheel() -> Path:
    """Build the wheel from a copy of the packages and return its path."""
    shutil.rmtree(BUILD / "wheel", ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        source = Path(name)
        for package in PACKAGES:
            ignored = shutil.ignore_patterns("__pycache__", "lib")
            shutil.copytree(ROOT / package, source / package, ignore=ignored)
        for file in ("setup.py", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
            shutil.copy(ROOT / file, source)
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation",
                   "-w", str(BUILD / "wheel"), str(source)]  # fmt: skip
        subprocess.run(command, check=True)
    (wheel,) = (BUILD / "wheel").glob("*.whl")
    return wheel


def find_missing_files(wheel: Path) -> Iterator[str]:
    """Yield the files of the packages that the wheel lacks, and files that do not belong there."""
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted = {name for name in wanted if not any(name.startswith(part) for part in _NOT_SHIPPED)}
    yield from (f"missing: {name}" for name in sorted(wanted - shipped))
    yield from (f"not a file of the packages: {name}" for name in sorted(shipped - wanted))


def prepare_environment(wheel: Path) -> Path:
    """Create the environment if needed, install the wheel and return its folder of commands."""
    lock = (ROOT / "requirements.lock").read_bytes()
    digest, stamp = hashlib.sha256(lock).hexdigest(), ENVIRONMENT / "lock.sha256"
    commands = ENVIRONMENT / "bin"
    install = [str(commands / "python"), "-m", "pip", "install", "-q", "--no-deps"]
    if not stamp.exists() or stamp.read_text() != digest:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        locked = ["--require-hashes", "-r", str(ROOT / "requirements.lock")]
        subprocess.run([*install, *locked], check=True)
        stamp.write_text(digest)
    subprocess.run([*install, "--force-reinstall", str(wheel)], check=True)
    conf = run_command(commands / "python", "-c", "import conf; print(list(conf.__path__)[0])")
    jars = Path(conf.strip()) / "jars" / "lib"
    if ENVIRONMENT not in jars.parents:
        raise RuntimeError(f"the environment imports {jars.parent}, not the wheel")
    if not jars.exists():
        jars.symlink_to((ROOT / "conf" / "jars" / "lib").resolve())
    return commands


def run_command(command: Path, *arguments: str) -> str:
    """Run a command outside of the source tree and return what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [str(command), *arguments], cwd=folder, capture_output=True, text=True,
            check=False, env=_environment(),
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command.name} {' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def _environment() -> dict[str, str]:
    """Return the variables that find Java and Tesseract, and nothing that finds the source tree."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}


def use_commands(commands: Path) -> None:
    """De-identify one object and one note, and show the help."""
    if "deidentify" not in run_command(commands / "safelight", "--help"):
        raise RuntimeError("safelight --help does not list the commands")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "key.hex").write_text(bytes(range(32)).hex())
        inputs = {
            "deidentify": ROOT / "tests/data/study/inbox/ct.dcm",
            "notes": ROOT / "tests/data/notes/letter.txt",
        }
        for job, path in inputs.items():
            printed = run_command(
                commands / "safelight", job, "--input", str(path), "--output", f"{work}/{job}",
                "--tables", f"{work}/{job}-tables", "--key", f"file:{work}/key.hex",
            )  # fmt: skip
            counts = json.loads(printed.splitlines()[-1])
            if counts["deidentified"] != 1:
                raise RuntimeError(f"safelight {job} did not de-identify its input: {counts}")


def main() -> int:
    """Check the wheel; return 1 if files are missing."""
    wheel = build_wheel()
    problems = list(find_missing_files(wheel))
    print(*problems, sep="\n", end="\n" if problems else "")
    if problems:
        return 1
    use_commands(prepare_environment(wheel))
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, installed and used")
    return 0


if __name__ == "__main__":
    sys.exit(main())
