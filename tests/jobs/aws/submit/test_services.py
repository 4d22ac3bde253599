from __future__ import annotations

import argparse

from jobs import submit
from jobs.aws.submit.services import SERVICES


def test_every_service_of_the_command_line_can_be_used() -> None:
    parser = argparse.ArgumentParser()
    submit.add_arguments(parser)
    (services,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    assert list(services.choices) == list(SERVICES)
