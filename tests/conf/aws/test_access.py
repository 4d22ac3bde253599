"""Check who may do what, over all templates: roles, boundary, and policies of resources."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from jobs.aws.deploy.templates import read_template
from jobs.common.mapping_store import table_design
from safelight.pseudonyms import Pseudonyms
from tests.conf.aws.mutations import change_statement
from tests.conf.aws.policies import Account, add_intruder, make_account
from tests.conf.aws.stacks import (
    CLEAN_STORE_ARN,
    RAW_STORE_ARN,
    RELEASE_SECRET_ARN,
    SECRET_ARN,
    UID_ROOT,
    key_arn,
    object_arn,
    role_arn,
    table_arn,
)

_MAPPING = table_arn("mapping")
_RESTRICTED = object_arn("restricted", "restricted")
_DEAD_LETTERS = "arn:aws:sqs:us-east-1:111122223333:safelight-uploads-dead"
_APPLICATION = "arn:aws:emr-serverless:us-east-1:111122223333:/applications/00f1"
_S3 = "s3.us-east-1.amazonaws.com"


@lru_cache(maxsize=1)
def _account() -> Account:
    account = make_account()
    add_intruder(account)
    return account


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:GetObjectVersion"])
def test_only_the_job_reads_originals(action: str) -> None:
    assert _account().who(action, object_arn("raw", "x")) == {"job"}


def test_the_job_reads_originals_through_the_endpoint_of_the_vpc_only() -> None:
    assert not _account().allows(
        "job", "s3:GetObject", object_arn("raw", "x"), aws__SourceVpce="vpce-other"
    )
    assert not _account().allows(
        "job", "s3:GetObject", object_arn("raw", "x"), aws__SourceVpce=None
    )


def test_only_the_job_and_uploads_use_the_key_of_originals() -> None:
    users = _account().who("kms:Decrypt", key_arn("RawKey"), kms__ViaService=_S3)
    assert "job" in users
    assert {user.partition("-")[0] for user in users} <= {"job", "presign", "transfer", "partner"}
    assert _account().who("kms:Decrypt", key_arn("RawKey")) == set()


def test_healthimaging_uses_the_keys_of_data_stores_for_a_principal() -> None:
    """HealthImaging has no value of kms:ViaService ("AWS KMS condition keys")."""
    through = {"aws__ViaAWSService": "true"}
    assert _account().who("kms:CreateGrant", key_arn("RawKey"), **through) == {"intruder"}
    assert "job" in _account().who("kms:Decrypt", key_arn("RawKey"), **through)
    viewers = {"importer", "researcher", "recipient-university"}
    assert viewers <= _account().who("kms:Decrypt", key_arn("CleanKey"), **through)
    by_s3 = {**through, "kms__ViaService": _S3}
    assert "intruder" not in _account().who("kms:Decrypt", key_arn("RawKey"), **by_s3)


def test_the_job_changes_no_original() -> None:
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"):
        assert not _account().allows("job", action, object_arn("raw", "x"))


def test_only_the_job_reads_original_images() -> None:
    readers = _account().who("medical-imaging:GetDICOMInstance", RAW_STORE_ARN)
    assert readers - {"intruder"} == {"job"}


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:DeleteObjectVersion"])
def test_nobody_deletes_what_the_access_log_holds(action: str) -> None:
    log = object_arn("restricted", "restricted/access_log/_delta_log/1.json")
    assert _account().who(action, log) == set()
    assert _account().who("s3:PutObject", log) == {"reidentifier"}


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:PutObject"])
def test_no_role_of_safelight_changes_the_rules_of_reidentification(action: str) -> None:
    rules = object_arn("restricted", "restricted/access_rules.yaml")
    assert _account().who(action, rules) == set()
    assert _account().allows("reidentifier", "s3:GetObject", rules)


@pytest.mark.parametrize("action", ["GetItem", "Query", "Scan", "PartiQLSelect"])
def test_only_the_reidentifier_reads_the_mapping(action: str) -> None:
    assert _account().who(f"dynamodb:{action}", _MAPPING) <= {"reidentifier"}


@pytest.mark.parametrize(
    "action", ["ExportTableToPointInTime", "RestoreTableToPointInTime", "CreateBackup"]
)
def test_no_role_copies_the_mapping(action: str) -> None:
    assert _account().who(f"dynamodb:{action}", _MAPPING) == set()
    assert "intruder" in _account().who(f"dynamodb:{action}", table_arn("lease"))


@pytest.mark.parametrize("action", table_design.READER_ACTIONS)
def test_the_reidentifier_has_all_actions_of_a_reader(action: str) -> None:
    assert _account().allows("reidentifier", action, _MAPPING)


@pytest.mark.parametrize(
    ("index", "users"),
    [
        (table_design.PSEUDONYM_INDEX, {"reidentifier"}),
        (table_design.PATIENT_INDEX, {"reidentifier", "withdrawer"}),
    ],
)
def test_an_index_of_the_mapping_is_queried_by_its_users_only(index: str, users: set[str]) -> None:
    assert _account().who("dynamodb:Query", f"{_MAPPING}/index/{index}") == users


@pytest.mark.parametrize("action", table_design.WITHDRAW_ACTIONS)
def test_the_withdrawer_has_all_actions_of_a_withdrawal(action: str) -> None:
    target = _MAPPING
    if action == "dynamodb:Query":
        target = f"{_MAPPING}/index/{table_design.PATIENT_INDEX}"
    assert _account().allows("withdrawer", action, target)


def test_only_the_withdrawer_deletes_pairs_of_the_mapping() -> None:
    assert _account().who("dynamodb:DeleteItem", _MAPPING) - {"intruder"} == {"withdrawer"}


@pytest.mark.parametrize("store", ["dynamodb", "delta"])
def test_the_withdrawer_opens_no_original_and_reads_no_source(store: str) -> None:
    account = make_account(MappingStore=store)
    for key in ("restricted/sources/a", "restricted/access_log/a", "restricted/access_rules.yaml"):
        assert not account.allows("withdrawer", "s3:GetObject", object_arn("restricted", key))
    purpose = {"kms__EncryptionContext:purpose": "mapping"}
    assert not account.allows("withdrawer", "kms:Decrypt", key_arn("RestrictedKey"), **purpose)
    assert not account.allows("withdrawer", "s3:GetObject", object_arn("raw", "x"))
    assert not account.allows("withdrawer", "dynamodb:BatchGetItem", _MAPPING)
    in_delta = object_arn("restricted", "restricted/mapping/a")
    assert account.allows("withdrawer", "s3:PutObject", in_delta) == (store == "delta")


def test_the_withdrawer_deletes_from_outputs_tables_and_releases() -> None:
    account = _account()
    allowed = [
        ("s3:DeleteObject", object_arn("clean", "images/s/s/o.dcm")),
        ("s3:DeleteObject", object_arn("clean", "releases/north/n1/s/s/o.dcm")),
        ("s3:PutObject", object_arn("clean", "notes/a.csv")),
        ("s3:PutObject", object_arn("clean", "releases/north/withdrawn.csv")),
        ("s3:PutObject", object_arn("clean", "releases/north/n1/catalog.parquet")),
        ("s3:PutObject", object_arn("clean", "releases/north/catalog/_delta_log/1.json")),
        ("s3:GetObject", object_arn("restricted", "restricted/release_objects/a")),
        ("s3:GetObject", object_arn("tables", "tables/releases/a")),
        ("secretsmanager:GetSecretValue", SECRET_ARN),
        ("medical-imaging:DeleteImageSet", f"{CLEAN_STORE_ARN}/imageset/1"),
        *(
            ("s3:PutObject", object_arn("tables", f"tables/{table}/a"))
            for table in ("withdrawals", "instances", "catalog", "audit", "notes", "note_files")
        ),
    ]
    assert [one for one in allowed if not account.allows("withdrawer", *one)] == []
    refused = [
        ("s3:GetObject", object_arn("clean", "images/s/s/o.dcm")),
        ("s3:PutObject", object_arn("clean", "images/s/s/o.dcm")),
        ("s3:PutObject", object_arn("clean", "releases/north/n1/s/s/o.dcm")),
        ("s3:PutObject", object_arn("clean", "releases/north/n1/statement.json")),
        ("s3:PutObject", object_arn("tables", "tables/releases/a")),
        ("s3:PutObject", object_arn("tables", "tables/verification/a")),
        ("secretsmanager:GetSecretValue", RELEASE_SECRET_ARN),
        ("medical-imaging:StartDICOMImportJob", CLEAN_STORE_ARN),
    ]
    assert [one for one in refused if account.allows("withdrawer", *one)] == []


@pytest.mark.parametrize("action", table_design.WRITER_ACTIONS)
def test_the_job_has_all_actions_of_a_writer(action: str) -> None:
    read: dict[str, Any] = {"dynamodb__Attributes": list(table_design.WRITER_READ_ATTRIBUTES)}
    context = read if action == "dynamodb:BatchGetItem" else {}
    assert _account().allows("job", action, _MAPPING, **context)


def test_the_job_cannot_read_originals_of_the_mapping() -> None:
    action = "dynamodb:BatchGetItem"
    for attributes in (["original", "pair", table_design.SEALED], [table_design.SEALED], None):
        assert not _account().allows("job", action, _MAPPING, dynamodb__Attributes=attributes)
    everything = {"dynamodb__Select": "ALL_ATTRIBUTES", "dynamodb__Attributes": ["original"]}
    assert not _account().allows("job", action, _MAPPING, **everything)


def test_the_job_gets_no_earlier_item_when_it_writes() -> None:
    returned = {"dynamodb__ReturnValues": "ALL_OLD"}
    assert not _account().allows("job", "dynamodb:PutItem", _MAPPING, **returned)


def test_only_the_reidentifier_decrypts_originals_of_the_mapping() -> None:
    purpose = {"kms__EncryptionContext:purpose": "mapping"}
    assert _account().who("kms:Decrypt", key_arn("RestrictedKey"), **purpose) == {"reidentifier"}
    sealers = _account().who("kms:GenerateDataKey", key_arn("RestrictedKey"), **purpose)
    assert sealers == {"job", "reidentifier"}


def test_only_users_and_the_rotation_read_the_secret() -> None:
    readers = {"job", "reidentifier", "withdrawer", "key-rotation"}
    assert _account().who("secretsmanager:GetSecretValue", SECRET_ARN) == readers


def test_only_the_exporter_reads_the_key_of_recipients() -> None:
    readers = _account().who("secretsmanager:GetSecretValue", RELEASE_SECRET_ARN)
    assert readers == {"exporter"}


def test_the_exporter_records_released_objects_and_reads_nothing_else_restricted() -> None:
    released = object_arn("restricted", "restricted/release_objects/a")
    for action in ("s3:GetObject", "s3:PutObject"):
        assert _account().allows("exporter", action, released)
    users = {"exporter", "reidentifier", "withdrawer"}
    assert _account().who("s3:GetObject", released) == users
    for folder in ("mapping", "sources", "access_log"):
        other = object_arn("restricted", f"restricted/{folder}/a")
        assert not _account().allows("exporter", "s3:GetObject", other)
    assert _account().allows(
        "exporter", "kms:Decrypt", key_arn("RestrictedKey"), kms__ViaService=_S3
    )
    assert not _account().allows("exporter", "kms:Decrypt", key_arn("RestrictedKey"))


def test_only_users_of_the_key_open_key_rings() -> None:
    readers = {"job", "reidentifier", "withdrawer"}
    purpose = {"kms__EncryptionContext:purpose": "key-ring"}
    assert _account().who("kms:Decrypt", key_arn("RestrictedKey"), **purpose) == readers
    assert _account().who("s3:GetObject", f"{_RESTRICTED}/key.json") == readers


def test_only_the_job_and_the_reidentifier_read_sources() -> None:
    readers = _account().who("s3:GetObject", object_arn("restricted", "restricted/sources/a"))
    assert readers == {"job", "reidentifier"}


@pytest.mark.parametrize(
    ("store", "readers"),
    [("dynamodb", {"reidentifier"}), ("delta", {"job", "reidentifier", "withdrawer"})],
)
def test_the_job_reads_a_mapping_in_delta_only_where_it_is_the_store(
    store: str, readers: set[str]
) -> None:
    account = make_account(MappingStore=store)
    assert account.who("s3:GetObject", object_arn("restricted", "restricted/mapping/a")) == readers


def test_no_role_changes_the_audit_trail() -> None:
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"):
        assert _account().who(action, object_arn("audit", "trail/x")) == set()


@pytest.mark.parametrize(("key", "writer"), [("images/x", "job"), ("releases/x", "exporter")])
def test_one_role_writes_each_folder_of_the_clean_bucket(key: str, writer: str) -> None:
    assert _account().who("s3:PutObject", object_arn("clean", key)) == {writer}


def test_manifests_are_read_by_those_who_use_them_only() -> None:
    readers = {"job", "trigger", "operator"}
    assert _account().who("s3:GetObject", object_arn("control", "trigger/x")) == readers


def test_a_request_without_tls_is_refused() -> None:
    for suffix in ("raw", "clean", "tables", "restricted", "control", "audit", "queries"):
        for context in ({"aws__SecureTransport": "false"}, {"s3__TlsVersion": "1.1"}):
            readers = _account().who("s3:GetObject", object_arn(suffix, "tables/x"), **context)
            assert readers == set()


_HEADER = "s3__x-amz-server-side-encryption"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({_HEADER: "aws:kms"}, True),
        ({f"{_HEADER}-aws-kms-key-id": key_arn("CleanKey")}, True),
        ({_HEADER: "AES256"}, False),
        ({f"{_HEADER}-aws-kms-key-id": key_arn("Another")}, False),
    ],
)
def test_an_object_is_encrypted_by_the_key_of_its_bucket(
    headers: dict[str, str], expected: bool
) -> None:
    target = object_arn("clean", "images/x")
    assert _account().allows("job", "s3:PutObject", target, **headers) is expected


def test_the_recipient_reads_the_release_and_the_studies_of_its_namespace_only() -> None:
    account, recipient = _account(), "recipient-university"
    key = bytes(range(32))
    own, other = (Pseudonyms(key, name, uid_root=UID_ROOT).uid("1") for name in ("study-a", "b"))
    study = "medical-imaging__StudyInstanceUID"
    for action in ("SearchDICOMSeries", "GetDICOMInstance", "GetDICOMInstanceFrames"):
        allowed = [
            account.allows(recipient, f"medical-imaging:{action}", CLEAN_STORE_ARN, **{study: uid})
            for uid in (own, other, Pseudonyms(key, "study-a").uid("1"), None)
        ]
        assert allowed == [True, False, False, False]
    # These have no such condition key and would reach all studies.
    for action in ("SearchDICOMStudies", "SearchImageSets", "GetImageFrame", "GetImageSetMetadata"):
        assert not account.allows(recipient, f"medical-imaging:{action}", CLEAN_STORE_ARN)
    assert account.allows(recipient, "s3:GetObject", object_arn("clean", "releases/first/a"))
    for key in ("releases/second/a", "images/a"):
        assert not account.allows(recipient, "s3:GetObject", object_arn("clean", key))


def test_researchers_read_de_identified_tables_and_no_other() -> None:
    account = _account()
    for table in ("catalog", "instances", "imports", "releases"):
        target = object_arn("tables", f"tables/{table}/x")
        assert account.allows("researcher", "s3:GetObject", target)
    for target in (
        object_arn("tables", "tables/reidentifications/x"),
        object_arn("tables", "tables/annotations/x"),
        object_arn("clean", "images/x"),
    ):
        assert not account.allows("researcher", "s3:GetObject", target)


def test_only_import_jobs_and_the_importer_start_and_stage_imports() -> None:
    action = "medical-imaging:StartDICOMImportJob"
    assert _account().who(action, CLEAN_STORE_ARN) - {"intruder"} == {"importer"}
    readers = _account().who("s3:GetObject", object_arn("control", "import/x"))
    assert readers - {"intruder"} == {"importer", "healthimaging-access"}


def test_no_role_starts_runs_but_the_trigger_the_night_and_the_operator() -> None:
    application = "arn:aws:emr-serverless:us-east-1:111122223333:/applications/00f1"
    starters = _account().who("emr-serverless:StartJobRun", application)
    assert starters - {"intruder"} == {"trigger", "nightly", "operator"}


@pytest.mark.parametrize(
    ("role", "service"),
    [
        ("job", "emr-serverless.amazonaws.com"),
        ("healthimaging-access", "medical-imaging.amazonaws.com"),
    ],
)
def test_a_role_is_passed_to_its_service_only(role: str, service: str) -> None:
    context = {"iam__PassedToService": service}
    other = {"iam__PassedToService": "ec2.amazonaws.com"}
    assert _account().who("iam:PassRole", role_arn(role), **context) - {"intruder"}
    assert _account().who("iam:PassRole", role_arn(role), **other) == {"intruder"}


@pytest.mark.parametrize("role", ["trigger", "presign", "import-events"])
def test_functions_can_decrypt_their_settings(role: str) -> None:
    through = {"kms__ViaService": "lambda.us-east-1.amazonaws.com"}
    assert _account().allows(role, "kms:Decrypt", key_arn("ControlKey"), **through)


#: Operations whose action has another name ("Amazon SQS API permissions").
_ACTIONS = {"DeleteMessageBatch": "DeleteMessage"}


def _list_operations(service: str, folder: str) -> set[str]:
    """Return the operations of a service that the modules of a folder call, as actions of IAM."""
    model = botocore.session.get_session().get_service_model(service)
    operations = {botocore.xform_name(name): name for name in model.operation_names}
    text = "".join(path.read_text() for path in Path(folder).rglob("*.py"))
    called = set(re.findall(r"\.(\w+)\b", text)) & operations.keys()
    return {f"{service}:{_ACTIONS.get(operations[name], operations[name])}" for name in called}


@pytest.mark.parametrize(
    ("service", "folder", "roles", "resource"),
    [
        ("medical-imaging", "jobs/aws/healthimaging", ["importer"], CLEAN_STORE_ARN),
        ("medical-imaging", "jobs/common/aws", ["job"], RAW_STORE_ARN),
        ("dynamodb", "jobs/common/mapping_store", ["job", "reidentifier", "withdrawer"], _MAPPING),
        ("dynamodb", "jobs/common/keys", ["reidentifier"], _MAPPING),
        ("sqs", "jobs/aws/trigger", ["operator"], _DEAD_LETTERS),
        ("emr-serverless", "jobs/aws/trigger", ["operator"], _APPLICATION),
        ("emr-serverless", "jobs/aws/submit/launchers", ["operator"], _APPLICATION),
    ],
)
def test_roles_may_do_what_the_code_calls(
    service: str, folder: str, roles: list[str], resource: str
) -> None:
    actions = _list_operations(service, folder)
    assert actions
    keys = {"dynamodb__Attributes": list(table_design.WRITER_READ_ATTRIBUTES)}
    missing = {
        action
        for action in actions
        if not any(
            _account().allows(role, action, target, **keys)
            for role in roles
            for target in (resource, f"{resource}/jobruns/00run")
        )
    }
    assert missing == set()


@pytest.mark.parametrize(
    ("sid", "action", "resource"),
    [
        ("OnlyJobReads", "s3:GetObject", object_arn("raw", "x")),
        ("OnlyReidentifierReads", "dynamodb:Scan", _MAPPING),
        ("OnlyReidentifierQueries", "dynamodb:Query", _MAPPING),
        ("OnlyUsersOfTheMappingRead", "s3:GetObject", f"{_RESTRICTED}/mapping/x"),
        ("OnlyUsersOfTheKeyRingRead", "s3:GetObject", f"{_RESTRICTED}/key.json"),
        ("OnlyUsersOfTheKeyRead", "secretsmanager:GetSecretValue", SECRET_ARN),
        ("OnlyJobAndReidentifierReadBatches", "dynamodb:BatchGetItem", _MAPPING),
        ("OnlyServicesWrite", "s3:PutObject", object_arn("audit", "x")),
        ("OnlyJobWritesImages", "s3:PutObject", object_arn("clean", "images/x")),
        ("OnlyExporterWritesReleases", "s3:PutObject", object_arn("clean", "releases/x")),
        ("OnlyUsersOfManifestsRead", "s3:GetObject", object_arn("control", "trigger/x")),
    ],
)
def test_an_intruder_gets_in_where_a_denial_is_missing(
    sid: str, action: str, resource: str
) -> None:
    def disarm(statement: dict[str, Any]) -> None:
        statement["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}

    changed = change_statement(read_template("storage.yaml"), sid, disarm)
    storage = read_template("storage.yaml")
    template = {**storage, "Resources": {**storage["Resources"], **changed["Resources"]}}
    account = make_account({"storage.yaml": template})
    add_intruder(account)
    assert "intruder" in account.who(action, resource)
    assert "intruder" not in _account().who(action, resource)
