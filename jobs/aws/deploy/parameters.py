"""Read the parameters of a deployment, and check them before anything is deployed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import yaml

from jobs.aws.deploy.templates import ROOT_TEMPLATE, SECTION_TEMPLATES, read_template
from jobs.common.cli.errors import UsageError

#: Parameters that the deployment itself fills in.
FILLED_PARAMETERS = frozenset({"CodeKey", "ReleaseUri", "SettingsKey"})

#: Parameter of a section's template for the name of an entry.
NAME_PARAMETERS = {"partners": "Partner", "recipients": "Recipient"}

#: Parameters of these templates that come from the outputs of the root stack.
INHERITED_PARAMETERS = frozenset(
    {
        "BoundaryArn", "CleanDatastoreArn", "CleanKeyArn", "Name", "RawBucketName", "RawKeyArn",
        "RawPrefix", "SftpServerId", "UploadApiId",
    }
)  # fmt: skip

#: Values of parameters whose words YAML reads as something else. 1 and 0 are not Boolean here.
_WORDS_OF_YAML = ((True, "yes"), (False, "no"), (None, ""))


@dataclass(frozen=True)
class Parameters:
    """Parameters of a deployment.

    Attributes
    ----------
    root : mapping of str
        Parameters of main.yaml that differ from their defaults.
    sections : mapping
        Parameters of partner.yaml and recipient.yaml by section and name.
    """

    root: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)


def read_parameters(path: str | None, name: str) -> Parameters:
    """Return the parameters in a file.

    Parameters
    ----------
    path : str or None
        YAML file that maps names of parameters of main.yaml to values, and ``partners`` and
        ``recipients`` to parameters of each by name. ``None`` takes all defaults.
    name : str
        Value of ``--name``.

    Raises
    ------
    UsageError
        If the file cannot be read, or a parameter is unknown or has a wrong value.
    """
    given = {} if path is None else _load(path)
    sections = {
        section: _read_section(section, given.pop(section, None) or {})
        for section in SECTION_TEMPLATES
    }
    root = {"Name": name} | _to_text("--parameters", given)
    if root["Name"] != name:
        raise UsageError("--parameters gives another Name than --name; give --name only")
    check_values(ROOT_TEMPLATE, root, FILLED_PARAMETERS)
    return Parameters(root, sections)


def _read_section(section: str, entries: Any) -> dict[str, dict[str, str]]:
    """Return the checked parameters of each entry of a section."""
    if not isinstance(entries, dict):
        raise UsageError(f"{section} in --parameters must map names to parameters")
    template, name_parameter = SECTION_TEMPLATES[section], NAME_PARAMETERS[section]
    filled = INHERITED_PARAMETERS | {name_parameter}
    checked: dict[str, dict[str, str]] = {}
    for entry, given in entries.items():
        values = _to_text(f"{name_parameter} {entry}", given)
        check_value(
            name_parameter, str(entry), read_template(template)["Parameters"][name_parameter]
        )
        check_values(template, values, filled)
        checked[str(entry)] = values
    return checked


def check_values(template: str, values: Mapping[str, str], filled: frozenset[str]) -> None:
    """Check values of the parameters of a template.

    Parameters
    ----------
    template : str
        File name of the template.
    values : mapping of str
        Values by name.
    filled : frozenset of str
        Parameters that the deployment fills in, which a user does not give.

    Raises
    ------
    UsageError
        If a parameter is unknown, missing, or has a wrong value.
    """
    declared: dict[str, Any] = read_template(template)["Parameters"]
    for name, value in values.items():
        if name in filled and name != "Name":
            raise UsageError(f"`safelight deploy` fills in {name} itself; leave it out")
        if name not in declared:
            similar = get_close_matches(name, declared.keys() - filled, 1)
            hint = f"; did you mean {similar[0]}?" if similar else ""
            raise UsageError(f"{template} has no parameter {name}{hint}")
        check_value(name, value, declared[name])
    missing = [
        name
        for name, parameter in declared.items()
        if "Default" not in parameter and name not in {*values, *filled}
    ]
    if missing:
        raise UsageError(f"{template} needs a value of {', '.join(missing)}; add it to the file")


def check_value(name: str, value: str, parameter: Mapping[str, Any]) -> None:
    """Check one value as CloudFormation does ("Parameters" in its template reference).

    Parameters
    ----------
    name : str
        Name of the parameter.
    value : str
        Value.
    parameter : mapping
        Declaration of the parameter in its template.

    Raises
    ------
    UsageError
        If the value does not meet the declaration.
    """
    allowed = parameter.get("AllowedValues")
    if allowed and value not in map(str, allowed):
        raise UsageError(f"{name} must be one of {', '.join(map(str, allowed))}")
    pattern = parameter.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, value):
        raise UsageError(f"{name} must match {pattern} ({parameter['Description']})")
    if parameter["Type"] == "Number":
        _check_number(name, value, parameter)


def _check_number(name: str, value: str, parameter: Mapping[str, Any]) -> None:
    """Check a value of the type Number."""
    try:
        number = float(value)
    except ValueError:
        raise UsageError(f"{name} must be a number") from None
    low, high = parameter.get("MinValue"), parameter.get("MaxValue")
    if low is not None and number < low:
        raise UsageError(f"{name} must be at least {low}")
    if high is not None and number > high:
        raise UsageError(f"{name} must be at most {high}")


def _load(path: str) -> dict[str, Any]:
    """Return the mapping in a YAML file."""
    try:
        with open(path, encoding="utf-8") as file:
            given: Any = yaml.safe_load(file)
    except OSError as error:
        raise UsageError(f"--parameters {path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UsageError(f"--parameters {path} is not YAML; see docs/aws.md") from None
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise UsageError(f"--parameters {path} must map names of parameters to values")
    return given


def _to_text(place: str, values: Any) -> dict[str, str]:
    """Return values as text; YAML reads ``yes`` and ``no`` as booleans."""
    if not isinstance(values, dict):
        raise UsageError(f"{place} must map names of parameters to values")
    texts: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, (dict, list)):
            raise UsageError(f"{place}: the value of {name} must be a text or a number")
        texts[str(name)] = next(
            (word for read, word in _WORDS_OF_YAML if value is read), str(value)
        )
    return texts
