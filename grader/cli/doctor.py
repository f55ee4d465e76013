"""`grader doctor`: see whether every wall of the sandbox holds on this machine, and what grading will cost."""

from __future__ import annotations

import json
import os

from rich.console import Console

from grader.doctor import report
from grader.doctor.examination import examine
from grader.errors import SandboxError


def show(*, jobs: int | None, as_json: bool) -> int:
    """Examine the machine and print what was found; return 0 if every wall holds, 2 if not."""
    workers = jobs or len(os.sched_getaffinity(0))
    console = Console(stderr=True, quiet=as_json)
    with console.status("examining this machine") as status:
        found = examine(workers=workers, tell=lambda step: status.update(f"{step} …"))
    if as_json:
        print(json.dumps(report.as_data(found), ensure_ascii=True))
    else:
        for line in report.lines(found):
            print(line)
    return 0 if found.passed else SandboxError.exit_code
