"""Package the code of the Lambda functions: the modules that they import, and nothing else."""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Iterator, Sequence
from importlib.resources import files

#: Modules of the handlers in trigger.yaml, schedule.yaml, ingress.yaml and rotation.yaml.
HANDLER_MODULES = (
    "jobs.aws.healthimaging.imports.events",
    "jobs.aws.trigger.handler",
    "jobs.aws.presign",
    "jobs.aws.key_rotation",
)

#: Data files that these modules read.
_DATA_FILES = (
    "conf/__init__.py",
    "conf/spark/emr-serverless.conf",
    "conf/spark/text-jars.txt",
)

#: Packages whose modules are part of the archive. boto3 is part of the runtime of Lambda.
_OWN_PACKAGES = ("jobs", "safelight", "nlp_pipelines")

#: Time of all entries, so that the same modules make the same archive.
_ENTRY_TIME = (1980, 1, 1, 0, 0, 0)

_FILE_MODE = 0o100644


def build_archive(handlers: Sequence[str] = HANDLER_MODULES) -> bytes:
    """Return a zip archive with the code of the functions.

    Parameters
    ----------
    handlers : sequence of str
        Names of modules with handlers.

    Returns
    -------
    bytes
        Archive, the same for the same modules.
    """
    paths = {path for name in list_modules(handlers) for path in [_find_path(name)] if path}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted({*paths, *_DATA_FILES}):
            entry = zipfile.ZipInfo(path, _ENTRY_TIME)
            entry.external_attr = _FILE_MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _read(path))
    return content.getvalue()


def list_modules(names: Sequence[str]) -> set[str]:
    """Return modules of Safelight and all modules of Safelight that they import.

    Imports inside of functions count as well: a handler may need them later.

    Parameters
    ----------
    names : sequence of str
        Names of modules.
    """
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        path = None if name in found else _find_path(name)
        if path is None:
            continue
        found.add(name)
        pending += [parent for parent in _parents(name) if parent not in found]
        pending += _list_imports(ast.parse(_read(path)))
    return found


def _parents(name: str) -> Iterator[str]:
    """Yield the packages that hold a module."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _list_imports(tree: ast.AST) -> Iterator[str]:
    """Yield the names of modules, and of what may be modules, that a module imports."""
    for node in _walk_code(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _walk_code(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a module that run; imports for type checkers alone do not."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            pending += node.orelse
        else:
            pending += ast.iter_child_nodes(node)


def _find_path(name: str) -> str | None:
    """Return the path of a module of Safelight in the archive."""
    package, *rest = name.split(".")
    if package not in _OWN_PACKAGES:
        return None
    folder = files(package)
    for part in rest[:-1]:
        folder = folder / part
    if rest and (folder / f"{rest[-1]}.py").is_file():
        return "/".join([package, *rest]) + ".py"
    folder = folder / rest[-1] if rest else folder
    return "/".join([package, *rest, "__init__.py"]) if (folder / "__init__.py").is_file() else None


def _read(path: str) -> bytes:
    """Return the content of a file by its path in the archive."""
    package, _, rest = path.partition("/")
    return (files(package) / rest).read_bytes()
