"""Asks one submission's file every question of a plan, and records what came back. Compares nothing but
modules' layouts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from grader.models.outcome import Outcome
from grader.models.result import Status, Usage
from grader.models.rubric import CallCheck, ModuleCheck, ValueCheck
from grader.models.submission import Submission
from grader.plan import CasePlan, CheckPlan, QuestionPlan
from grader.probing import patience
from grader.probing.conversation import Broken, Conversation, ForbidRule, Sources, guards_of
from grader.probing.desk import Desk
from grader.probing.module_probe import ModuleObserver
from grader.probing.wire import FrameWriter
from grader.sandbox import ForkServer

WHOLE_EXAM_FILE = "exam.py"
MAX_JOB_S = 3600.0
CONSTANT = CasePlan(name="value", is_public=False, arguments=(), seed=0)


@dataclass(frozen=True)
class Observed:
    """What a job brought to light: outcomes by check id, notes and flags about modules, prints, and what it used."""

    outcomes: Mapping[str, tuple[Outcome, ...]]
    notes: tuple[str, ...] = ()
    flags: frozenset[tuple[str, str]] = frozenset()
    printed: str = ""
    usage: Usage = field(default_factory=Usage)
    is_disturbed: bool = False
    is_cut_short: bool = False
    """Whether more time than earlier questions had left it might have changed the outcome."""


def observe_submission(
    server: ForkServer,
    plans: Sequence[QuestionPlan],
    submission: Submission,
    *,
    hung_before: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Observed]:
    """Run the scripted checks of several questions against one submission; return what came of it by question id.

    `hung_before`: by question, how many earlier ones are known to have run into a limit of time and are not among
    `plans`. After the second such question the rest are given less time.
    """
    found: dict[str, Observed] = {}
    hung = 0
    with Desk(server, job_s=min(sum(plan.limits.job_s for plan in plans), MAX_JOB_S)) as desk:
        for plan in plans:
            is_hurried = hung + hung_before.get(plan.question, 0) >= patience.MAX_HANGING_QUESTIONS
            observed = _observe_alone_if_need_be(
                desk, patience.hurried(plan) if is_hurried else plan, submission
            )
            if patience.has_hung(observed.outcomes):
                hung += 1
                if is_hurried:
                    outcomes = patience.explained(observed.outcomes)
                    observed = replace(observed, outcomes=outcomes, is_cut_short=True)
            found[plan.question] = observed
    return found


def _observe_alone_if_need_be(desk: Desk, plan: QuestionPlan, submission: Submission) -> Observed:
    observed = observe(desk, plan, submission)
    if observed.is_disturbed:  # an earlier question may be to blame: what counts is this one alone
        desk.clear()
        observed = observe(desk, plan, submission)
    return observed


def observe(desk: Desk, plan: QuestionPlan, submission: Submission) -> Observed:
    """Run every scripted check of `plan` against `submission`; whatever its code does becomes an outcome."""
    file = submission.file(plan.file) or submission.file(WHOLE_EXAM_FILE)
    if file is None:
        reason = f"{plan.file} was not handed in"
        missing = {check.id: (failed(CONSTANT, Status.MISSING, reason),) for check in plan.scripted}
        return Observed(missing)
    sources = Sources(
        file=file.name,
        files={source.name: source.content for source in submission.files},
        given=plan.given,
        forbid=forbid_rules(plan.scripted),
    )
    with Conversation(desk, sources, plan.limits) as conversation:
        observer = _Observer(plan, conversation)
        outcomes = observer.run()
    return Observed(
        outcomes,
        observer.notes,
        observer.flags,
        conversation.printed,
        conversation.usage,
        conversation.is_disturbed,
    )


class _Observer:
    """One job: keeps what was asked once, because checks share calls and modules."""

    def __init__(self, plan: QuestionPlan, conversation: Conversation) -> None:
        self._plan = plan
        self._conversation = conversation
        self._asked: dict[tuple[str, tuple[str, ...], int], Outcome] = {}
        self._modules: dict[str, ModuleObserver] = {}

    def run(self) -> dict[str, tuple[Outcome, ...]]:
        """Return outcomes by check id."""
        return {plan.id: self._check(plan) for plan in sorted(self._plan.scripted, key=_run_order)}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found out about modules, a sentence each."""
        return tuple(note for module in self._modules.values() for note in module.notes)

    @property
    def flags(self) -> frozenset[tuple[str, str]]:
        """(module, flag) for what scoring has to know about modules."""
        return frozenset((name, flag) for name, module in self._modules.items() for flag in module.flags)

    def _check(self, plan: CheckPlan) -> tuple[Outcome, ...]:
        self._conversation.use_guards(_guards(plan))
        try:
            self._conversation.load()
        except Broken as broken:
            return (failed(CONSTANT, broken.status, broken.message, broken.line),)
        if plan.id in self._conversation.findings:
            what, line = self._conversation.findings[plan.id]
            message = f"line {line} uses {what}, which this question forbids"
            return (failed(CONSTANT, Status.VIOLATION, message, line),)
        if isinstance(plan.check, ModuleCheck):
            return self._module(plan)
        if isinstance(plan.check, ValueCheck):
            return (self._ask(plan, CONSTANT),)
        return self._cases(plan)

    def _cases(self, plan: CheckPlan) -> tuple[Outcome, ...]:
        outcomes: list[Outcome] = []
        for case in plan.cases:
            outcome = self._ask(plan, case)
            outcomes.append(outcome)
            if outcome.status not in (None, Status.ERROR, Status.INVALID):
                break  # the same would come of every other case, at the same price
        return tuple(outcomes)

    def _ask(self, plan: CheckPlan, case: CasePlan) -> Outcome:
        check = plan.check
        assert isinstance(check, ValueCheck | CallCheck)
        name = check.value if isinstance(check, ValueCheck) else check.call
        guards = _guards(plan)
        key = (name, tuple(guards), case.seed)
        if key not in self._asked:
            writer = FrameWriter()
            if isinstance(check, ValueCheck):
                frame = writer.frame("value", name=name)
            else:
                arguments = [writer.tree(argument) for argument in case.arguments]
                frame = writer.frame(
                    "call",
                    name=name,
                    arguments=arguments,
                    seed=case.seed,
                    library=self._plan.arrays,
                    guards=guards,
                )
            self._asked[key] = answered(self._conversation, case, frame, name)
        return self._asked[key].model_copy(update={"case": case.name, "is_public": case.is_public})

    def _module(self, plan: CheckPlan) -> tuple[Outcome, ...]:
        assert isinstance(plan.check, ModuleCheck)
        name = plan.check.module
        if name not in self._modules:
            siblings = [
                other
                for other in self._plan.scripted
                if isinstance(other.check, ModuleCheck) and other.check.module == name
            ]
            self._modules[name] = ModuleObserver(name, siblings, self._conversation)
        return self._modules[name].outcomes(plan)


