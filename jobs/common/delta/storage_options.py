"""Give delta-rs the endpoint and the credentials that boto3 finds."""

from __future__ import annotations

import os
from typing import Any

import boto3

from jobs.common.storage.location import Location


def make_storage_options(location: Location) -> dict[str, str]:
    """Return endpoint, region and credentials as boto3 finds them now, since they expire."""
    if not location.on_s3:
        return {}
    session: Any = boto3.DEFAULT_SESSION or boto3.Session()
    options = {"AWS_CONDITIONAL_PUT": "etag", "AWS_REGION": session.region_name or "us-east-1"}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        options["AWS_ENDPOINT_URL"] = endpoint
        options["AWS_ALLOW_HTTP"] = str(endpoint.startswith("http://")).lower()
    if credentials := session.get_credentials():
        key = credentials.get_frozen_credentials()
        options["AWS_ACCESS_KEY_ID"] = key.access_key
        options["AWS_SECRET_ACCESS_KEY"] = key.secret_key
        if key.token:
            options["AWS_SESSION_TOKEN"] = key.token
    return options
