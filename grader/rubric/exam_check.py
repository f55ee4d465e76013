"""What no single field of a question shows: sums, names of other files, inputs of checks, catches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain

from grader.models.forbid import FORBID_GROUPS, is_construct
from grader.models.rubric import (
    CallCheck,
    Cases,
    Catch,
    Check,
    Exact,
    ModuleCheck,
    ProseCheck,
    Question,
    ValueCheck,
)
from grader.models.weights import AxesError, parse_axes
from grader.rubric.case_check import check_argument_at, check_cases, check_signature
from grader.rubric.problem import did_you_mean, shown
from grader.rubric.report import Report, Scope, require_name
from grader.rubric.yaml_tree import YamlPath

_MEASURES_WITH_CASES = ("forward", "gradients", "shape")


def check_question(question: Question, report: Report, scope: Scope) -> None:
    """Report what is wrong with a question that reads well field by field."""
    _check_sum(question, report)
    if not question.file.endswith(".py"):
        report.at(
            ("file",),
            f"{shown(question.file)} is not a Python file",
            "name the student's file, such as q1.py",
        )
    for part in [part for part, checks in question.parts.items() if not checks]:
        report.at_key(("parts", part), f"the part `{part}` has no check", "add one, or remove the part")
    for name, cases in question.cases.items():
        check_cases(cases, ("cases", name), report, scope)
    for name, weights in question.weights.items():
        _check_axes(weights, ("weights", name), report)
    for path, check in checks_of(question):
        if isinstance(check, ProseCheck):
            _check_guide(str(path[1]), path, report, scope)
        else:
            _check_scored(check, path, report, scope)
            _check_inputs(question, check, path, report, scope)


def checks_of(question: Question) -> Iterator[tuple[YamlPath, Check]]:
    """All checks of a question with their paths."""
    for part, checks in question.parts.items():
        for index, check in enumerate(checks):
            yield ("parts", part, index), check


def needs_reference(question: Question, report: Report) -> bool:
    """At least one check compares with a reference file."""
    return any(
        not isinstance(check, ProseCheck) for path, check in checks_of(question) if not report.is_broken(path)
    )


def _check_sum(question: Question, report: Report) -> None:
    checks = list(checks_of(question))
    unknown = [
        path
        for path in report.broken
        if path[:1] == ("parts",) and (len(path) <= 3 or path[3:] == ("points",))
    ]
    total = math.fsum(check.points for _, check in checks)
    if not unknown and abs(total - question.points) > 1e-9:
        what = f"the question is worth {question.points:g} points, its checks add up to {total:g}"
        report.at(("points",), what, "correct the sum or a check")


def _check_guide(part: str, path: YamlPath, report: Report, scope: Scope) -> None:
    if part not in scope.guides:
        what = f"a person marks this item, but {scope.guides_folder}/{part}.md says nothing"
        report.at((*path, "prose"), what, "write there what earns the points and what does not")


def _check_scored(
    check: ValueCheck | CallCheck | ModuleCheck, path: YamlPath, report: Report, scope: Scope
) -> None:
    own_name, key = _student_name(check)
    if check.reference is not None:
        require_name(report, (*path, "reference"), check.reference, scope.reference)
    elif not (isinstance(check, ModuleCheck) and check.measure == "parameter_count"):
        require_name(report, (*path, key), own_name, scope.reference)
    for index, construct in enumerate(check.forbid):
        if not is_construct(construct):
            fix = did_you_mean(
                construct, FORBID_GROUPS, otherwise="write torch.autograd.*, .backward, or one of the groups"
            )
            report.at(
                (*path, "forbid", index), f"{shown(construct)} is neither a group nor a dotted name", fix
            )
    if (
        isinstance(check.judge, Exact)
        and check.judge.share_axis is not None
        and isinstance(check, ModuleCheck)
    ):
        report.at(
            (*path, "judge", "share_axis"), "a module check has no slices to share", "remove share_axis"
        )
    for index, catch in enumerate(check.catch):
        _check_catch(catch, check, (*path, "catch", index), report, scope)
    _check_repeats(check, path, report)


def _student_name(check: ValueCheck | CallCheck | ModuleCheck) -> tuple[str, str]:
    if isinstance(check, ValueCheck):
        return check.value, "value"
    return (check.call, "call") if isinstance(check, CallCheck) else (check.module, "module")


def _check_catch(
    catch: Catch, check: ValueCheck | CallCheck | ModuleCheck, path: YamlPath, report: Report, scope: Scope
) -> None:
    ways = [key for key in ("like", "equals", "unregistered") if key in catch.model_fields_set]
    is_empty = catch.like is None and catch.equals is None and not catch.unregistered
    if len(ways) != 1 or is_empty:
        what = f"this catch has {' and '.join(f'`{way}`' for way in ways) or 'nothing to recognise it by'}"
        if not any(report.holds_broken((*path, key)) for key in ("like", "equals", "unregistered")):
            report.at(path, what, "write exactly one of like: name, equals: value, unregistered: true")
    if catch.credit > check.points and not report.holds_broken((*path[:3], "points")):
        what = f"the credit {catch.credit:g} is above the {check.points:g} points of the check"
        report.at((*path, "credit"), what, "lower it")
    if catch.like is not None:
        require_name(report, (*path, "like"), catch.like, scope.reference)
        if catch.like == (check.reference or _student_name(check)[0]):
            report.at(
                (*path, "like"), f"`{catch.like}` is the right answer itself", "name a wrong implementation"
            )
    if catch.equals is not None:
        check_argument_at(catch.equals, (*path, "equals"), report, scope)
    _check_module_only(catch, check, path, report)


def _check_module_only(
    catch: Catch, check: ValueCheck | CallCheck | ModuleCheck, path: YamlPath, report: Report
) -> None:
    is_module = isinstance(check, ModuleCheck)
    if catch.unregistered and not is_module:
        report.at_key(
            (*path, "unregistered"), "only a module check can find unregistered parameters", "remove it"
        )
    if catch.weights is not None:
        if not is_module or catch.like is None:
            report.at_key((*path, "weights"), "`weights` belongs to `like` in a module check", "remove it")
        _check_axes(catch.weights, (*path, "weights"), report)


def _check_repeats(check: ValueCheck | CallCheck | ModuleCheck, path: YamlPath, report: Report) -> None:
    """The first of two equal catches would win for ever."""
    seen: set[str] = set()
    for index, catch in enumerate(check.catch):
        if catch.like is not None and catch.like in seen:
            report.at(
                (*path, "catch", index, "like"),
                f"`{catch.like}` is caught twice in this check",
                "keep one of the two",
            )
        seen |= {catch.like} if catch.like is not None else set()


def _check_inputs(question: Question, check: Check, path: YamlPath, report: Report, scope: Scope) -> None:
    if isinstance(check, ModuleCheck):
        _check_weights(question, check, path, report)
    if not isinstance(check, CallCheck | ModuleCheck):
        return
    where: YamlPath = (*path, "cases")
    cases: Cases | None
    if isinstance(check.cases, str):
        cases = question.cases.get(check.cases)
        if cases is None and not report.is_broken(("cases", check.cases)):
            fix = did_you_mean(
                check.cases, question.cases, otherwise="define them under `cases:` of the question"
            )
            report.at(where, f"no cases are named `{check.cases}`", fix)
        where = ("cases", check.cases)
    else:
        cases = check.cases
        if cases is not None:
            check_cases(cases, where, report, scope)
    if isinstance(check, ModuleCheck):
        _check_module_cases(check, cases, path, report)
    elif cases is not None:
        _check_call_cases(check, cases, where, path, report, scope)


def _check_weights(question: Question, check: ModuleCheck, path: YamlPath, report: Report) -> None:
    if not isinstance(check.weights, str):
        _check_axes(check.weights, (*path, "weights"), report)
    elif check.weights not in question.weights and not report.is_broken(("weights", check.weights)):
        fix = did_you_mean(
            check.weights, question.weights, otherwise="define them under `weights:` of the question"
        )
        report.at((*path, "weights"), f"no weights are named `{check.weights}`", fix)


def _check_axes(weights: dict[str, str], path: YamlPath, report: Report) -> None:
    for name, text in weights.items():
        try:
            parse_axes(text)
        except AxesError as error:
            report.at_text((*path, name), error.offset, error.what, error.fix)


def _check_module_cases(check: ModuleCheck, cases: Cases | None, path: YamlPath, report: Report) -> None:
    is_named = isinstance(check.cases, str)
    if check.measure in _MEASURES_WITH_CASES and not (cases and (cases.public or cases.hidden)):
        if report.holds_broken((*path, "cases")) or (is_named and cases is None):
            return
        report.at(
            (*path, "measure"), f"the measure `{check.measure}` has no case", "add `cases:` with inputs"
        )


def _check_call_cases(
    check: CallCheck, cases: Cases, where: YamlPath, path: YamlPath, report: Report, scope: Scope
) -> None:
    if not cases.public and not cases.hidden:
        if not report.holds_broken(where):
            report.at(where, f"`{check.call}` has no case to be called with", "add public and hidden cases")
        return
    if cases.make is not None or any(chain(cases.public, cases.hidden)):
        for key, why in (
            ("public", "students cannot try the check"),
            ("hidden", "the answers could be written out"),
        ):
            if not getattr(cases, key) and not report.is_broken((*where, key)):
                report.at_key(where, f"no {key} case: {why}", f"add at least one {key} case")
    names = [check.reference or check.call, *(catch.like for catch in check.catch if catch.like is not None)]
    for name in names if cases.make is None else []:
        check_signature(name, cases, path, report, scope)
