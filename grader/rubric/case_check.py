"""Whether the cases of a check agree with each other, with given.py, and with the functions they are for."""

from __future__ import annotations

from collections.abc import Iterator

from grader.models.rubric import Argument, Cases
from grader.rubric.cases import check_argument
from grader.rubric.problem import did_you_mean
from grader.rubric.reference_names import Parameters
from grader.rubric.report import Report, Scope, require_name
from grader.rubric.yaml_tree import YamlPath


def check_cases(cases: Cases, path: YamlPath, report: Report, scope: Scope) -> None:
    """Report bad arguments, and cases that do not fit the first of them, or their maker."""
    first: tuple[YamlPath, dict[str, Argument]] | None = None
    for where, case in _each(cases, path):
        for name, argument in case.items():
            check_argument_at(argument, (*where, name), report, scope)
        if report.holds_broken(where):
            continue
        first = first or (where, case)
        if cases.make is None and list(case) != list(first[1]):
            what = f"this case gives {_names(case)}, the first one {_names(first[1])}"
            report.at(where, what, "arguments go by position: give the same names in the same order")
    if cases.make is not None:
        _check_make(cases.make, cases, path, report, scope)


def check_argument_at(argument: Argument, path: YamlPath, report: Report, scope: Scope) -> None:
    """Report every problem of one argument, at its character."""
    for problem in check_argument(argument, given=scope.given_names()):
        fix = problem.fix
        if not scope.has_given and problem.what.startswith("given.py does not"):
            fix = f"write {scope.given_file}"
        report.at_text((*path, *problem.path), problem.offset, problem.what, fix)


def _check_make(make: str, cases: Cases, path: YamlPath, report: Report, scope: Scope) -> None:
    """Report a maker that the reference file lacks, and cases that it cannot be called with."""
    require_name(report, (*path, "make"), make, scope.reference)
    parameters = scope.reference.functions.get(make) if scope.reference else None
    if parameters is None:
        return
    if not parameters.positional and not parameters.has_rest:
        report.at(
            (*path, "make"), f"`{make}` takes no argument", "it is called with a random generator first"
        )
        return
    accepted = (*parameters.positional[1:], *parameters.keyword_only)
    required = (*parameters.positional[1 : parameters.required], *parameters.required_keywords)
    for where, case in _each(cases, path):
        for name in case:
            if name not in accepted and not parameters.has_any_keyword:
                fix = did_you_mean(name, accepted, otherwise="it takes")
                report.at_key((*where, name), f"`{make}` takes no `{name}`", fix)
        lacking = [name for name in required if name not in case]
        if lacking and not report.holds_broken(where):
            names = ", ".join(f"`{name}`" for name in lacking)
            report.at(where, f"`{make}` also wants {names}", f"add `{lacking[0]}: …`")


def check_signature(name: str, cases: Cases, path: YamlPath, report: Report, scope: Scope) -> None:
    """Report a reference function that cannot take the arguments of the cases, or takes them turned round."""
    parameters = scope.reference.functions.get(name) if scope.reference else None
    case = next((case for _, case in _each(cases, path)), None)
    if parameters is None or case is None or report.holds_broken((*path, "cases")):
        return
    known = parameters.positional
    count = len(case)
    if (
        count < parameters.required
        or (count > len(known) and not parameters.has_rest)
        or parameters.required_keywords
    ):
        what = (
            f"`{name}` of {scope.reference_file} takes {_wanted(parameters)}, the cases give {_names(case)}"
        )
        report.at_key((*path, "cases"), what, "arguments go by position: change the cases or the function")
    elif set(case) <= set(known) and tuple(case) != known[:count]:
        what = f"`{name}` of {scope.reference_file} takes {', '.join(known)}, the cases give {_names(case)}"
        report.at_key((*path, "cases"), what, "arguments go by position: put them in this order")


def _each(cases: Cases, path: YamlPath) -> Iterator[tuple[YamlPath, dict[str, Argument]]]:
    for key, group in (("public", cases.public), ("hidden", cases.hidden)):
        for index, case in enumerate(group):
            yield (*path, key, index), case


def _names(case: dict[str, Argument]) -> str:
    return ", ".join(case) or "nothing"


def _wanted(parameters: Parameters) -> str:
    return ", ".join((*parameters.positional, *parameters.required_keywords)) or "nothing"
