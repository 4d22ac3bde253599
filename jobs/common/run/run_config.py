"""Check the arguments of a run and list its sources, before Spark starts."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Optional

from jobs.common.cli.arguments import DELTA_STORE
from jobs.common.cli.errors import UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.dynamodb_table import find_table
from jobs.common.observe.metrics import MetricsOptions, plan_metrics
from jobs.common.observe.observer import Observer
from jobs.common.run.annotations import TextModel
from jobs.common.run.final_outcomes import limit_parameters
from jobs.common.run.key_selection import select_key
from jobs.common.run.lookup_tables import cover_lookups
from jobs.common.run.preflight import ensure_writable, reject_overlap
from jobs.common.run.rule_sets import (
    list_rule_parameters,
    load_rule_set,
    require_sound_rules,
)
from jobs.common.run.run_ids import new_run_id
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.sources.listing import Listing
from jobs.common.sources.since import resolve_since
from jobs.common.spark.cluster_check import ClusterNeeds
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.spark.session import lazy_session, parse_settings
from jobs.common.storage.location import Location, parse_source_uri, parse_uri
from safelight.pseudonyms import Pseudonyms
from safelight.version import VERSION

#: Digits of the hash of the rules in the name of a folder of ``--versioned-output``.
RULES_PREFIX_LENGTH = 12

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from safelight.rules import RuleSet

#: Parameters that a run shares with the one that ``--since last-run`` refers to.
_SAME_RUN_PARAMETERS = ("inputs_hmac", "namespace", "pixels", "text", "key_id", "output")

#: The folder of one inventory, which has the name of its time.
_INVENTORY_DATE = re.compile(r"/\d{4}-\d{2}-\d{2}T\d{2}-\d{2}Z/(?=manifest\.json$)")


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
    mapping_store : str
        Store of the mapping: ``delta`` or ``dynamodb:TABLE``.
    shares_rates : bool
        Whether the workers read from a service that limits the rate of an account.
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
    mapping_store: str = DELTA_STORE
    shares_rates: bool = False


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
        table.name if (table := find_table(given.mapping_store)) else "",
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
    if not (given.input or given.manifest or given.inventory):
        raise UsageError("give --input, --manifest or --inventory")
    settings = parse_settings(given.spark_conf)
    metrics = plan_metrics(given)
    material = read_key_material(given.key)
    rules = _load_rules(given)
    _check_mapping_table(given)
    locations = {option: parse_uri(uri) for option, uri in _folders(given).items()}
    reject_overlap(given.input, locations)
    tables = locations["--tables"]
    key = select_key(material, Tables(session, tables), tables)
    text_model = _load_text_model() if given.text == "on" else None
    deidentifier = _configure_deidentifier(given, rules, material, key)
    output = locations["--output"]
    if given.versioned_output:
        output = output.child(_version_name(given, rules.hash))
    parameters = _list_parameters(given, deidentifier, output)
    run_id = given.run_id or new_run_id()
    since = _find_since(given, tables, session, rules.hash, parameters)
    listing = _list(_request(given, inputs, since), session, given.command, run_id)
    for option, uri in _folders(given).items():  # not before the sources are found
        ensure_writable(option, uri)
    return RunConfig(
        listing=listing,
        output=output,
        tables=tables,
        mapping=locations["--mapping"],
        deidentifier=deidentifier,
        rules_name=rules.name,
        text_model=text_model,
        run_id=run_id,
        named=given.run_id is not None,
        lease_table=given.lease,
        master=given.master,
        settings=settings,
        fail_on_quarantine=given.fail_on_quarantine,
        parameters=parameters,
        limits=_object_limits(given),
        metrics=metrics,
        check_output=given.check_output,
        mapping_store=given.mapping_store,
        shares_rates=any(parse_source_uri(uri).on_healthimaging for uri in given.input),
    )


def _load_rules(given: argparse.Namespace) -> RuleSet:
    """Return the rules, without an error that the caller has not accepted."""
    rules = cover_lookups(load_rule_set(given.rules))
    require_sound_rules(rules, given.accept_lint)
    return rules


def _check_mapping_table(given: argparse.Namespace) -> None:
    """Raise if ``--mapping-store`` names a table that cannot hold the mapping."""
    table = find_table(given.mapping_store)
    if table is not None:
        table.check_design()


def _configure_deidentifier(
    given: argparse.Namespace, rules: RuleSet, material: KeyMaterial, key: bytes
) -> DeidentifierConfig:
    return DeidentifierConfig(
        rules=rules,
        rules_hash=rules.hash,
        key=key,
        namespace=given.namespace,
        pixels=_pixels(given) == "on",
        text=given.text == "on",
        sealing_key=material.make_sealing_key(Pseudonyms(key, given.namespace)),
    )


def _pixels(given: argparse.Namespace) -> str:
    """Return whether the pixel stage is on or off; jobs over notes have none."""
    return getattr(given, "pixels", "off")


def _object_limits(given: argparse.Namespace) -> ObjectLimits:
    return ObjectLimits(given.object_seconds, given.object_memory)


def _list_parameters(
    given: argparse.Namespace, deidentifier: DeidentifierConfig, output: Location
) -> dict[str, str]:
    """Return the arguments as ``runs`` records them."""
    rules, namespace = deidentifier.rules, deidentifier.namespace
    names = deidentifier.pseudonyms()
    uids = Pseudonyms(deidentifier.key, namespace, uid_root=rules.uid_root)
    return {
        "rules": rules.name,
        "namespace": namespace,
        "pixels": _pixels(given),
        "text": given.text,
        "inputs": str(len(given.input) + len(given.manifest) + len(given.inventory)),
        "inputs_hmac": names.hexdigest("inputs", _describe_inputs(given)),
        **limit_parameters(_object_limits(given)),
        **list_rule_parameters(rules, given.accept_lint),
        "key_id": names.key_id,
        "output": output.uri,
        "mapping_store": given.mapping_store,
        "uid_prefix": uids.uid_prefix,
    }


def _list(
    request: SourceRequest, session: Callable[[], SparkSession], command: str, run_id: str
) -> Listing:
    """List the sources, and show the progress."""
    with Observer(command, run_id) as observer, observer.stage("LIST") as stage:
        return list_sources(request, session, stage.report)


def _version_name(given: argparse.Namespace, rules_hash: str) -> str:
    """Return the folder of ``--versioned-output``: a prefix of the hash of the rules.

    The stages that are off follow it, since they change the objects as well.
    """
    off = [stage for stage in ("pixels", "text") if getattr(given, stage, "on") == "off"]
    return "-no-".join([rules_hash[:RULES_PREFIX_LENGTH], *off])


def _request(
    given: argparse.Namespace, inputs: Optional[Sequence[str]], since: Optional[datetime]
) -> SourceRequest:
    listed = tuple(given.input if inputs is None else inputs)
    return SourceRequest(
        inputs=listed,
        manifests=tuple(given.manifest),
        inventories=tuple(given.inventory),
        since=since,
        # Inputs that are not listed, such as Delta tables, are not empty.
        allow_empty=given.allow_empty or len(listed) < len(given.input),
    )


def _describe_inputs(given: argparse.Namespace) -> str:
    """Return the inputs of a run; those of the next night are the same."""
    inventories = (_INVENTORY_DATE.sub("/", uri) for uri in given.inventory)
    return "\n".join(sorted([*given.input, *given.manifest, *inventories]))


def _find_since(
    given: argparse.Namespace,
    tables: Location,
    session: Callable[[], SparkSession],
    rules_hash: str,
    parameters: Mapping[str, str],
) -> Optional[datetime]:
    """Return the time from which modified objects are listed."""
    if given.since is None:
        return None
    same = {name: parameters[name] for name in _SAME_RUN_PARAMETERS}
    settings = {"rules_hash": rules_hash, **same}
    return resolve_since(given.since, Tables(session, tables), given.command, settings)


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
