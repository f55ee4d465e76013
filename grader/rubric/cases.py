"""The inputs of a case: what the arguments in a rubric mean, whether they are right, and their values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grader.rubric.expression import (
    MAX_ELEMENTS,
    ArrayCall,
    Expression,
    ExpressionError,
    GivenName,
    parse_expression,
)
from grader.rubric.problem import did_you_mean

if TYPE_CHECKING:
    import numpy as np

    from grader.models.rubric import Argument
    from grader.models.value import Value


@dataclass(frozen=True, slots=True)
class ArgumentProblem:
    """What is wrong with an argument; `path` leads to the text in nested lists, `offset` is a place in it."""

    path: tuple[int, ...]
    offset: int
    what: str
    fix: str


def check_argument(argument: Argument, *, given: Collection[str] | None = None) -> list[ArgumentProblem]:
    """Return every problem of an argument; `given`: the names of given.py, None leaves them unchecked."""
    problems: list[ArgumentProblem] = []
    count = 0
    for path, leaf in _leaves(argument, ()):
        count += 1
        if isinstance(leaf, str):
            expression, error = _try_parse(leaf, given)
            count += expression.element_count if isinstance(expression, ArrayCall) else 0
            problems += [ArgumentProblem(path, error.offset, error.what, error.fix)] if error else []
    if count > MAX_ELEMENTS:
        problems.append(
            ArgumentProblem((), 0, "the argument is too large", f"stay within {MAX_ELEMENTS} numbers")
        )
    return problems


def evaluate(argument: Argument, rng: np.random.Generator) -> Value:
    """Return the value of an argument; arrays are float64, those of `integers` int64.

    Random arrays are drawn in the order of writing. An array without axes, `normal()`, is a number.
    Raises ExpressionError where `check_argument` would have found a problem.
    """
    if isinstance(argument, list):
        return [evaluate(item, rng) for item in argument]
    if not isinstance(argument, str):
        return argument
    expression = parse_expression(argument)
    if isinstance(expression, ArrayCall):
        return _array(expression, rng)
    if isinstance(expression, GivenName):
        from grader.models.value import Given

        return Given(expression.name)
    return expression


def case_seed(*words: str | int) -> int:
    """Return a seed below 2**63 that depends on the words alone, the same on every machine."""
    text = json.dumps(words, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode("ascii")).digest()[:8], "big") >> 1


def case_name(visibility: Literal["public", "hidden"], index: int) -> str:
    """Return the name of a case from its place in the list, counted from 0: `public 1` is the first."""
    return f"{visibility} {index + 1}"


def _leaves(argument: Argument, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Argument]]:
    if not isinstance(argument, list):
        yield path, argument
        return
    for index, item in enumerate(argument):
        yield from _leaves(item, (*path, index))


def _try_parse(text: str, given: Collection[str] | None) -> tuple[Expression | None, ExpressionError | None]:
    try:
        expression = parse_expression(text)
    except ExpressionError as error:
        return None, error
    if isinstance(expression, GivenName) and given is not None:
        return expression, _undefined(expression, given)
    return expression, None


def _undefined(name: GivenName, defined: Collection[str]) -> ExpressionError | None:
    """An error if given.py does not define the name."""
    if name.name in defined:
        return None
    fix = did_you_mean(name.name, defined, otherwise="given.py defines")
    return ExpressionError(f"given.py does not define `{name.name[:40]}`", offset=name.offset, fix=fix)


def _array(call: ArrayCall, rng: np.random.Generator) -> Value:
    # Here, not above: reading a rubric (and --help) must not wait for numpy.
    import numpy as np

    from grader.models.value import Array

    data = np.ascontiguousarray(_drawn(call, rng)).reshape(call.shape)
    return Array(data, data.dtype.name) if call.shape else data.item()


def _drawn(call: ArrayCall, rng: np.random.Generator) -> np.ndarray:
    import numpy as np

    options = call.options
    match call.function:
        case "normal":
            return options["mean"] + options["scale"] * rng.standard_normal(call.shape)
        case "uniform":
            return options["low"] + (options["high"] - options["low"]) * rng.random(call.shape)
        case "integers":
            return np.asarray(
                rng.integers(int(options["low"]), int(options["high"]), call.shape, dtype=np.int64)
            )
        case "linspace":
            return np.linspace(options["start"], options["stop"], call.shape[0], dtype=np.float64)
        case "array":
            return np.array(call.items, dtype=np.float64)
        case _:
            return np.full(
                call.shape,
                {"zeros": 0.0, "ones": 1.0}.get(call.function, options.get("value")),
                dtype=np.float64,
            )
