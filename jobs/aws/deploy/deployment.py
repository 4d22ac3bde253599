"""Deploy Safelight: artifacts bucket, files, root stack, and a stack per partner and recipient."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from jobs.aws.deploy.change_sets import (
    PERMISSIVE_POLICY,
    PROTECTING_POLICY,
    StackDeployment,
    StackSource,
    summarize,
)
from jobs.aws.deploy.parameters import (
    INHERITED_PARAMETERS,
    NAME_PARAMETERS,
    Parameters,
    read_parameters,
)
from jobs.aws.deploy.rendering import Rendering, render
from jobs.aws.deploy.templates import ROOT_TEMPLATE, SECTION_TEMPLATES, read_template
from jobs.aws.submit.release import Release, image_release
from jobs.aws.submit.staging import StagingPlan, plan_staging, stage
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_event
from jobs.common.storage import s3_client

#: Place of the distribution in a dry run, which knows no account.
_DRY_RUN_STAGING = "s3://{name}-ACCOUNT-REGION-artifacts/distribution/"


def deploy(given: argparse.Namespace) -> int:
    """Deploy, or render what would be deployed.

    Parameters
    ----------
    given : argparse.Namespace
        Arguments of ``safelight deploy``.

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    UsageError
        If an argument or a parameter is wrong.
    JobError
        If the deployment fails.
    """
    parameters = read_parameters(given.parameters, given.name)
    if given.output and not given.dry_run:
        raise UsageError("--output is a folder for --dry-run; give both or none")
    if given.dry_run:
        return _dry_run(given, parameters)
    if not given.distribution and not parameters.root.get("ImageUri"):
        raise UsageError(
            "the runs need Safelight: give --distribution the folder that `make dist` makes, or "
            "ImageUri in --parameters"
        )
    return _Deployment(given, parameters).run()


def _dry_run(given: argparse.Namespace, parameters: Parameters) -> int:
    """Render without an account, and write the files to a folder or list them on stdout."""
    plan = None
    if given.distribution:
        plan = plan_staging(given.distribution, _DRY_RUN_STAGING.format(name=given.name))
    rendering = render(_find_release(plan), read_nodes(parameters))
    values = collect_values(parameters, rendering, plan)
    if given.output:
        write_files(Path(given.output), rendering, values)
        log_event("rendered", f"{given.output} has what a deployment uploads")
    summary = {
        "name": given.name,
        "parameters": values,
        **{section: sorted(entries) for section, entries in parameters.sections.items()},
        "files": {key: len(content) for key, content in sorted(rendering.files.items())},
        "distribution_files": len(plan.files) if plan else 0,
    }
    print(json.dumps(summary))
    return ExitCode.DONE


def write_files(folder: Path, rendering: Rendering, values: Mapping[str, str]) -> None:
    """Write what a deployment uploads, and its parameters, to a folder.

    Parameters
    ----------
    folder : Path
        Folder; it is created if it is missing.
    rendering : Rendering
        Files.
    values : mapping of str
        Parameters of the root stack.

    Raises
    ------
    UsageError
        If the folder cannot be written.
    """
    parameters = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in sorted(values.items())
    ]
    files = {
        **rendering.files,
        "artifacts.yaml": rendering.artifacts_template.encode(),
        "parameters.json": (json.dumps(parameters, indent=2) + "\n").encode(),
    }
    try:
        for key, content in files.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"--output cannot be written: {error.strerror}") from None


def read_nodes(parameters: Parameters) -> int:
    """Return the number of nodes of a run.

    Parameters
    ----------
    parameters : Parameters
        Parameters of the deployment.
    """
    default = read_template(ROOT_TEMPLATE)["Parameters"]["Nodes"]["Default"]
    return int(float(parameters.root.get("Nodes", default)))


def collect_values(
    parameters: Parameters, rendering: Rendering, plan: StagingPlan | None
) -> dict[str, str]:
    """Return all parameters of the root stack that differ from their defaults.

    Parameters
    ----------
    parameters : Parameters
        Parameters of the user.
    rendering : Rendering
        Files of the deployment.
    plan : StagingPlan or None
        Distribution on S3; ``None`` if it is in the image.
    """
    filled = {**rendering.parameters}
    if plan is not None:
        filled["ReleaseUri"] = plan.location.uri
    return {**parameters.root, **filled}


def _find_release(plan: StagingPlan | None) -> Release:
    return plan.release if plan else image_release()


class _Deployment:
    """Deployment to an account.

    Parameters
    ----------
    given : argparse.Namespace
        Arguments of ``safelight deploy``.
    parameters : Parameters
        Checked parameters.
    """

    def __init__(self, given: argparse.Namespace, parameters: Parameters):
        self._given = given
        self._name: str = given.name
        self._parameters = parameters
        self._changed = False

    def run(self) -> int:
        """Deploy all stacks, and print the outputs of the root stack as the last line."""
        region = get_client("cloudformation").meta.region_name
        identity = request("the account cannot be found", get_client("sts").get_caller_identity)
        log_event("deployment", f"deploying {self._name} to {identity['Account']} in {region}")
        bucket = f"{self._name}-{identity['Account']}-{region}-artifacts"
        plan = None
        if self._given.distribution:
            plan = plan_staging(self._given.distribution, f"s3://{bucket}/distribution/")
        rendering = render(_find_release(plan), read_nodes(self._parameters))

        source = StackSource(body=rendering.artifacts_template)
        self._change(f"{self._name}-artifacts", source, {"Name": self._name})
        self._upload(bucket, str(identity["Account"]), rendering, plan)
        values = collect_values(self._parameters, rendering, plan)
        root = self._change(self._name, self._source(bucket, rendering.root_key), values)
        outputs = root.read_outputs() if root.find_status() else {}
        if outputs:
            self._change_sections(bucket, rendering, outputs)
        if not self._parameters.root.get("ImageUri"):
            log_event(
                "image_missing",
                "without an image, EMR Serverless has no Python 3.10 or later: build it as "
                "docs/aws.md says, and deploy again with ImageUri",
            )
        print(json.dumps({"name": self._name, "changed": self._changed, "outputs": outputs}))
        return ExitCode.DONE

    def _change(self, name: str, source: StackSource, values: Mapping[str, str]) -> StackDeployment:
        """Deploy one stack, unless it has no changes or only the plan was asked for."""
        stack = StackDeployment(name)
        stack.validate(source)
        found = stack.create_change_set(source, values)
        if found is None:
            log_event("stack_unchanged", f"stack {name}: no changes")
            return stack
        change_set, changes = found
        log_event("stack_changes", f"stack {name}: {summarize(changes)}", count=len(changes))
        losses = sorted(change.logical_id for change in changes if change.loses_data)
        if losses and not self._given.allow_replacement:
            stack.discard(change_set)
            raise JobError(
                f"the deployment would replace or remove resources that hold data: "
                f"{', '.join(losses)}; undo the change of their parameters, or give "
                "--allow-replacement after a backup"
            )
        # The files of the root stack need the bucket, which holds nothing else.
        if self._given.no_execute and not name.endswith("-artifacts"):
            log_event("change_set", f"stack {name}: the change set {change_set} was not executed")
            return stack
        if self._given.allow_replacement:
            stack.set_policies(PERMISSIVE_POLICY)
        stack.execute(change_set)
        stack.set_policies(PROTECTING_POLICY)
        self._changed = True
        return stack

    def _upload(
        self, bucket: str, account: str, rendering: Rendering, plan: StagingPlan | None
    ) -> None:
        """Upload the files of the deployment and the distribution to a bucket of the account."""
        client = s3_client.get_client()
        for key, content in rendering.files.items():
            request(
                "a file of the deployment cannot be uploaded",
                client.put_object,
                Bucket=bucket,
                ExpectedBucketOwner=account,
                Key=key,
                Body=content,
            )
        copied = stage(plan) if plan else 0
        count = len(rendering.files) + copied
        log_event("files_uploaded", f"{count} files were uploaded", count=count)

    def _source(self, bucket: str, key: str) -> StackSource:
        """Return the template of a key."""
        region = get_client("cloudformation").meta.region_name
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        return StackSource(url=f"https://{bucket}.s3.{region}.{suffix}/{key}")

    def _change_sections(
        self, bucket: str, rendering: Rendering, outputs: Mapping[str, str]
    ) -> None:
        """Deploy one stack per partner and recipient, with outputs of the root stack."""
        raw = outputs.get("RawUri", "").removeprefix("s3://").partition("/")
        inherited = {**outputs, "Name": self._name, "RawBucketName": raw[0], "RawPrefix": raw[2]}
        for section, entries in self._parameters.sections.items():
            name_parameter = NAME_PARAMETERS[section]
            declared = read_template(SECTION_TEMPLATES[section])["Parameters"].keys()
            source = self._source(bucket, rendering.section_keys[section])
            for entry, own in sorted(entries.items()):
                values = {name: inherited.get(name, "") for name in INHERITED_PARAMETERS & declared}
                stack = f"{self._name}-{name_parameter.lower()}-{entry}"
                self._change(stack, source, {**values, name_parameter: entry, **own})
