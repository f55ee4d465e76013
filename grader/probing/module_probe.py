"""Measures a student's `nn.Module`: finds the layout of its parameters by trying, then asks for outputs
and gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast

import numpy as np

from grader.guest.protocol import ProtocolError
from grader.judging.judges import describe, judge
from grader.models.outcome import Outcome
from grader.models.result import Status
from grader.models.rubric import ModuleCheck
from grader.models.value import Array, Value
from grader.plan import CasePlan, CheckPlan, ModuleHypothesis
from grader.probing.conversation import Broken, Conversation
from grader.probing.layouts import Assignment, Parameter, assignments
from grader.probing.replies import Built
from grader.probing.wire import FrameWriter

AS_REGISTERED_TRIALS = 4
REFERENCE_TRIALS = 96
CATCH_TRIALS = 16
UNREGISTERED = "unregistered"
SEED = 20_211_021


@dataclass(frozen=True)
class Fit:
    """A hypothesis that the module computes, and the layout under which it does."""

    hypothesis: ModuleHypothesis
    assignment: Assignment


class ModuleObserver:
    """One module of a submission: built once, fitted once, measured by several checks (`plans`)."""

    def __init__(self, name: str, plans: Sequence[CheckPlan], conversation: Conversation) -> None:
        self._name = name
        self._conversation = conversation
        self._forward = next((plan for plan in plans if _measure(plan) == "forward"), None)
        self._bits = 64
        self._built_in: tuple[int, int] | None = None
        self._parameters: tuple[Parameter, ...] = ()
        self._fit: Fit | Broken | None = None
        self._first_layout: Assignment | None = None
        self._is_fitted = False
        self._loaded: tuple[int, Assignment, str] | None = None
        self._tried: tuple[Fit, int, Value] | None = None
        self.notes: list[str] = []
        self.flags: set[str] = set()

    def outcomes(self, plan: CheckPlan) -> tuple[Outcome, ...]:
        """Return the outcomes of one check; whatever the module does is an outcome."""
        measure = {
            "parameter_count": self._parameter_count,
            "forward": self._outputs,
            "gradients": self._gradients,
            "shape": self._shapes,
            "modes": self._modes,
        }[_measure(plan)]
        outcomes: list[Outcome] = []
        cases = plan.cases or (CasePlan(name="module", is_public=False, arguments=(), seed=SEED),)
        for case in cases:
            try:
                value = measure(plan, case)
            except Broken as broken:
                outcomes.append(_failed(case, broken))
                break
            outcomes.append(Outcome(case=case.name, is_public=case.is_public, value=value))
        return tuple(outcomes)

    def _parameter_count(self, plan: CheckPlan, case: CasePlan) -> Value:
        return sum(math.prod(p.shape) for p in self._build() if p.is_registered)

    def _outputs(self, plan: CheckPlan, case: CasePlan) -> Value:
        fit = self._fitted()
        if fit is None:
            if self._first_layout is None:
                raise Broken(Status.FAILED, self._misfit(plan))
            fit = Fit(plan.hypotheses[0], self._first_layout)
        return self._run(fit, case)

    def _gradients(self, plan: CheckPlan, case: CasePlan) -> Value:
        fit = self._fitted()
        if fit is None or fit.hypothesis.name != plan.hypotheses[0].name:
            raise Broken(Status.FAILED, "gradients count only when the output is right, and it is not")
        if UNREGISTERED in self.flags:
            raise Broken(
                Status.FAILED, "PyTorch sees no such parameters, so an optimizer would never train them"
            )
        self._load(fit)
        assert case.cotangent is not None
        value = self._ask("forward", case, x=case.arguments[0], cotangent=case.cotangent)
        return self._gathered(fit, value)

    def _shapes(self, plan: CheckPlan, case: CasePlan) -> Value:
        output = self._output(case)
        if not isinstance(output, Array):
            raise Broken(Status.FAILED, f"forward returned {describe(output)}, not a tensor")
        return Array(np.array(output.data.shape, dtype=np.int64), "int64", "sequence")

    def _modes(self, plan: CheckPlan, case: CasePlan) -> Value:
        """True where training, evaluation, a second call and a reloaded state dict give one output."""
        self._build_for_output()
        found = self._ask("modes", case, x=self._example(case))
        if not isinstance(found, dict) or set(found) != {"train", "eval", "again", "reloaded"}:
            raise Broken(Status.INVALID, "the answer was not the one that was asked for")
        complaints = {
            "again": "two calls on the same input differ",
            "eval": "eval() and train() give different outputs",
            "reloaded": "a fresh module with this one's state_dict gives other outputs: "
            "some of what it computes with is not registered as a parameter or buffer",
        }
        for mode, complaint in complaints.items():
            if not judge(found[mode], found["train"], plan.check.judge).is_match:  # type: ignore[union-attr]  # a module check has a judge
                raise Broken(Status.FAILED, complaint)
        return True

    def _example(self, case: CasePlan) -> Value:
        if case.arguments:
            return case.arguments[0]
        assert self._forward is not None, "a check without cases borrows the smallest of the forward check's"
        inputs = [case.arguments[0] for case in self._forward.cases]
        return min(inputs, key=lambda x: x.data.size if isinstance(x, Array) else 0)

    def _output(self, case: CasePlan) -> Value:
        self._build_for_output()
        return self._ask("forward", case, x=case.arguments[0])

    def _build_for_output(self) -> None:
        """Build at the precision that the module runs at; what the fit found out about that is kept."""
        if self._forward is not None:
            self._fitted()
        self._build()

    def _fitted(self) -> Fit | None:
        """Return the layout under which the module is the reference, or else a known wrong answer; None if
        it is neither."""
        if not self._is_fitted:
            self._is_fitted = True
            try:
                self._fit = self._fit_at_either_precision()
            except Broken as broken:
                self._fit = broken
            self._tell()
        if isinstance(self._fit, Broken):
            raise self._fit
        return self._fit

    def _fit_at_either_precision(self) -> Fit | None:
        try:
            return self._search()
        except Broken as broken:
            if broken.status is not Status.ERROR:
                raise
            self._bits = 32  # a module that insists on float32 somewhere cannot take float64 inputs
            try:
                return self._search()
            except Broken:
                self._bits = 64
                raise broken from None

    def _search(self) -> Fit | None:
        plan = self._forward
        assert plan is not None, "a module's layout is found by its forward check"
        self._build()
        caught: Fit | None = None
        reference, *catches = plan.hypotheses
        for fit in self._candidates(plan.hypotheses):
            output = self._run(fit, plan.cases[0])
            if fit.hypothesis.specs == reference.specs:
                self._first_layout = self._first_layout or fit.assignment
                if self._matches(plan, output, reference):
                    return Fit(reference, fit.assignment)
            for catch in catches:
                if (
                    caught is None
                    and catch.specs == fit.hypothesis.specs
                    and self._matches(plan, output, catch)
                ):
                    caught = Fit(catch, fit.assignment)
        return caught

    def _matches(self, plan: CheckPlan, output: Value, hypothesis: ModuleHypothesis) -> bool:
        is_reference = hypothesis is plan.hypotheses[0]
        noise = plan.expected[0].noise if is_reference else None
        return judge(output, hypothesis.outputs[0], plan.check.judge, noise=noise).is_match  # type: ignore[union-attr]  # a module check has a judge

    def _candidates(self, hypotheses: Sequence[ModuleHypothesis]) -> Iterator[Fit]:
        """Yield layouts to try: the likeliest as registered, then, if that was not enough, along the flow of data."""
        by_specs = {hypothesis.specs: hypothesis for hypothesis in reversed(hypotheses)}
        ordered = [by_specs[specs] for specs in dict.fromkeys(h.specs for h in hypotheses)]
        for hypothesis in ordered:
            yield from self._layouts(hypothesis, self._parameters, AS_REGISTERED_TRIALS)
        traced = self._traced()
        for hypothesis in ordered:
            limit = REFERENCE_TRIALS if hypothesis is ordered[0] else CATCH_TRIALS
            yield from self._layouts(hypothesis, traced, limit)

    def _layouts(
        self, hypothesis: ModuleHypothesis, parameters: Sequence[Parameter], limit: int
    ) -> Iterator[Fit]:
        for assignment in islice(assignments(parameters, hypothesis.specs), limit):
            yield Fit(hypothesis, assignment)

    def _traced(self) -> tuple[Parameter, ...]:
        """Return the parameters with what lies upstream of each."""
        assert self._forward is not None
        case = self._forward.cases[0]
        claimed = self._ask("trace", case, x=case.arguments[0])
        upstream = _index_sets(claimed, len(self._parameters))
        return tuple(
            replace(p, upstream=indices) for p, indices in zip(self._parameters, upstream, strict=True)
        )

    def _run(self, fit: Fit, case: CasePlan) -> Value:
        """Return the output under a layout; of the last layout tried on the first case it is known already."""
        if self._tried is None or self._tried[:2] != (fit, case.seed):
            self._load(fit)
            self._tried = fit, case.seed, self._ask("forward", case, x=case.arguments[0])
        return self._tried[2]

    def _load(self, fit: Fit) -> None:
        self._build()
        state = (self._conversation.generation, fit.assignment, fit.hypothesis.name)
        if self._loaded == state:
            return
        writer = FrameWriter()
        arrays = fit.assignment.values(self._parameters, dict(fit.hypothesis.weights))
        values = writer.trees({name: Array(data, "float64", "tensor") for name, data in arrays.items()})
        try:
            frame = writer.frame("weights", weights=values, **self._precision())
        except ProtocolError:
            raise Broken(Status.INVALID, "the names of your parameters are too long together") from None
        self._conversation.value(frame)
        self._loaded = state

    def _build(self) -> tuple[Parameter, ...]:
        self._conversation.load()
        if self._built_in != (self._conversation.generation, self._bits):
            writer = FrameWriter()
            example = {} if self._forward is None else {"x": writer.tree(self._forward.cases[0].arguments[0])}
            frame = writer.frame("build", name=self._name, seed=SEED, **example, **self._precision())
            reply, _ = self._conversation.ask(frame)
            if not isinstance(reply, Built):
                broken = self._conversation.broken_by(reply)
                raise Broken(broken.status, f"`{self._name}`: {broken.message}", broken.line)
            self._parameters = tuple(
                Parameter(name, tuple(shape), is_registered)
                for name, shape, is_registered in reply.parameters
            )
            self._built_in = (self._conversation.generation, self._bits)
            self._loaded = None
            if not all(parameter.is_registered for parameter in self._parameters):
                self.flags.add(UNREGISTERED)
        return self._parameters

    def _ask(self, kind: str, case: CasePlan, **trees: Value) -> Value:
        self._build()
        writer = FrameWriter()
        fields = {name: writer.tree(value) for name, value in trees.items()}
        return self._conversation.value(writer.frame(kind, seed=case.seed, **fields, **self._precision()))

    def _precision(self) -> dict[str, int | str]:
        return {"library": "torch", "float_bits": self._bits}

    def _gathered(self, fit: Fit, value: Value) -> Value:
        """Return gradients in the reference's layout. Raises Broken if one is missing or of the wrong shape."""
        shapes = {parameter.name: parameter.shape for parameter in self._parameters}
        found = value.get("parameters") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(found, dict) or set(found) != set(shapes):
            raise Broken(Status.INVALID, "the answer was not the one that was asked for")
        without = [name for name, gradient in found.items() if gradient is None]
        if without:
            raise Broken(Status.FAILED, f"no gradient reaches {_listed(without)}")
        arrays = {name: gradient.data for name, gradient in found.items() if isinstance(gradient, Array)}
        if any(not _is_gradient(arrays.get(name), shape) for name, shape in shapes.items()):
            raise Broken(Status.INVALID, "the answer was not the one that was asked for")
        dtype = f"float{self._bits}"
        gathered = fit.assignment.gather(self._parameters, arrays, fit.hypothesis.specs)
        weights = {name: Array(data.astype(dtype), dtype, "tensor") for name, data in gathered.items()}
        return {"x": value.get("x"), **weights}

    def _misfit(self, plan: CheckPlan) -> str:
        needed = sum(spec.element_count for spec in plan.hypotheses[0].specs)
        have = sum(math.prod(parameter.shape) for parameter in self._parameters)
        if have == needed:
            return f"the {have} numbers in your parameters are enough, but their shapes cannot hold the layer's weights"
        return f"your parameters hold {have} numbers, and the layer that is asked for has {needed}"

    def _tell(self) -> None:
        if isinstance(self._fit, Fit):
            layout = self._fit.assignment.describe(self._parameters)
            self.notes.append(f"{self._name} is read as {self._fit.hypothesis.name}: {layout}")
        if self._bits == 32:
            self.notes.append(f"{self._name} runs in float32 only and is judged at that precision")


