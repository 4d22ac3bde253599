"""Deploy a stack by a change set, and refuse changes that lose data.

source: AWS CloudFormation User Guide, "Update CloudFormation stacks using change sets", "Stack
status codes"; API Reference, "CreateChangeSet" and "ResourceChange". None of it was tried in an
account.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError
from jobs.common.cli.log import log_event

#: Resources that hold data. Replacing or removing one loses it, or leaves it behind.
DATA_TYPES = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::HealthImaging::Datastore",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
    }
)

#: Capabilities of all stacks: they create roles with names.
_CAPABILITIES = ["CAPABILITY_NAMED_IAM"]

#: Policies of stacks ("Prevent updates to stack resources" in the user guide), which CloudFormation
#: enforces, for every user who updates the stack. One denies the updates that lose data.
_ALLOW_UPDATES = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
_KEEP_DATA = {
    "Effect": "Deny",
    "Action": ["Update:Replace", "Update:Delete"],
    "Principal": "*",
    "Resource": "*",
    "Condition": {"StringEquals": {"ResourceType": sorted(DATA_TYPES)}},
}
PROTECTING_POLICY = json.dumps({"Statement": [_ALLOW_UPDATES, _KEEP_DATA]})
PERMISSIVE_POLICY = json.dumps({"Statement": [_ALLOW_UPDATES]})

_NESTED_TYPE = "AWS::CloudFormation::Stack"
_POLL_SECONDS = 5.0

#: Parts of the reason with which CloudFormation reports a change set without changes.
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")

#: States from which a stack can only be deleted.
_DEAD_STATES = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


@dataclass(frozen=True)
class StackSource:
    """Template of a stack: its text, or its URL on S3."""

    body: str | None = None
    url: str | None = None

    def as_arguments(self) -> dict[str, Any]:
        """Return the arguments of ``create_change_set``."""
        return {"TemplateBody": self.body} if self.body else {"TemplateURL": str(self.url)}


@dataclass(frozen=True)
class ResourceChange:
    """Change of one resource.

    Attributes
    ----------
    logical_id, resource_type : str
        Resource in its template.
    action : str
        Add, Modify, Remove, Import or Dynamic.
    replacement : bool
        Whether a new resource may replace the old one.
    """

    logical_id: str
    resource_type: str
    action: str
    replacement: bool

    @property
    def loses_data(self) -> bool:
        """Return whether the change replaces or removes a resource that holds data."""
        return self.resource_type in DATA_TYPES and (self.replacement or self.action == "Remove")


class StackDeployment:
    """Deployment of one stack.

    Parameters
    ----------
    name : str
        Name of the stack.
    pause : callable
        Function that waits for a number of seconds.
    """

    def __init__(self, name: str, pause: Callable[[float], object] = time.sleep):
        self.name = name
        self._pause = pause
        self._client = get_client("cloudformation")

    def find_status(self) -> str | None:
        """Return the status of the stack; ``None`` if it does not exist.

        Raises
        ------
        JobError
            If the stack cannot be described.
        """
        try:
            (stack,) = self._client.describe_stacks(StackName=self.name)["Stacks"]
        except Exception as error:  # classes of botocore
            if "does not exist" in _message(error):
                return None
            raise JobError(
                describe_error(
                    f"the stack {self.name} cannot be described", error, "check the permissions"
                )
            ) from None
        return str(stack["StackStatus"])

    def read_outputs(self) -> dict[str, str]:
        """Return the outputs of the stack."""
        stacks = self._call("described", "describe_stacks", StackName=self.name)["Stacks"]
        return {entry["OutputKey"]: entry["OutputValue"] for entry in stacks[0].get("Outputs", ())}

    def validate(self, source: StackSource) -> None:
        """Let CloudFormation check a template.

        Parameters
        ----------
        source : StackSource
            Template.

        Raises
        ------
        JobError
            If it does not accept the template.
        """
        self._call("deployed", "validate_template", **source.as_arguments())

    def create_change_set(
        self, source: StackSource, parameters: Mapping[str, str]
    ) -> tuple[str, list[ResourceChange]] | None:
        """Create a change set and wait for it.

        Parameters
        ----------
        source : StackSource
            Template.
        parameters : mapping of str
            Parameters that differ from their defaults.

        Returns
        -------
        tuple of str and list of ResourceChange, or None
            ID of the change set, and its changes; ``None`` if there are none.

        Raises
        ------
        JobError
            If CloudFormation refuses it, or the stack cannot be changed now.
        """
        is_new = self._check_status()
        # A new stack has no outputs yet, from which CloudFormation could compute the parameters of
        # nested change sets.
        if is_new:
            return self._create_change_set(source, parameters, "CREATE", nested=False)
        try:
            return self._create_change_set(source, parameters, "UPDATE", nested=True)
        except JobError:
            # It cannot always compute them for an update either
            # (cloudformation-coverage-roadmap, issue 759).
            found = self._create_change_set(source, parameters, "UPDATE", nested=False)
            log_event(
                "nested_changes_unknown",
                f"stack {self.name}: the changes of nested stacks cannot be listed before the "
                "update; the policies of the stacks protect resources that hold data",
            )
            return found

    def _create_change_set(
        self, source: StackSource, parameters: Mapping[str, str], kind: str, nested: bool
    ) -> tuple[str, list[ResourceChange]] | None:
        """Create one change set, with or without those of nested stacks."""
        answer = self._call(
            "changed",
            "create_change_set",
            unless=_NO_CHANGES,
            StackName=self.name,
            ChangeSetName=f"safelight-{uuid4().hex[:12]}",
            ChangeSetType=kind,
            Capabilities=_CAPABILITIES,
            IncludeNestedStacks=nested,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Tags=[{"Key": "application", "Value": "safelight"}],
            **source.as_arguments(),
        )
        if answer is None:
            return None
        identifier = str(answer["Id"])
        if not self._wait_for_change_set(identifier):
            self._call("changed", "delete_change_set", ChangeSetName=identifier)
            return None
        return identifier, list(self._list_changes(identifier))

    def execute(self, change_set: str) -> None:
        """Execute a change set, and wait for its end with progress on stderr.

        Parameters
        ----------
        change_set : str
            ID of the change set.

        Raises
        ------
        JobError
            If the stack does not reach its new state; the message names the first resource that
            failed.
        """
        self._call("changed", "execute_change_set", ChangeSetName=change_set)
        done = -1
        while True:
            status = self.find_status() or "DELETED"
            if not status.endswith("_IN_PROGRESS"):
                break
            finished, total = self._count_resources()
            if finished != done:
                log_event(
                    "stack_progress",
                    f"stack {self.name}: {finished} of {total} resources",
                    count=finished,
                    total=total,
                )
                done = finished
            self._pause(_POLL_SECONDS)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise JobError(
                f"the stack {self.name} is in the state {status}; {self._describe_failure()}"
            )
        log_event("stack_done", f"stack {self.name}: {status}", status=status)

    def set_policies(self, policy: str) -> None:
        """Set the policy of the nested stacks.

        Parameters
        ----------
        policy : str
            :data:`PROTECTING_POLICY` or :data:`PERMISSIVE_POLICY`.
        """
        resources = self._call("described", "describe_stack_resources", StackName=self.name)
        for entry in resources["StackResources"]:
            if entry.get("ResourceType") == _NESTED_TYPE and entry.get("PhysicalResourceId"):
                self._call(
                    "protected",
                    "set_stack_policy",
                    StackName=entry["PhysicalResourceId"],
                    StackPolicyBody=policy,
                )

    def discard(self, change_set: str) -> None:
        """Delete a change set that is not executed."""
        self._call("changed", "delete_change_set", ChangeSetName=change_set)

    def _check_status(self) -> bool:
        """Return whether the stack is new.

        Raises
        ------
        JobError
            If the stack cannot be changed in its state.
        """
        status = self.find_status()
        if status in (None, "REVIEW_IN_PROGRESS"):
            return True
        if status in _DEAD_STATES:
            raise JobError(
                f"the stack {self.name} is in the state {status}; delete it in CloudFormation, "
                "then run the same command again"
            )
        if str(status).endswith("_IN_PROGRESS"):
            raise JobError(
                f"another deployment of the stack {self.name} is running ({status}); wait for its "
                "end, then run the same command again"
            )
        return False

    def _wait_for_change_set(self, identifier: str) -> bool:
        """Return whether the change set has changes.

        Raises
        ------
        JobError
            If CloudFormation cannot make it.
        """
        while True:
            found = self._call("changed", "describe_change_set", ChangeSetName=identifier)
            if found["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
                break
            self._pause(_POLL_SECONDS)
        if found["Status"] == "CREATE_COMPLETE":
            return True
        reason = str(found.get("StatusReason", ""))
        if any(part in reason for part in _NO_CHANGES):
            return False
        raise JobError(
            f"CloudFormation cannot change the stack {self.name}: {_first_line(reason)}; correct "
            "the parameters, or the permissions of the caller"
        )

    def _list_changes(self, change_set: str) -> Iterator[ResourceChange]:
        """Yield the changes of a change set and of those of its nested stacks."""
        token: dict[str, Any] = {}
        while True:
            page = self._call("changed", "describe_change_set", ChangeSetName=change_set, **token)
            for change in page.get("Changes", ()):
                found = change["ResourceChange"]
                if found["ResourceType"] == _NESTED_TYPE and found.get("ChangeSetId"):
                    yield from self._list_changes(found["ChangeSetId"])
                yield ResourceChange(
                    found["LogicalResourceId"],
                    found["ResourceType"],
                    found["Action"],
                    found.get("Replacement", "False") != "False",
                )
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def _count_resources(self) -> tuple[int, int]:
        """Return the numbers of finished resources and of all that have begun."""
        resources = self._call("described", "describe_stack_resources", StackName=self.name)[
            "StackResources"
        ]
        finished = sum(entry["ResourceStatus"].endswith("_COMPLETE") for entry in resources)
        return finished, len(resources)

    def _describe_failure(self) -> str:
        """Return the first failure of the stack or of its nested stacks, and what to do."""
        failure = next(self._list_failures(self.name), None)
        cause = f"{failure[0]} failed: {failure[1]}" if failure else "see its events"
        return f"{cause}; remove the cause, then run the same command again"

    def _list_failures(self, stack: str) -> Iterator[tuple[str, str]]:
        """Yield logical ID and reason of failed resources, the cause first."""
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack)
        events = [event for page in pages for event in page["StackEvents"]]
        for event in reversed(events):  # CloudFormation lists the newest first
            if not event["ResourceStatus"].endswith("_FAILED"):
                continue
            reason = str(event.get("ResourceStatusReason", ""))
            is_nested = event["ResourceType"] == _NESTED_TYPE
            if is_nested and event["PhysicalResourceId"] not in ("", event["StackId"]):
                yield from self._list_failures(event["PhysicalResourceId"])
            elif "cancelled" not in reason.lower():
                yield event["LogicalResourceId"], _first_line(reason)

    def _call(
        self, verb: str, operation: str, unless: tuple[str, ...] = (), **parameters: Any
    ) -> Any:
        """Call CloudFormation, whose messages name parameters and permissions, and no PHI.

        ``None`` is returned if the message of a refusal has a part of ``unless``.

        Raises
        ------
        JobError
            If the call fails.
        """
        try:
            return getattr(self._client, operation)(**parameters)
        except Exception as error:  # classes of botocore
            sentence = f"the stack {self.name} cannot be {verb}"
            if error_code(error) == "ValidationError":
                message = _first_line(_message(error))
                if any(part in message for part in unless):
                    return None
                raise JobError(f"{sentence}: {message}; correct the parameters") from None
            raise JobError(describe_error(sentence, error, "check the permissions")) from None


def summarize(changes: Sequence[ResourceChange]) -> str:
    """Return the numbers of changes by action, such as ``3 added, 1 modified``.

    Parameters
    ----------
    changes : sequence of ResourceChange
        Changes of a change set.
    """
    words = {"Add": "added", "Modify": "modified", "Remove": "removed"}
    counts: dict[str, int] = {}
    for change in changes:
        word = "replaced" if change.replacement else words.get(change.action, "changed")
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))


def _message(error: Exception) -> str:
    """Return the message of a ClientError."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Message", ""))


def _first_line(text: str) -> str:
    """Return the beginning of a message, without its last full stop."""
    return text.strip().partition("\n")[0][:300].rstrip(".")
