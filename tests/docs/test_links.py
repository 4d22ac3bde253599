"""Links of Markdown files, paths in guides, and references in docstrings have a target."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")
#: Words in capitals are placeholders of recipes.
_CODE_PATH = re.compile(r"`((?:safelight|jobs|nlp_pipelines|conf|tests|tools|docs)/[a-z0-9_./-]*)`")
_REFERENCE = re.compile(r":(?:mod|class|func|meth|data|attr|exc):`~?([\w.]+)`")


FOLDERS = ("safelight", "nlp_pipelines", "jobs", "conf", "benchmarks", "tests", "docs")
PAGES = [*ROOT.glob("*.md"), *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md"))]


def resolves(target: str, module: str) -> bool:
    """Return whether a dotted name can be imported, from the root or from its own module."""
    for name in (target, f"{module}.{target}"):
        parts = name.split(".")
        for split in range(len(parts), 0, -1):
            try:
                found: object = importlib.import_module(".".join(parts[:split]))
            except ImportError:
                continue
            for part in parts[split:]:
                if part in getattr(found, "__annotations__", {}):
                    return True
                found = getattr(found, part, None)
            if found is not None:
                return True
            break
    return False


@pytest.mark.parametrize("page", sorted(PAGES), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_markdown_files_lead_to_files(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "README.md", "docs/architecture.md"])
def test_paths_in_guides_exist(name: str) -> None:
    paths = _CODE_PATH.findall((ROOT / name).read_text("utf-8"))
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("package", ["safelight", "nlp_pipelines", "jobs"])
def test_references_in_docstrings_resolve(package: str) -> None:
    dead = []
    for path in sorted((ROOT / package).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for target in _REFERENCE.findall(path.read_text("utf-8")):
            class_names = re.findall(r"^class (\w+)", path.read_text("utf-8"), re.M)
            own = [f"{name}.{target}" for name in class_names]
            if not any(resolves(one, module) for one in (target, *own)):
                dead.append(f"{module}: {target}")
    assert dead == []
