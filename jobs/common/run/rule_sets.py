"""Load the rules of a run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from jobs.common.cli.errors import UsageError
from jobs.common.storage.objects import read_text
from safelight.rules import RulesError, RuleSet, load_rules


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
            path.write_text(read_text(name), encoding="utf-8")
            return load_rules(str(path))
    except (RulesError, OSError) as error:
        raise UsageError(f"--rules {name}: {error}") from None
