"""Makes plans whole: inputs drawn, expected values computed by the reference through the same probes in
the same sandbox.

The reference runs once a class, in a child of its own; a child that holds student code never sees what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from grader.errors import RubricError
from grader.models.outcome import CatchExpectation, ExpectedCase
from grader.models.result import Status
from grader.models.rubric import CallCheck, Catch, Check, Exam, Limits, ModuleCheck, Question, ValueCheck
from grader.models.value import Array, Value
from grader.models.weights import WeightSpec, parse_weights
from grader.plan import (
    HIDDEN,
    PUBLIC,
    CasePlan,
    CheckPlan,
    ModuleHypothesis,
    QuestionPlan,
    cases_of,
    skeleton,
)
from grader.probing.conversation import Broken, Conversation, Sources
from grader.probing.desk import Desk
from grader.probing.replies import Built
from grader.probing.wire import FrameWriter
from grader.rubric.cases import case_name, case_seed, evaluate
from grader.sandbox import ForkServer

Visibility = Literal["public", "hidden"]

_STACKED_AXES = frozenset({"branch", "out"})
_BIAS_SCALE = 0.5
_REFERENCE_LIMITS = Limits(call_s=120, job_s=1200, memory_mb=4096)


def prepare(server: ForkServer, exam: Exam, question: Question) -> QuestionPlan:
    """Return the plan of one question, with every input and every expected value. Raises RubricError if
    the reference fails."""
    source = exam.references.get(question.question)
    plan = skeleton(exam, question)
    if source is None:
        return plan
    name = f"{question.question}.py"
    sources = Sources(file=name, files={name: source}, given=exam.given)
    with (
        Desk(server, job_s=_REFERENCE_LIMITS.job_s) as desk,
        Conversation(desk, sources, _REFERENCE_LIMITS) as conversation,
    ):
        run = _ReferenceRun(exam, question, conversation)
        checks = tuple(run.complete(check_plan) for check_plan in plan.checks)
    return replace(plan, checks=checks)


class _ReferenceRun:
    """One question's reference, asked for everything that its checks need; the same question is asked once."""

    def __init__(self, exam: Exam, question: Question, conversation: Conversation) -> None:
        self._exam = exam
        self._question = question
        self._conversation = conversation
        self._cases: dict[str, tuple[CasePlan, ...]] = {}
        self._called: dict[tuple[str, int, int], Value] = {}

    def complete(self, plan: CheckPlan) -> CheckPlan:
        """Return the check's plan with cases, expected values and catches."""
        check = plan.check
        try:
            if isinstance(check, ValueCheck):
                return self._value(plan, check)
            if isinstance(check, CallCheck):
                return self._call(plan, check)
            if isinstance(check, ModuleCheck):
                return self._module(plan, check)
        except Broken as broken:
            file = f"reference/{self._exam.id}/{self._question.question}.py"
            raise RubricError(
                f"{file}: check {plan.id} cannot be prepared: {broken.message}\n"
                "  Run the reference by hand on these inputs and mend it."
            ) from None
        return plan

    def _value(self, plan: CheckPlan, check: ValueCheck) -> CheckPlan:
        expected = ExpectedCase(value=self._read(check.reference or check.value), noise=None)
        catches = tuple(
            _catch(catch, () if catch.like is None else (self._read(catch.like),)) for catch in check.catch
        )
        return replace(plan, expected=(expected,), catches=catches)

    def _read(self, name: str) -> Value:
        return self._conversation.value(FrameWriter().frame("value", name=name))

    def _call(self, plan: CheckPlan, check: CallCheck) -> CheckPlan:
        cases = self._cases_of(check)
        name = check.reference or check.call
        expected = tuple(
            ExpectedCase(value=self._result(name, case), noise=self._float32_result(name, case))
            for case in cases
        )
        catches = tuple(
            _catch(
                catch, () if catch.like is None else tuple(self._result(catch.like, case) for case in cases)
            )
            for catch in check.catch
        )
        return replace(plan, cases=cases, expected=expected, catches=catches)

    def _result(self, name: str, case: CasePlan, float_bits: int = 64) -> Value:
        key = (name, case.seed, float_bits)
        if key not in self._called:
            writer = FrameWriter()
            frame = writer.frame(
                "call",
                name=name,
                arguments=[writer.tree(argument) for argument in case.arguments],
                seed=case.seed,
                library=self._exam.header.arrays,
                float_bits=float_bits,
            )
            self._called[key] = self._conversation.value(frame)
        return self._called[key]

    def _float32_result(self, name: str, case: CasePlan) -> Value:
        """Return the reference's own result in float32, the measure of honest noise; None where it has no
        such result."""
        if not any(_has_float_array(argument) for argument in case.arguments):
            return None
        try:
            return self._result(name, case, float_bits=32)
        except Broken:
            return None

    def _cases_of(self, check: Check) -> tuple[CasePlan, ...]:
        found = cases_of(self._question, check)
        if found is None:
            return ()
        key, cases = found
        if key not in self._cases:
            self._cases[key] = tuple(
                self._case(cases.make, key, visibility, index, arguments)
                for visibility, members in ((PUBLIC, cases.public), (HIDDEN, cases.hidden))
                for index, arguments in enumerate(members)
            )
        return self._cases[key]

    def _case(
        self, maker: str | None, key: str, visibility: Visibility, index: int, arguments: Mapping[str, object]
    ) -> CasePlan:
        seed = case_seed(self._exam.id, self._question.question, key, visibility, index)
        rng = np.random.default_rng(seed)
        values = {name: evaluate(argument, rng) for name, argument in arguments.items()}  # type: ignore[arg-type]  # checked by the model
        if maker is not None:
            writer = FrameWriter()
            keywords = writer.trees(values)
            made = self._conversation.value(writer.frame("make", name=maker, keywords=keywords, seed=seed))
            if not isinstance(made, dict):
                raise Broken(Status.INVALID, f"`{maker}` must return a dict of arguments")
            values = made
        return CasePlan(
            name=case_name(visibility, index),
            is_public=visibility == PUBLIC,
            arguments=tuple(values.values()),
            seed=seed,
        )

    def _module(self, plan: CheckPlan, check: ModuleCheck) -> CheckPlan:
        specs = parse_weights(self._weight_texts(check.weights))
        name = check.reference or check.module
        cases = self._cases_of(check)
        if check.measure == "parameter_count":
            total = sum(spec.element_count for spec in specs)
            return replace(
                plan,
                cases=cases,
                expected=(ExpectedCase(value=total, noise=None),),
                catches=self._equals(check),
            )
        if check.measure == "modes":
            return replace(
                plan, cases=cases, expected=(ExpectedCase(value=True, noise=None),) * max(len(cases), 1)
            )
        reference = self._hypothesis(name, specs, cases)
        if check.measure == "shape":
            expected = tuple(ExpectedCase(value=_shape(output), noise=None) for output in reference.outputs)
            return replace(plan, cases=cases, expected=expected, catches=self._equals(check))
        if check.measure == "gradients":
            return self._gradients(plan, reference, cases)
        noise = self._hypothesis(name, specs, cases, float_bits=32).outputs
        catches = [
            (catch, self._hypothesis(catch.like, self._catch_specs(catch, specs), cases))
            for catch in check.catch
            if catch.like is not None
        ]
        return replace(
            plan,
            cases=cases,
            expected=tuple(
                ExpectedCase(value=v, noise=n) for v, n in zip(reference.outputs, noise, strict=True)
            ),
            catches=tuple(_catch(catch, hypothesis.outputs) for catch, hypothesis in catches),
            hypotheses=(reference, *(hypothesis for _, hypothesis in catches)),
        )

    def _equals(self, check: ModuleCheck) -> tuple[CatchExpectation, ...]:
        return tuple(_catch(catch, ()) for catch in check.catch if catch.equals is not None)

    def _weight_texts(self, weights: str | Mapping[str, str]) -> Mapping[str, str]:
        return self._question.weights[weights] if isinstance(weights, str) else weights

    def _catch_specs(self, catch: Catch, specs: tuple[WeightSpec, ...]) -> tuple[WeightSpec, ...]:
        return specs if catch.weights is None else parse_weights(catch.weights)

    def _hypothesis(
        self, name: str, specs: tuple[WeightSpec, ...], cases: tuple[CasePlan, ...], float_bits: int = 64
    ) -> ModuleHypothesis:
        seed = case_seed(self._exam.id, self._question.question, "weights", *(spec.name for spec in specs))
        weights = draw_weights(specs, np.random.default_rng(seed))
        self._build(name, weights, float_bits)
        outputs = tuple(self._forward(case, float_bits) for case in cases)
        return ModuleHypothesis(name=name, specs=specs, weights=weights, outputs=outputs)

    def _build(self, name: str, weights: Mapping[str, np.ndarray], float_bits: int) -> None:
        writer = FrameWriter()
        trees = writer.trees({key: Array(data, "float64") for key, data in weights.items()})
        frame = writer.frame(
            "build", name=name, weights=trees, seed=0, library="torch", float_bits=float_bits
        )
        reply, _ = self._conversation.ask(frame)
        if not isinstance(reply, Built):
            raise self._conversation.broken_by(reply)

    def _forward(self, case: CasePlan, float_bits: int) -> Value:
        writer = FrameWriter()
        trees = {"x": writer.tree(case.arguments[0])}
        if case.cotangent is not None:
            trees["cotangent"] = writer.tree(case.cotangent)
        return self._conversation.value(
            writer.frame("forward", seed=case.seed, library="torch", float_bits=float_bits, **trees)
        )

    def _gradients(
        self, plan: CheckPlan, reference: ModuleHypothesis, cases: tuple[CasePlan, ...]
    ) -> CheckPlan:
        paired = tuple(
            replace(case, cotangent=_cotangent(output, case.seed))
            for case, output in zip(cases, reference.outputs, strict=True)
        )
        exact, noisy = (
            self._hypothesis(reference.name, reference.specs, paired, float_bits=bits).outputs
            for bits in (64, 32)
        )
        expected = tuple(
            ExpectedCase(value=_flat(v), noise=_flat(n)) for v, n in zip(exact, noisy, strict=True)
        )
        return replace(plan, cases=paired, expected=expected, hypotheses=(reference,))


