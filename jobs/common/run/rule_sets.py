"""Load the rules of a run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jobs.common.cli.errors import UsageError
from jobs.common.storage.objects import read_bytes, read_text
from safelight.rules import RulesError, RuleSet, load_rules
from safelight.rules.lint import lint
from safelight.rules.parsing.encryption import PEM_HEADER
from safelight.rules.parsing.yaml_node import parse_document
from safelight.rules.written_dates import find_written_dates
from safelight.rules.written_texts import encode_written_texts

#: Parameter of a run, as ``runs`` records it: dates that its rules write themselves.
WRITTEN_DATES = "written_dates"

#: Parameter of a run: hashes of the texts that its rules write for every patient.
WRITTEN_TEXTS = "written_texts"


def load_rule_set(name: str) -> RuleSet:
    """Return the rules that ``--rules`` names: a shipped rule set, or a YAML file, local or on S3.

    Raises
    ------
    UsageError
        If the rules are unknown or invalid; the message has the line and what is expected there.
    """
    try:
        if "://" not in name:
            return load_rules(name)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "rules.yaml")
            text, source = read_text(name), name.rpartition("/")[0]
            path.write_text(text, encoding="utf-8")
            _fetch_certificates(text, name, source, Path(folder))
            return _move_lookups(load_rules(str(path)), folder, source)
    except (RulesError, OSError) as error:
        raise UsageError(f"--rules {name}: {error}") from None


def _fetch_certificates(text: str, name: str, source: str, folder: Path) -> None:
    """Write the certificates of recipients, which are beside the rules file, into a folder."""
    encrypt = parse_document(text, name).as_mapping(None).get("encrypt")
    recipients = encrypt.as_mapping(None).get("recipients") if encrypt else None
    for node in recipients.as_list_or_single() if recipients else ():
        relative = node.as_text()
        if PEM_HEADER in relative:
            continue
        target = folder / relative
        if not target.resolve().is_relative_to(folder.resolve()):
            raise node.make_error("the path of a certificate in the folder of the rules file")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(read_bytes(f"{source}/{relative}"))


def _move_lookups(rules: RuleSet, folder: str, source: str) -> RuleSet:
    """Return rules whose relative lookup tables are beside the rules file on S3."""
    tables = (
        replace(table, uri=source + table.uri[len(folder) :])
        if table.uri.startswith(f"{folder}/")
        else table
        for table in rules.lookups
    )
    return replace(rules, lookups=tuple(tables)) if rules.lookups else rules


def require_sound_rules(rules: RuleSet, accepted: Sequence[str]) -> None:
    """Refuse rules in which lint finds an error, unless the error was accepted.

    Parameters
    ----------
    rules : RuleSet
    accepted : sequence of str
        Codes of findings that ``--accept-lint`` names.

    Raises
    ------
    UsageError
        If lint finds an error whose code is not accepted. The message has all of them.
    """
    errors = [one for one in lint(rules) if one.severity == "error" and one.code not in accepted]
    if not errors:
        return
    codes = " ".join(sorted({one.code for one in errors}))
    found = "; ".join(f"{one.location}: {one.text} [{one.code}]" for one in errors)
    raise UsageError(
        f"lint finds errors in the rules {rules.name}: {found}; correct the rules, or give "
        f"--accept-lint {codes}"
    )


def list_rule_parameters(rules: RuleSet, accepted: Sequence[str]) -> dict[str, str]:
    """Return what ``runs`` records of the rules besides their name and hash.

    Parameters
    ----------
    rules : RuleSet
    accepted : sequence of str
        Codes of findings that ``--accept-lint`` names.
    """
    written, texts = find_written_dates(rules), encode_written_texts(rules)
    return {
        **({"accepted_lint": " ".join(sorted(set(accepted)))} if accepted else {}),
        **({WRITTEN_DATES: written.encode()} if written else {}),
        **({WRITTEN_TEXTS: texts} if texts else {}),
    }
