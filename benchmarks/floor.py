"""The floor: the same cases on the same submissions in one process, with no wall, wire or store; judged alike.

What a grader with no isolation at all could not beat. It trusts the submissions: use it on our own examples only.
"""

from __future__ import annotations

import random
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader.marking import mark
from grader.models.outcome import Outcome
from grader.models.result import JobResult, Status
from grader.models.rubric import CallCheck, ModuleCheck, Question
from grader.models.submission import Submission
from grader.models.value import Array, Given, Value
from grader.plan import CasePlan, CheckPlan, QuestionPlan
from grader.probing.layouts import Parameter, assignments
from grader.probing.observe import Observed


def grade_unwalled(plan: QuestionPlan, question: Question, submission: Submission) -> JobResult:
    """Return the marks of one job, all of it run right here."""
    return mark(plan, question, submission, Observed(_Floor(plan, submission).outcomes()))


class _Floor:
    def __init__(self, plan: QuestionPlan, submission: Submission) -> None:
        self._plan = plan
        self._given = _module("given", plan.given or b"")
        file = submission.file(plan.file)
        self._module = _module(plan.question, b"" if file is None else file.content)
        self._modules: dict[str, _FloorModule] = {}
        self._asked: dict[tuple[str, int], Value] = {}

    def outcomes(self) -> dict[str, tuple[Outcome, ...]]:
        torch.set_default_dtype(torch.float32)
        return {check.id: tuple(self._outcomes(check)) for check in self._plan.scripted}

    def _outcomes(self, plan: CheckPlan) -> list[Outcome]:
        check = plan.check
        cases = plan.cases or (CasePlan("value", False, (), 0),)
        if isinstance(check, CallCheck):
            return [_outcome(case, lambda case=case: self._call(check.call, case)) for case in cases]
        if isinstance(check, ModuleCheck):
            return [_outcome(case, lambda case=case: self._built(plan).measure(plan, case)) for case in cases]
        return [_outcome(cases[0], lambda: value_of(vars(self._module)[check.value]))]

    def _call(self, name: str, case: CasePlan) -> Value:
        if (name, case.seed) not in self._asked:
            arguments = [self._object(argument) for argument in case.arguments]
            _seed(case.seed)
            self._asked[name, case.seed] = value_of(vars(self._module)[name](*arguments))
        return self._asked[name, case.seed]

    def _built(self, plan: CheckPlan) -> _FloorModule:
        name = plan.check.module
        if name not in self._modules:
            forward = next(
                other
                for other in self._plan.scripted
                if isinstance(other.check, ModuleCheck) and other.check.measure == "forward"
            )
            self._modules[name] = _FloorModule(vars(self._module)[name], forward)
        return self._modules[name]

    def _object(self, value: Value) -> Any:
        if isinstance(value, Array):
            if value.origin == "sequence":
                return value.data.tolist()
            copy = value.data.copy()
            return torch.from_numpy(copy) if self._plan.arrays == "torch" else copy
        if isinstance(value, Given):
            return getattr(self._given, value.name)
        return [self._object(item) for item in value] if isinstance(value, list) else value


class _FloorModule:
    def __init__(self, kind: Any, forward: CheckPlan) -> None:
        torch.set_default_dtype(torch.float64)
        self._kind, self._forward = kind, forward
        self._module = kind().double()
        self._parameters = dict(self._module.named_parameters())
        self._fit: Any = None

    def measure(self, plan: CheckPlan, case: CasePlan) -> Value:
        measure = plan.check.measure
        if measure == "parameter_count":
            return sum(parameter.numel() for parameter in self._parameters.values())
        if measure == "modes":
            return self._modes()
        x = torch.from_numpy(case.arguments[0].data.copy())
        if measure == "shape":
            return value_of(tuple(self._run(x).shape))
        self._fitted()
        return value_of(self._run(x)) if measure == "forward" else self._gradients(x, case)

    def _run(self, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return self._module(x)

    def _fitted(self) -> None:
        if self._fit is not None:
            return
        described = [Parameter(name, tuple(p.shape)) for name, p in self._parameters.items()]
        reference = self._forward.hypotheses[0]
        x = torch.from_numpy(self._forward.cases[0].arguments[0].data.copy())
        for assignment in assignments(described, reference.specs):
            self._fit = (assignment, described)
            with torch.no_grad():
                for name, array in assignment.values(described, dict(reference.weights)).items():
                    self._parameters[name].copy_(torch.from_numpy(array))
            if np.allclose(self._run(x).numpy(), reference.outputs[0].data):
                return

    def _gradients(self, x: torch.Tensor, case: CasePlan) -> Value:
        x.requires_grad_()
        self._module.zero_grad(set_to_none=True)
        torch.autograd.backward(self._module(x), torch.from_numpy(case.cotangent.data.copy()))
        assignment, described = self._fit
        arrays = {name: parameter.grad.numpy() for name, parameter in self._parameters.items()}
        gathered = assignment.gather(described, arrays, self._forward.hypotheses[0].specs)
        return {"x": value_of(x.grad), **{name: Array(data, "float64") for name, data in gathered.items()}}

    def _modes(self) -> bool:
        x = torch.from_numpy(self._forward.cases[0].arguments[0].data.copy())
        copy = self._kind().double()
        copy.load_state_dict(self._module.state_dict())
        first = self._run(x)
        same = [self._module.eval()(x), self._module.train()(x), copy(x)]
        return all(np.allclose(first.numpy(), other.detach().numpy()) for other in same)


def value_of(item: Any) -> Value:
    """Return an object as a value, sharing its memory."""
    if isinstance(item, torch.Tensor):
        array = item.detach().numpy()
        return Array(array, array.dtype.name, "tensor")
    if isinstance(item, np.ndarray | np.generic):
        return Array(np.asarray(item), np.asarray(item).dtype.name, "ndarray")
    if isinstance(item, list | tuple):
        if all(isinstance(entry, int | float) for entry in item):
            return Array(np.asarray(item), np.asarray(item).dtype.name, "sequence")
        return [value_of(entry) for entry in item]
    return {key: value_of(entry) for key, entry in item.items()} if isinstance(item, dict) else item


def _outcome(case: CasePlan, run: Callable[[], Value]) -> Outcome:
    try:
        return Outcome(case=case.name, is_public=case.is_public, value=run())
    except Exception as error:
        return Outcome(case=case.name, is_public=case.is_public, status=Status.ERROR, message=str(error))


def _module(name: str, source: bytes) -> types.ModuleType:
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(source, f"{name}.py", "exec"), vars(module))
    return module


def _seed(number: int) -> None:
    random.seed(number)
    np.random.seed(number % 2**32)
    torch.manual_seed(number)
