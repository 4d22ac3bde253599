from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata, resources

import pytest
from numpydoc.validate import validate

import safelight

#: Libraries that take long to load, and that importing the package must not load.
HEAVY = (
    "PIL",
    "cv2",
    "numpy",
    "onnxruntime",
    "pandas",
    "pyarrow",
    "pydicom",
    "pyspark",
    "sparknlp",
)


#: Codes of numpydoc for parameters that are missing, unknown or in another order, and for a missing
#: section Returns or Yields.
MISSING_SECTIONS = {"PR01", "PR02", "PR03", "RT01", "YD01"}


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a new interpreter has loaded after running code."""
    code += "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    return set(output.split())


def public_classes() -> list[type]:
    values = (getattr(safelight, name) for name in safelight.__all__)
    return [value for value in values if inspect.isclass(value)]


@pytest.mark.parametrize("name", safelight.__all__)
def test_public_name_is_importable(name: str) -> None:
    assert getattr(safelight, name) is not None


def test_unknown_name_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Engine'"):
        safelight.Engine  # noqa: B018


def test_dir_lists_public_names() -> None:
    assert set(safelight.__all__) <= set(dir(safelight))


@pytest.mark.parametrize("value", public_classes(), ids=lambda value: value.__name__)
def test_public_class_documents_its_parameters_or_attributes(value: type) -> None:
    doc = inspect.getdoc(value) or ""
    assert "Parameters\n----------" in doc or "Attributes\n----------" in doc


@pytest.mark.parametrize("value", public_classes(), ids=lambda value: value.__name__)
def test_public_method_has_docstring(value: type) -> None:
    methods = {
        name: method
        for name, method in vars(value).items()
        if not name.startswith("_") and inspect.isfunction(inspect.unwrap(method))
    }
    assert [name for name, method in methods.items() if not inspect.getdoc(method)] == []


def public_functions() -> Iterator[str]:
    """Yield the full names of the public functions and methods."""
    yield "safelight.rules.loader.load_rules"
    for value in public_classes():
        for name, method in inspect.getmembers(value, inspect.isfunction):
            if not name.startswith("_") and method.__module__.startswith("safelight"):
                yield f"{value.__module__}.{value.__qualname__}.{name}"


@pytest.mark.parametrize("name", public_functions())
def test_public_function_documents_parameters_and_returns(name: str) -> None:
    errors = {code: message for code, message in validate(name)["errors"]}
    assert errors.keys().isdisjoint(MISSING_SECTIONS), errors


def test_load_rules_documents_errors() -> None:
    assert "Raises\n------" in (inspect.getdoc(safelight.load_rules) or "")


def test_version_is_that_of_the_distribution() -> None:
    assert safelight.__version__ == metadata.version("safelight")


def test_package_states_that_it_is_typed() -> None:
    assert (resources.files("safelight") / "py.typed").is_file()


def test_package_examples_hold() -> None:
    assert doctest.testmod(safelight).failed == 0


def test_import_loads_no_heavy_library() -> None:
    assert loaded_after("import safelight").isdisjoint(HEAVY)


def test_header_deidentifier_loads_no_image_library_and_no_spark() -> None:
    code = "import safelight; safelight.Deidentifier('basic', key=bytes(range(32)), pixels=False)"
    assert loaded_after(code).isdisjoint({"cv2", "onnxruntime", "pyspark", "sparknlp"})
