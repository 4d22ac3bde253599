"""Create a Python environment that can be moved, and pack it for ``spark.archives``.

The environment is one of ``venv`` of the standard library: the packages are in it, the
interpreter is a link. So the archive holds no library of the machine that made it, and runs on
every machine that has the same minor version of Python at the path of the link.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

#: Folders of packages that only their own tests and C compilers read.
_UNUSED_FOLDERS = (
    "numpy/_core/tests", "numpy/lib/tests", "numpy/random/tests", "numpy/ma/tests",
    "pandas/tests", "pyarrow/include", "pyarrow/tests",
)  # fmt: skip

#: First lines of a console script: start the interpreter beside the script, wherever it is.
_SCRIPT_START = """\
#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"
' '''
"""


def create_environment(
    folder: Path, wheel: Path, requirements: str | None, interpreter: str
) -> None:
    """Create the environment of the workers.

    Parameters
    ----------
    folder : Path
        Folder of the environment; an existing one is replaced.
    wheel : Path
        Wheel of Safelight.
    requirements : str or None
        Pinned packages with hashes. ``None`` installs none and refers to the packages of the
        running interpreter, for tests on this machine.
    interpreter : str
        Path of the interpreter on the machines of the cluster.

    Raises
    ------
    subprocess.CalledProcessError
        If packages cannot be installed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder)], check=True
    )
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    install += ["--disable-pip-version-check", "--no-deps", "--no-compile"]
    packages = find_site_packages(folder)
    if requirements is None:
        (packages / "linked.pth").write_text(f"{find_site_packages(Path(sys.prefix))}\n")
    else:
        listed = folder / "requirements.txt"
        listed.write_text(requirements)
        _run_pip([*install, "--require-hashes", "-r", str(listed)])
    _run_pip([*install, str(wheel.resolve())])
    for name in _UNUSED_FOLDERS:
        shutil.rmtree(packages / name, ignore_errors=True)
    _compile(packages)
    _make_relocatable(folder, interpreter)


def _run_pip(command: list[str]) -> None:
    """Run pip without the folders of PYTHONPATH.

    A checkout with the metadata of a build would be taken for an installed package.
    """
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, check=True, env=variables)


def find_site_packages(folder: Path) -> Path:
    """Return the folder of the packages of an environment."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / "lib" / version / "site-packages"


def base_interpreter() -> str:
    """Return the path of the interpreter that this environment is based on."""
    return os.path.realpath(sys.executable)


def pack_environment(folder: Path, archive: Path, level: int = 6) -> None:
    """Pack an environment; equal files give equal bytes.

    Parameters
    ----------
    folder : Path
        Folder of the environment. Its name is not part of the archive.
    archive : Path
        Path of the ``.tar.gz`` file.
    level : int
        Compression level of gzip.
    """
    import gzip

    with (
        archive.open("wb") as output,
        gzip.GzipFile("", "wb", level, output, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w|") as tar,
    ):
        for path in _list_files(folder):
            tar.add(path, str(path.relative_to(folder)), recursive=False, filter=_without_owner)


def _list_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(parent, name)


def _without_owner(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = 0
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def _compile(packages: Path) -> None:
    """Compile all modules; the result does not depend on the times of files."""
    command = [sys.executable, "-W", "ignore", "-m", "compileall", "-qq", "-j", "0"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(packages), str(packages)]
    subprocess.run(command, check=False)  # templates of some packages are not valid modules


def _make_relocatable(folder: Path, interpreter: str) -> None:
    """Let the environment work in every folder, with the interpreter of the cluster.

    Console scripts other than ``safelight`` start with the path of this folder and are removed.
    """
    commands = folder / "bin"
    script = (commands / "safelight").read_text().partition("\n")[2]
    for path in commands.iterdir():
        path.unlink()
    (commands / "python").symlink_to(interpreter)
    (commands / "python3").symlink_to("python")
    (commands / "safelight").write_text(_SCRIPT_START + script)
    (commands / "safelight").chmod(0o755)
    (folder / "pyvenv.cfg").write_text(
        f"home = {os.path.dirname(interpreter)}\ninclude-system-site-packages = false\n"
    )
