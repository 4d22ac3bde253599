"""Two different S3 servers, each in its own process and folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

#: `make test` puts it there.
S3PROXY_JAR = Path(__file__).parents[2] / ".venv" / "s3proxy-jar-with-dependencies.jar"

_S3PROXY = """\
s3proxy.endpoint={endpoint}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity={identity}
s3proxy.credential={credential}
s3proxy.ignore-unknown-headers=true
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir={folder}
"""


def environment(endpoint: str, identity: str, credential: str) -> dict[str, str]:
    """Return the variables with which boto3 and the jobs find a server."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": identity,
        "AWS_SECRET_ACCESS_KEY": credential,
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@contextmanager
def moto(folder: Path) -> Iterator[dict[str, str]]:
    """Run moto: S3 and many other services, without checking credentials.

    A client can start a recording of all requests, which moto writes to ``requests`` in the folder.
    """
    endpoint = _free_endpoint()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1"]
    command += ["-p", endpoint.rpartition(":")[2]]
    recording = {"MOTO_RECORDER_FILEPATH": str(folder / "requests")}
    with _running(command, folder, f"{endpoint}/moto-api/data.json", recording):
        yield environment(endpoint, "test", "test")


@contextmanager
def s3proxy(folder: Path) -> Iterator[dict[str, str]]:
    """Run s3proxy: S3 alone, with every signature checked."""
    endpoint = _free_endpoint()
    led = environment(endpoint, "an-identity", "a-credential-of-some-length")
    objects, settings = folder / "objects", folder / "s3proxy.conf"
    objects.mkdir()
    settings.write_text(
        _S3PROXY.format(
            endpoint=endpoint,
            identity=led["AWS_ACCESS_KEY_ID"],
            credential=led["AWS_SECRET_ACCESS_KEY"],
            folder=objects,
        )
    )
    command = ["java", "-Xmx256m", "-jar", str(S3PROXY_JAR), "--properties", str(settings)]
    with _running(command, folder, endpoint):
        yield led


def _free_endpoint() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def _running(
    command: list[str], folder: Path, health: str, variables: Mapping[str, str] | None = None
) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, **(variables or {})}
        )
        try:
            for _ in range(240):
                if _answers(health):
                    break
                assert server.poll() is None, "the S3 server ended"
                time.sleep(0.25)
            yield
        finally:
            server.terminate()
            server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:  # a refusal is an answer
        return True
    except OSError:
        return False
