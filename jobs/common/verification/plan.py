"""Check the arguments of a verification before Spark starts."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from jobs.common.cli.errors import UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.key_selection import select_key
from jobs.common.run.preflight import require_tables
from jobs.common.run.rule_sets import load_rule_set
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.spark.session import parse_settings
from jobs.common.storage.location import Location, parse_uri
from jobs.common.verification.expectation import make_expectation
from jobs.common.verification.text_reading import AnnotateTexts
from safelight.pseudonyms import Pseudonyms
from safelight.verify import Expectation

if TYPE_CHECKING:
    pass

#: File of the sample if none is given.
DEFAULT_WORKLIST = "worklist.csv"

#: Actions of rules after which text in notes still looks like the entity.
_VISIBLE_ACTIONS = frozenset({"keep", "surrogate", "shift", "generalise"})


@dataclass(frozen=True)
class SampleRequest:
    """Random objects that a person reviews.

    Attributes
    ----------
    count : int
        Number of objects.
    worklist : str
        CSV file of these objects.
    confidence : float
        Confidence of the stated risk.
    """

    count: int
    worklist: str
    confidence: float


@dataclass(frozen=True)
class VerificationPlan:
    """Checked arguments of a verification.

    Attributes
    ----------
    input : str
        File, folder or glob of the outputs.
    root, tables, mapping : Location
        Folders of the outputs, of the tables, and of the restricted tables.
    originals : str or None
        Folder of the originals; None if they are where the table `sources` locates them.
    expectation : Expectation
        What the rules retain.
    visible_entities : frozenset of str
        Entities that may be seen in notes, because the rules keep or imitate them.
    ocr : bool
        Whether pixels are read.
    key : bytes
        Master key; empty if it was not given.
    namespace : str
        Namespace of the run.
    report : str or None
        CSV file of the findings.
    master : str or None
        Spark master.
    settings : dict of str
        Spark settings.
    limits : ObjectLimits
        Time and memory of the check of one object or of the notes of one source.
    rules : str
        Name of the rules; empty if they were not given.
    lease_table : str or None
        DynamoDB table of the lease.
    sample : SampleRequest or None
        Objects that a person reviews.
    annotate : callable or None
        Text model that reads the texts of elements.
    """

    input: str
    root: Location
    tables: Location
    mapping: Location
    originals: Optional[str]
    expectation: Expectation
    visible_entities: frozenset[str]
    ocr: bool
    key: bytes = field(repr=False)
    namespace: str
    report: Optional[str]
    master: Optional[str]
    settings: dict[str, str]
    limits: ObjectLimits
    rules: str
    lease_table: Optional[str]
    sample: Optional[SampleRequest]
    annotate: Optional[AnnotateTexts] = None

    @property
    def names(self) -> Optional[Pseudonyms]:
        """Pseudonyms of the key; None without a key."""
        return Pseudonyms(self.key, self.namespace) if self.key else None

    @property
    def compares(self) -> bool:
        """True if outputs are compared with their originals."""
        return bool(self.key or self.originals)


def plan_verification(given: argparse.Namespace) -> VerificationPlan:
    """Check the arguments before Spark starts.

    Raises
    ------
    UsageError, JobError
        If an argument is wrong, or the tables cannot be read.
    """
    settings = parse_settings(given.spark_conf)
    material = read_key_material(given.key) if given.key else None
    expectation, visible_entities = Expectation(), frozenset[str]()
    rules_name = ""
    if given.rules:
        rules = load_rule_set(given.rules)
        rules_name = rules.name
        expectation = make_expectation(rules)
        visible_entities = frozenset(
            entity for entity, action in rules.text.entities.items() if action in _VISIBLE_ACTIONS
        )
    if given.ocr == "on":
        from safelight.verify.pixel_ocr import is_tesseract_installed

        if not is_tesseract_installed():
            raise UsageError("--ocr needs Tesseract (Debian: tesseract-ocr)")
    if given.worklist and not given.sample:
        raise UsageError("--worklist needs --sample, the number of its objects")
    _require_writable(given.report, "--report")
    sample = None
    if given.sample:
        _require_writable(given.worklist or DEFAULT_WORKLIST, "--worklist")
        sample = SampleRequest(given.sample, given.worklist or DEFAULT_WORKLIST, given.confidence)
    root = require_tables(given.tables, "instances", "note_files")
    key = select_key(material, Tables(None, root), root) if material else b""
    return VerificationPlan(
        input=given.input,
        root=parse_uri(given.input),
        tables=root,
        mapping=parse_uri(given.mapping or given.tables),
        originals=given.originals,
        expectation=expectation,
        visible_entities=visible_entities,
        ocr=given.ocr == "on",
        key=key,
        namespace=given.namespace,
        report=given.report,
        master=given.master,
        settings=settings,
        limits=ObjectLimits(given.object_seconds, given.object_memory),
        rules=rules_name,
        lease_table=given.lease,
        sample=sample,
        annotate=_load_text_model(given.text_model),
    )


def _load_text_model(name: str) -> Optional[AnnotateTexts]:
    """Return the text model that ``--text-model`` names; None for ``off``.

    Raises
    ------
    UsageError
        If the folder does not contain a model.
    """
    if name == "off":
        return None
    try:
        from nlp_pipelines.annotate import annotate_texts
    except ImportError:
        raise UsageError("this package has no text model; give --text-model off") from None
    if name == "on":
        return annotate_texts
    folder = Path(name)
    if not (folder / "model.onnx").is_file():
        raise UsageError(
            "--text-model is not a folder with model.onnx; give `on` or another folder"
        )
    return partial(annotate_texts, folder=folder)


def _require_writable(file: Optional[str], argument: str) -> None:
    """Create a file that the verification writes.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    if file:
        try:
            open(file, "w", encoding="utf-8").close()
        except OSError as error:
            raise UsageError(f"{argument} cannot be written: {error.strerror}") from None
