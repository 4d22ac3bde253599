"""Insert elements into an object: identifiers that it lacks, and what the rules add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import PATIENT_AGE, PATIENT_ID, SOP_CLASS_UID
from safelight.headers.deidentification_labels import LABEL_TAGS
from safelight.headers.derived_age import derive_age
from safelight.headers.element_additions import AddedValues, create_elements
from safelight.headers.element_references import ReferenceReader
from safelight.headers.encrypted_attributes import ENCRYPTED_ATTRIBUTES, encrypt_attributes
from safelight.headers.item_additions import ItemAdder
from safelight.headers.models import ChangeLog, DatasetContext
from safelight.headers.new_value_reader import NewValueReader
from safelight.headers.object_identifiers import SOP_CLASS_OF_FILE_META, derive_uids
from safelight.headers.object_values import ObjectValues
from safelight.headers.object_writer import ObjectWriter
from safelight.headers.patient_identity import PatientContext
from safelight.headers.private_additions import PrivateBlocks, create_private_elements
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action
from safelight.rules import Operation, RuleSet
from safelight.rules.lookups import LookupRows


@dataclass(frozen=True)
class Insertions:
    """Elements that are inserted into one object: UIDs, and the rows to record.

    Attributes
    ----------
    context : DatasetContext
        The top level, with the values of the object if the rules compose values.
    uids : dict of int to str
        New UIDs of study, series and instance by tag.
    missing_uids : list of int
        Tags of the UIDs that the source object lacks.
    actions : list of Action
        Audit rows of the inserted elements.
    log : ChangeLog
        Edits of the sequences in which elements are added.
    """

    context: DatasetContext
    uids: dict[int, str]
    missing_uids: list[int]
    actions: list[Action]
    log: ChangeLog


class ElementInserter:
    """Inserter of elements by one rule set under one key.

    Parameters
    ----------
    rules : RuleSet
        The rules.
    pseudonyms : Pseudonyms
        Derives pseudonyms and UIDs.
    lookup_rows : mapping of str to LookupRows
        Rows of the lookup tables of the rules. PHI.
    """

    def __init__(
        self, rules: RuleSet, pseudonyms: Pseudonyms, lookup_rows: Mapping[str, LookupRows]
    ):
        self._rules = rules
        self._pseudonyms = pseudonyms
        self._tables = {table.name: (table, lookup_rows[table.name]) for table in rules.lookups}
        self._private_additions = [one for one in rules.additions if one.creator]
        self._flat_additions = [
            one for one in rules.additions if not one.is_nested and not one.creator
        ]
        self._nested_additions = [one for one in rules.additions if one.is_nested]
        self._composes_values = bool(rules.additions) or any(
            entry.operation in (Operation.LOOKUP, Operation.TEXT) for entry in rules.elements
        )

    def insert(
        self,
        parsed: ParsedObject,
        subject: PatientContext,
        context: DatasetContext,
        writer: ObjectWriter,
        inserted: dict[int, bytes],
    ) -> Insertions:
        """Insert what the object lacks, what the rules add, and room for the labels.

        Parameters
        ----------
        parsed : ParsedObject
            The source object.
        subject : PatientContext
            Its patient.
        context : DatasetContext
            The top level of the source object.
        writer : ObjectWriter
            Writes the values of the new object that added elements refer to.
        inserted : dict of int to bytes
            New elements by tag; receives the inserted ones.

        Returns
        -------
        Insertions

        Raises
        ------
        Refusal
            If an element that the rules require cannot be made.
        """
        encoding, patient = parsed.encoding, writer.element_writer.patient
        if parsed.find(PATIENT_ID) is None or subject.identified_by_study:
            pseudonym = patient.pseudonym.encode("ascii")
            inserted[PATIENT_ID] = encoding.element(PATIENT_ID, "LO", pseudonym)
        actions: list[Action] = []
        log = ChangeLog()
        if self._composes_values:
            context, actions, log = self._compose_values(parsed, context, writer, inserted)
        if self._rules.encryption is not None:
            encrypted = encrypt_attributes(parsed, self._rules.encryption, self._pseudonyms)
            if encrypted is not None:
                inserted[ENCRYPTED_ATTRIBUTES], action = encrypted
                actions.append(action)
        uids, missing = derive_uids(parsed, context.level.rules, self._pseudonyms)
        for tag in missing:
            inserted[tag] = encoding.element(tag, "UI", uids[tag].encode("ascii"))
        if not parsed.text(SOP_CLASS_UID):
            sop_class = parsed.sop_class_uid.encode("ascii")
            inserted[SOP_CLASS_UID] = encoding.element(SOP_CLASS_UID, "UI", sop_class)
            actions.append(SOP_CLASS_OF_FILE_META)
        inserted.update(dict.fromkeys(LABEL_TAGS, b""))
        if PATIENT_AGE not in inserted:  # unless the rules add one
            age = derive_age(
                parsed, context.level, self._rules.options, writer.element_writer.replacer.compute
            )
            if age is not None:
                text = age.text.encode("ascii")
                inserted[PATIENT_AGE] = encoding.element(PATIENT_AGE, "AS", text)
                actions.append(age.action)
                log.retained |= age.retained
        return Insertions(context, uids, missing, actions, log)

    def _compose_values(
        self,
        parsed: ParsedObject,
        context: DatasetContext,
        writer: ObjectWriter,
        inserted: dict[int, bytes],
    ) -> tuple[DatasetContext, list[Action], ChangeLog]:
        """Return the context with the values of the object, and insert the added elements.

        The log has the rows of the edits of sequences in which elements are added.
        """
        source = ReferenceReader(parsed)
        reader = NewValueReader(parsed, context, writer.dataset_writer, inserted)
        values = ObjectValues(source, reader.read, self._tables)
        reader.context = context = context._replace(object_values=values)
        added_values = AddedValues(values, source.read, self._pseudonyms)
        encodings = context.encoding, context.text_encodings
        created, actions = create_elements(
            self._flat_additions, added_values, reader.read_tag, *encodings
        )
        inserted.update(created)
        if self._private_additions:
            blocks = PrivateBlocks(parsed.elements, parsed.data, context.text_encodings)
            created, own_actions = create_private_elements(
                self._private_additions, added_values, blocks, reader.read_private,
                reader.encode_own, *encodings,
            )  # fmt: skip
            inserted.update(created)
            actions += own_actions
        adder, log = ItemAdder(added_values, *encodings), ChangeLog()
        for addition in added_values.choose(self._nested_additions):
            inner, tag = ChangeLog(), addition.steps[0]
            old = reader.encode_tag(tag, inner)
            new = adder.add(old, addition)
            if new != old:
                inserted[tag] = new
                log.extend(inner)
        return context, [*actions, *adder.actions], log