def _measure(plan: CheckPlan) -> str:
    assert isinstance(plan.check, ModuleCheck)
    return plan.check.measure


def _failed(case: CasePlan, broken: Broken) -> Outcome:
    return Outcome(
        case=case.name,
        is_public=case.is_public,
        status=broken.status,
        message=broken.message,
        line=broken.line,
    )


def _index_sets(claimed: Value, count: int) -> list[frozenset[int] | None]:
    """Check what the child says lies upstream of each parameter. Raises Broken if it is not that."""
    rows = claimed.data.tolist() if isinstance(claimed, Array) else claimed
    if not isinstance(rows, list) or len(rows) != count:
        raise Broken(Status.INVALID, "the answer was not the one that was asked for")
    found: list[frozenset[int] | None] = []
    for row in rows:
        indices = row.data.tolist() if isinstance(row, Array) else row
        if indices is None:
            found.append(None)
        elif isinstance(indices, list) and all(type(i) is int and 0 <= i < count for i in indices):
            found.append(frozenset(cast(list[int], indices)))
        else:
            raise Broken(Status.INVALID, "the answer was not the one that was asked for")
    return found


def _is_gradient(claimed: np.ndarray | None, shape: tuple[int, ...]) -> bool:
    return claimed is not None and claimed.shape == shape and claimed.dtype.kind == "f"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
