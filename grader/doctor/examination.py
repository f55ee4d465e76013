"""The whole of `grader doctor`: the machine, a real fork server, every canary and its control, the cost."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from grader.doctor import cost, facts, run
from grader.doctor.bait import Bait
from grader.doctor.cost import Cost
from grader.doctor.facts import MachineFacts
from grader.doctor.run import CanaryResult
from grader.errors import ForkServerError, SandboxError
from grader.models.base import Model
from grader.models.rubric import Limits
from grader.probing.conversation import Broken
from grader.sandbox import ForkServer
from grader.sandbox.launch import ServerInfo
from grader.sandbox.memory import MemoryFit, check_memory


class Examination(Model):
    """What the doctor found. Without a fork server there is `problem`, and nothing below it."""

    machine: MachineFacts
    problem: str | None = Field(None, description="Why the examination could not be finished.")
    server: ServerInfo | None = None
    canaries: tuple[CanaryResult, ...] = ()
    cost: Cost | None = None
    memory: MemoryFit | None = None

    @property
    def missed(self) -> tuple[CanaryResult, ...]:
        """Canaries that were not stopped as they have to be, or whose control shows nothing."""
        return tuple(result for result in self.canaries if not result.holds or result.proof == "no")

    @property
    def passed(self) -> bool:
        """Whether every wall was seen to hold."""
        return self.problem is None and bool(self.canaries) and not self.missed


def examine(
    *,
    workers: int,
    tell: Callable[[str], None] = lambda step: None,
    start: Callable[[], ForkServer] = ForkServer.start,
) -> Examination:
    """Examine this machine for runs with `workers` fork servers; `tell` hears what is being done."""
    found = Examination(machine=facts.gather())
    try:
        with Bait() as bait:
            tell("starting a fork server")
            with start() as server:
                found = found.model_copy(update={"server": server.info})
                tell("trying to break out")
                canaries = run.run_canaries(server, bait)
                found = found.model_copy(update={"canaries": canaries})
                tell("measuring children")
                return found.model_copy(
                    update={
                        "cost": cost.measure(server, workers=workers),
                        "memory": check_memory(
                            workers, base_mb=server.info.base_mb, limit_mb=Limits().memory_mb
                        ),
                    }
                )
    except (SandboxError, ForkServerError) as error:
        return found.model_copy(update={"problem": str(error)})
    except Broken as broken:
        return found.model_copy(update={"problem": f"a plain child did not answer: {broken.message}"})
    except OSError as error:
        return found.model_copy(update={"problem": f"no bait could be laid: {error}"})
