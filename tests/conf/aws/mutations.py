"""Change one property of a template, to see that a check fails."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

#: Value that deletes a property.
DELETE = object()


def change(template: dict[str, Any], kind: str, path: str, value: object) -> dict[str, Any]:
    """Return the first resource of a type, with a changed property, as a template of its own.

    Parameters
    ----------
    template : dict
        Template.
    kind : str
        Type of the resource, or its logical ID.
    path : str
        Path of the property below the resource, with dots; numbers are indexes of lists.
    value : object
        New value, or ``DELETE``.
    """
    resources = template["Resources"]
    found = resources.get(kind) or next(r for r in resources.values() if r["Type"] == kind)
    place: Any = copy.deepcopy(found)
    changed = {"Resources": {"Changed": place}}
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for parent in parents:
        place = place[parent]
    if value is DELETE:
        del place[last]
    else:
        place[last] = value
    return changed


def change_statement(
    template: dict[str, Any], sid: str, edit: Callable[[dict[str, Any]], object]
) -> dict[str, Any]:
    """Return the resources with a statement of an ID, in which it is edited.

    Parameters
    ----------
    template : dict
        Template.
    sid : str
        ``Sid`` of the statement.
    edit : callable
        Changes the statement in place.
    """
    resources = {
        name: copy.deepcopy(resource)
        for name, resource in template["Resources"].items()
        if any(_find(resource, sid))
    }
    assert resources, f"no statement {sid}"
    for statement in _find(resources, sid):
        edit(statement)
    return {"Resources": resources}


def add_resource(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a copy of a template with one more resource of a type.

    Parameters
    ----------
    template : dict
        Template.
    kind : str
        Type of the resource.
    """
    changed = copy.deepcopy(template)
    changed["Resources"]["Added"] = {"Type": kind, "Properties": {}}
    return changed


def _find(node: Any, sid: str) -> Any:
    if isinstance(node, dict):
        if node.get("Sid") == sid:
            yield node
        for value in node.values():
            yield from _find(value, sid)
    elif isinstance(node, list):
        for value in node:
            yield from _find(value, sid)