def draw_weights(specs: tuple[WeightSpec, ...], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return random float64 weights that keep activations near 1: scaled by the number of terms that each
    output sums."""
    drawn = {}
    for spec in specs:
        summed = [axis.size for axis in spec.axes if axis.name not in _STACKED_AXES]
        scale = float(np.prod(summed)) ** -0.5 if summed else _BIAS_SCALE
        drawn[spec.name] = rng.standard_normal(spec.shape) * scale
    return drawn


def _catch(catch: Catch, values: tuple[Value, ...]) -> CatchExpectation:
    equals = None if catch.equals is None else evaluate(catch.equals, np.random.default_rng(0))
    return CatchExpectation(credit=catch.credit, say=catch.say, values=values, equals=equals)


def _flat(value: Value) -> Value:
    """Return the gradients `{"x": …, "parameters": {…}}` as one dict."""
    assert isinstance(value, dict)
    parameters = value["parameters"]
    assert isinstance(parameters, dict)
    return {"x": value["x"], **parameters}


def _shape(output: Value) -> Array:
    assert isinstance(output, Array)
    return Array(np.array(output.data.shape, dtype=np.int64), "int64", "sequence")


def _cotangent(output: Value, seed: int) -> Array:
    assert isinstance(output, Array)
    return Array(np.random.default_rng(seed + 1).standard_normal(output.data.shape), "float64", "tensor")


def _has_float_array(value: Value) -> bool:
    if isinstance(value, Array):
        return value.data.dtype == np.float64
    if isinstance(value, list | tuple):
        return any(_has_float_array(item) for item in value)
    return False
