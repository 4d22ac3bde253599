"""Map the arguments of ``safelight submit`` to the request and the launcher of a service."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jobs.aws.submit import emr_ec2, emr_eks, emr_serverless, sagemaker
from jobs.aws.submit.launchers.base import Launcher
from jobs.aws.submit.launchers.emr_ec2 import EmrEc2Launcher
from jobs.aws.submit.launchers.emr_eks import EmrEksLauncher
from jobs.aws.submit.launchers.emr_serverless import EmrServerlessLauncher
from jobs.aws.submit.launchers.sagemaker import SageMakerLauncher
from jobs.aws.submit.release import Release


@dataclass(frozen=True)
class Prepared:
    """Request and files with which a run starts.

    Attributes
    ----------
    parameters : mapping
        Request of the service.
    files : mapping of str
        Texts that the run reads from S3, by their URIs.
    """

    parameters: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """A service that runs Safelight.

    Attributes
    ----------
    prepare : callable
        Function from the arguments, the release and the command of the run to what starts it. It
        raises ``ValueError`` if an argument is wrong.
    connect : callable
        Function from the region to the launcher.
    has_release : bool
        Whether the release may be on S3; otherwise the image has it.
    """

    prepare: Callable[[argparse.Namespace, Release, tuple[str, ...]], Prepared]
    connect: Callable[[str | None], Launcher]
    has_release: bool = True


def _emr_serverless(
    given: argparse.Namespace, release: Release, command: tuple[str, ...]
) -> Prepared:
    run = emr_serverless.EmrServerlessRun(
        application_id=given.application,
        role_arn=given.role,
        release=release,
        arguments=command,
        log_uri=given.logs,
        log_key_arn=given.log_key,
        disk_key_arn=given.disk_key,
        nodes=given.nodes,
        settings=dict(given.spark_setting),
        name=given.name,
        client_token=given.client_token,
        timeout_minutes=given.timeout_minutes,
        max_attempts=given.attempts,
        flex=given.flex,
        tags=dict(given.tag),
    )
    return Prepared(emr_serverless.build_request(run))


def _emr_ec2(given: argparse.Namespace, release: Release, command: tuple[str, ...]) -> Prepared:
    run = emr_ec2.EmrEc2Run(
        cluster_id=given.cluster,
        release=release,
        arguments=command,
        role_arn=given.role,
        nodes=given.nodes,
        settings=dict(given.spark_setting),
        name=given.name,
    )
    return Prepared(emr_ec2.build_request(run))


def _emr_eks(given: argparse.Namespace, release: Release, command: tuple[str, ...]) -> Prepared:
    del release  # the image has it
    run = emr_eks.EmrEksRun(
        virtual_cluster_id=given.virtual_cluster,
        role_arn=given.role,
        image=given.image,
        arguments=command,
        log_uri=given.logs,
        log_key_arn=given.log_key,
        release_label=given.release_label,
        nodes=given.nodes,
        settings=dict(given.spark_setting),
        name=given.name,
        client_token=given.client_token,
        max_attempts=given.attempts,
        tags=dict(given.tag),
    )
    return Prepared(emr_eks.build_request(run))


def _sagemaker(given: argparse.Namespace, release: Release, command: tuple[str, ...]) -> Prepared:
    del release  # the image has it
    run = sagemaker.SageMakerRun(
        role_arn=given.role,
        image=given.image,
        arguments=command,
        staging=given.staging,
        nodes=given.nodes,
        instance_type=given.instance_type,
        volume_gb=given.volume_gb,
        volume_key=given.volume_key,
        subnets=tuple(given.subnet),
        security_groups=tuple(given.security_group),
        settings=dict(given.spark_setting),
        name=given.name,
        timeout_seconds=60 * given.timeout_minutes,
        tags=dict(given.tag),
    )
    files = {sagemaker.configuration_uri(run): sagemaker.build_configuration(run)}
    return Prepared(sagemaker.build_request(run), files)


#: Services by their names on the command line.
SERVICES = {
    "emr-serverless": Service(_emr_serverless, EmrServerlessLauncher),
    "emr-ec2": Service(_emr_ec2, EmrEc2Launcher),
    "emr-eks": Service(_emr_eks, EmrEksLauncher, has_release=False),
    "sagemaker": Service(_sagemaker, SageMakerLauncher, has_release=False),
}
