"""Check requests against the models of the services that botocore ships."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator


def find_violations(service: str, operation: str, request: Mapping[str, object]) -> list[str]:
    """Return what a request violates in the model of an operation: types, names, lengths, patterns.

    Parameters
    ----------
    service : str
        Name of the service in boto3.
    operation : str
        Name of the operation in the API, such as ``StartJobRun``.
    request : mapping
        Parameters of the operation.
    """
    shape = _operation(service, operation).input_shape
    report = ParamValidator().validate(dict(request), shape)
    found = [report.generate_report()] if report.has_errors() else []
    return [*found, *_walk(shape, request, operation)]


@cache
def _operation(service: str, operation: str) -> OperationModel:
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def _walk(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yield strings, lists and numbers that break limits, which botocore itself does not check."""
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from _walk(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        yield from _check_size(shape, len(value), path)
        for member in value:
            yield from _walk(shape.member, member, path)
    elif shape.type_name == "map":
        yield from _check_size(shape, len(value), path)
        for key, member in value.items():
            yield from _walk(shape.key, key, path)
            yield from _walk(shape.value, member, path)
    elif shape.type_name == "string":
        yield from _check_size(shape, len(value), path)
        yield from _check_text(shape, value, path)
    elif shape.type_name in ("integer", "long"):
        yield from _check_size(shape, value, path)


def _check_size(shape: Shape, size: int, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", size)
    if not low <= size <= high:
        yield f"{path}: {size} is not in {low} to {high}"


def _check_text(shape: Shape, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value} is no value of the enumeration"
    pattern = shape.metadata.get("pattern", "")
    if "\\p{" in pattern or "\\uD800" in pattern:  # all characters of XML, in the notation of Java
        return
    if pattern and not re.fullmatch(pattern, value, re.DOTALL):
        yield f"{path}: does not match {pattern}"
