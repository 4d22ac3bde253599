"""Secrets and KMS keys on a server of AWS."""

from tests.jobs.common.secrets.conftest import kms_key, secrets_manager

__all__ = ["kms_key", "secrets_manager"]