def answered(conversation: Conversation, case: CasePlan, frame: bytes, name: str) -> Outcome:
    """Ask for a value and return the outcome, whatever happens to the child."""
    try:
        value, wall_s = conversation.timed_value(frame)
    except Broken as broken:
        message = f"`{name}`: {broken.message}" if broken.status is Status.MISSING else broken.message
        return failed(case, broken.status, message, broken.line)
    return Outcome(case=case.name, is_public=case.is_public, value=value, wall_s=wall_s)


def failed(case: CasePlan, status: Status, message: str, line: int | None = None) -> Outcome:
    """Return the outcome of a case that brought no value."""
    return Outcome(case=case.name, is_public=case.is_public, status=status, message=message, line=line)


def forbid_rules(plans: Iterable[CheckPlan]) -> tuple[ForbidRule, ...]:
    """Return what the static pass has to look for."""
    return tuple(
        ForbidRule(plan.id, _target(plan), plan.check.forbid)
        for plan in plans
        if isinstance(plan.check, ValueCheck | CallCheck | ModuleCheck) and plan.check.forbid
    )


def _target(plan: CheckPlan) -> str:
    check = plan.check
    if isinstance(check, ValueCheck):
        return check.value
    return check.call if isinstance(check, CallCheck) else check.module  # type: ignore[union-attr]  # prose runs nothing


def _run_order(plan: CheckPlan) -> tuple[bool, bool]:
    """Modules change the default dtype, so they come last; what needs the same guards shares a child."""
    return isinstance(plan.check, ModuleCheck), bool(_guards(plan))


def _guards(plan: CheckPlan) -> list[str]:
    check = plan.check
    return guards_of(check.forbid) if isinstance(check, ValueCheck | CallCheck) else []
