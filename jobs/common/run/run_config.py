"""Check the arguments of a run and list its sources, before Spark starts."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Optional
from uuid import uuid4

from jobs.common.cli.errors import UsageError
from jobs.common.observe.metrics import MetricsOptions, plan_metrics
from jobs.common.run.annotations import TextModel
from jobs.common.run.final_outcomes import limit_parameters
from jobs.common.run.preflight import ensure_writable, reject_overlap
from jobs.common.run.rule_sets import load_rule_set
from jobs.common.secrets.key_provider import read_key
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.sources.listing import Listing
from jobs.common.spark.cluster_check import ClusterNeeds
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.spark.session import lazy_session, parse_settings
from jobs.common.storage.location import Location, parse_uri
from safelight.version import VERSION

#: Digits of the hash of the rules in the name of a folder of ``--versioned-output``.
RULES_PREFIX_LENGTH = 12

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class RunConfig:
    """Checked arguments of a run, and its sources.

    Attributes
    ----------
    listing : Listing
        Listed sources, in the order of their URIs.
    output, tables, mapping : Location
        Folders of the output, of the tables and of the restricted tables.
    deidentifier : DeidentifierConfig
    rules_name : str
        Name of the rules, for the tables.
    text_model : TextModel or None
        ``None`` if the text stage is off.
    run_id : str
    named : bool
        Whether the caller gave the run ID: the run then resumes an earlier attempt.
    lease_table : str or None
        DynamoDB table for the lease of tables on S3.
    master : str or None
        Spark master.
    settings : dict
        Spark settings of the command line.
    fail_on_quarantine : bool
        Exit with an error if an object was quarantined.
    parameters : dict
        Arguments as ``runs`` records them.
    limits : ObjectLimits
        Time and memory of one object.
    metrics : MetricsOptions
        Destinations of the metrics.
    check_output : str
        Check of the outputs that the tables record: ``size``, ``sha256`` or ``off``.
    """

    listing: Listing
    output: Location
    tables: Location
    mapping: Location
    deidentifier: DeidentifierConfig
    rules_name: str
    text_model: Optional[TextModel]
    run_id: str
    named: bool
    lease_table: Optional[str]
    master: Optional[str]
    settings: dict[str, str]
    fail_on_quarantine: bool
    parameters: dict[str, str]
    limits: ObjectLimits = ObjectLimits()
    metrics: MetricsOptions = MetricsOptions()
    check_output: str = "size"


@contextmanager
def run_session(command: str, given: argparse.Namespace) -> Iterator[Callable[[], SparkSession]]:
    """Provide a function that starts the Spark session of a run at its first call.

    Parameters
    ----------
    command : str
        Name of the sub-command.
    given : argparse.Namespace
        Parsed arguments of the command.

    Yields
    ------
    callable
        Function without parameters that returns the session.

    Raises
    ------
    UsageError
        If an argument is wrong.
    """
    needs = ClusterNeeds(
        tuple((option, parse_uri(uri)) for option, uri in _folders(given).items()),
        given.text == "on",
    )
    with lazy_session(command, given.master, parse_settings(given.spark_conf), needs) as spark:
        yield spark


def _folders(given: argparse.Namespace) -> dict[str, str]:
    """Return the URIs of the folders of a run by option."""
    return {
        "--output": given.output,
        "--tables": given.tables,
        "--mapping": given.mapping or given.tables,
    }


def prepare(
    given: argparse.Namespace,
    session: Callable[[], SparkSession],
    inputs: Optional[Sequence[str]] = None,
) -> RunConfig:
    """Check the arguments and list the sources.

    Parameters
    ----------
    given : argparse.Namespace
        Parsed arguments of the command.
    session : callable
        Returns the Spark session; it is called only if the driver cannot hold the listing.
    inputs : sequence of str, optional
        Inputs to list (default: all of ``--input``).

    Raises
    ------
    UsageError
        If an argument is wrong.
    JobError
        If a location cannot be read or written.
    """
    if not given.input and not given.manifest:
        raise UsageError("give --input or --manifest")
    settings = parse_settings(given.spark_conf)
    metrics = plan_metrics(given)
    key = read_key(given.key)
    rules = load_rule_set(given.rules)
    locations = _folders(given)
    reject_overlap(given.input, {option: parse_uri(uri) for option, uri in locations.items()})
    text_model = _load_text_model() if given.text == "on" else None
    listing = list_sources(_request(given, inputs), session)
    outputs = {option: ensure_writable(option, uri) for option, uri in locations.items()}
    deidentifier = DeidentifierConfig(
        rules=rules,
        rules_hash=rules.hash,
        key=key,
        namespace=given.namespace,
        pixels=getattr(given, "pixels", "off") == "on",
        text=given.text == "on",
    )
    output = outputs["--output"]
    if given.versioned_output:
        output = output.child(_version_name(given, rules.hash))
    limits = ObjectLimits(given.object_seconds, given.object_memory)
    return RunConfig(
        listing=listing,
        output=output,
        tables=outputs["--tables"],
        mapping=outputs["--mapping"],
        deidentifier=deidentifier,
        rules_name=rules.name,
        text_model=text_model,
        run_id=given.run_id or _new_run_id(),
        named=given.run_id is not None,
        lease_table=given.lease,
        master=given.master,
        settings=settings,
        fail_on_quarantine=given.fail_on_quarantine,
        parameters={
            "rules": rules.name,
            "namespace": given.namespace,
            "pixels": getattr(given, "pixels", "off"),
            "text": given.text,
            "inputs": str(len(given.input) + bool(given.manifest)),
            **limit_parameters(limits),
            "key_id": deidentifier.pseudonyms().key_id,
            "output": output.uri,
        },
        limits=limits,
        metrics=metrics,
        check_output=given.check_output,
    )


def _version_name(given: argparse.Namespace, rules_hash: str) -> str:
    """Return the folder of ``--versioned-output``: a prefix of the hash of the rules.

    The stages that are off follow it, since they change the objects as well.
    """
    off = [stage for stage in ("pixels", "text") if getattr(given, stage, "on") == "off"]
    return "-no-".join([rules_hash[:RULES_PREFIX_LENGTH], *off])


def _request(given: argparse.Namespace, inputs: Optional[Sequence[str]]) -> SourceRequest:
    return SourceRequest(
        inputs=tuple(given.input if inputs is None else inputs),
        manifests=(given.manifest,) if given.manifest else (),
        allow_empty=True,
    )


def _new_run_id() -> str:
    return f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"


def _load_text_model() -> TextModel:
    try:
        from nlp_pipelines.annotate import PIPELINE_VERSION, annotate_texts
    except ImportError:
        raise UsageError("this package has no text model; give --text off") from None
    return TextModel(annotate_texts, PIPELINE_VERSION)


def list_versions(text_model: Optional[TextModel]) -> dict[str, str]:
    """Return the versions of the software and models that determine the outcome of a run."""
    versions = {"safelight": VERSION, "python": platform.python_version()}
    for package in ("pyspark", "delta-spark", "pydicom", "rapidocr"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    if text_model is not None:
        versions["text_model"] = text_model.version
    return versions
