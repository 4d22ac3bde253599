"""Run Orthanc, a server of DICOMweb, in a process and a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


def require_orthanc() -> None:
    """Skip the test if Orthanc is missing; fail where continuous integration installs it."""
    if shutil.which("Orthanc") and PLUGIN.exists():
        return
    message = "Orthanc is missing: apt-get install orthanc orthanc-dicomweb"
    if os.environ.get("SAFELIGHT_CI"):
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def orthanc(folder: Path) -> Iterator[str]:
    """Run the server, and return the URL of its DICOMweb."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = folder / "orthanc.json"
    configuration.write_text(
        json.dumps(
            {
                "StorageDirectory": str(folder / "storage"),
                "IndexDirectory": str(folder / "storage"),
                "Plugins": [str(PLUGIN)],
                "HttpPort": port,
                "DicomServerEnabled": False,
                "RemoteAccessAllowed": False,
                "AuthenticationEnabled": False,
                "HttpThreadsCount": 4,
            }
        )
    )
    command = ["Orthanc", "--logfile=" + str(folder / "log"), str(configuration)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(240):
            if _answers(f"http://127.0.0.1:{port}/system"):
                break
            assert server.poll() is None, "Orthanc has ended"
            time.sleep(0.25)
        yield f"http://127.0.0.1:{port}/dicom-web"
    finally:
        server.terminate()
        server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False
