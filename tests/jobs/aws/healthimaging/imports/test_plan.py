from __future__ import annotations

import pytest

from jobs.cli import main
from tests.jobs.aws.healthimaging.conftest import ROLE, ImportPlace


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--role", ROLE], "--staging must be on S3"),
        ([], "needs --role"),
        (["--role", "importer"], "--role must be the ARN"),
        (["--stow", "--role", ROLE], "omit them"),
        (["--stow", "--warning-policy", "OTHER=keep"], "give TYPE=gate or TYPE=note"),
        (["--stow", "--datastore", "x"], "32 lower-case letters and digits"),
        (["--stow", "--tables", "/nowhere"], "has no table `instances`"),
        (["--stow", "--recipient", "north", "--rules", "research"], "takes no --rules"),
    ],
)
def test_a_wrong_argument_ends_the_import_before_any_work(
    place: ImportPlace,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
    argv: list[str],
    sentence: str,
) -> None:
    place.put(1)
    staging = str(tmp_path_factory.mktemp("staging"))
    assert main(place.command("import", "--staging", staging, *argv)) == 2
    assert sentence in capsys.readouterr().err
    assert place.datastore.image_sets == {}


@pytest.mark.parametrize(
    "argv", [["--job-files", "5001"], ["--jobs", "0"], ["--poll-seconds", "x"]]
)
def test_a_number_out_of_range_is_refused(place: ImportPlace, argv: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        place.run_import(*argv)
    assert stop.value.code == 2


def test_a_missing_bucket_is_reported(
    place: ImportPlace, capsys: pytest.CaptureFixture[str]
) -> None:
    place.put(1)
    argv = ["--staging", "s3://no-such-bucket-1/x", "--role", ROLE]
    assert main(place.command("import", *argv)) == 1
    assert "--staging: the bucket no-such-bucket-1 cannot be used" in capsys.readouterr().err


def test_an_unknown_data_store_is_reported(
    place: ImportPlace, capsys: pytest.CaptureFixture[str]
) -> None:
    place.put(1)
    assert place.run_import("--datastore", "0" * 32) == 1
    assert "check its name or ARN, and the region" in capsys.readouterr().err


def test_an_unreachable_endpoint_is_reported(
    place: ImportPlace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.common.aws import clients

    place.put(1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_MEDICAL_IMAGING", "http://127.0.0.1:9")
    monkeypatch.setattr(clients, "MAX_ATTEMPTS", 1)
    clients.get_client.cache_clear()
    assert place.run_import() == 1
    assert "check the endpoint and the network" in capsys.readouterr().err


def test_a_missing_region_is_reported(
    place: ImportPlace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.common.aws.clients import get_client

    place.put(1)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    get_client.cache_clear()
    assert place.run_import() == 2
    assert "set AWS_REGION" in capsys.readouterr().err
