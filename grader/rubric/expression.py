"""The expressions of a case, such as `normal(2, 3)` or `2**0.5`: text to a small record; nothing is run."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import TypeAlias

from grader.rubric.problem import did_you_mean, shown

MAX_TEXT = 500
MAX_ELEMENTS = 10_000_000
MAX_DEPTH = 24
MAX_DIMENSIONS = 16
MAX_MAGNITUDE = 1e300
"""Largest number of an expression: the sum of two of them does not overflow a float64."""

Number: TypeAlias = int | float
Nested: TypeAlias = "Number | list[Nested]"


@dataclass(frozen=True, slots=True)
class GivenName:
    """`given.NAME`, at `offset` of the text."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class ArrayCall:
    """A call that makes an array: function, shape, and options with their defaults filled in."""

    function: str
    shape: tuple[int, ...]
    options: dict[str, Number]
    items: list[Nested] | None = None

    @property
    def element_count(self) -> int:
        """Numbers in the array."""
        return math.prod(self.shape)


Expression: TypeAlias = Number | GivenName | ArrayCall

# Each option with its default; None has to be written out.
_SHAPED: dict[str, dict[str, Number | None]] = {
    "normal": {"mean": 0.0, "scale": 1.0},
    "uniform": {"low": 0.0, "high": 1.0},
    "zeros": {},
    "ones": {},
    "full": {"value": None},
    "integers": {"low": 0, "high": None},
}
FUNCTIONS = (*_SHAPED, "linspace", "array")

_UNKNOWN_CHARACTER = re.compile(r"[^A-Za-z0-9_ .,()\[\]+\-*/%=]")
_NUMBER_WORD = re.compile(r"(?<![A-Za-z0-9_.])[0-9][A-Za-z0-9_.]*")
_NUMBER = re.compile(r"(0|[1-9][0-9]*|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(\.[0-9]*)?([eE][0-9]*)?")
_BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}


class ExpressionError(ValueError):
    """The text is not an expression; `offset` is the place in the text, from 0."""

    def __init__(self, what: str, *, offset: int, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.offset = offset
        self.fix = fix


def parse_expression(text: str) -> Expression:
    """Parse one expression. Raises ExpressionError; bounded in time and memory whatever the text is."""
    start = len(text) - len(text.lstrip(" "))
    tree = _syntax_tree(text[start:].rstrip(), start)
    try:
        return _expression(tree.body)
    except ExpressionError as error:
        raise ExpressionError(error.what, offset=error.offset + start, fix=error.fix) from None


def _syntax_tree(text: str, start: int) -> ast.Expression:
    """The syntax tree of a text that holds nothing but names, numbers, brackets and operators."""
    fix = "write a number, given.NAME, or a call such as normal(2, 3)"
    if not text:
        raise ExpressionError("an empty expression", offset=0, fix=fix)
    if len(text) > MAX_TEXT:
        what = f"an expression of {len(text)} characters, {MAX_TEXT} at most"
        raise ExpressionError(what, offset=0, fix="make the data in the reference file with `make`")
    odd = _UNKNOWN_CHARACTER.search(text)
    if odd:
        raise ExpressionError(
            f"{shown(odd[0])} has no place in an expression", offset=odd.start() + start, fix=fix
        )
    for word in _NUMBER_WORD.finditer(text):
        # Python would warn about `1if` and read `1_0` and `0x1`; a rubric has one way to write a number.
        if not _NUMBER.fullmatch(word[0]):
            raise ExpressionError(
                f"`{word[0]}` is not a number", offset=word.start() + start, fix="write it in decimal"
            )
    try:
        return ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ExpressionError(
            f"`{_cut(text)}` is not an expression", offset=_syntax_offset(error, text) + start, fix=fix
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("brackets or operators nested too deeply", offset=start, fix=fix) from None


def _syntax_offset(error: SyntaxError, text: str) -> int:
    return min(max((error.offset or 1) - 1, 0), len(text) - 1)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _expression(node: ast.expr) -> Expression:
    if isinstance(node, ast.Attribute):
        return _given(node)
    if isinstance(node, ast.Call):
        return _call(node)
    return _number(node, 0)


def _given(node: ast.Attribute) -> GivenName:
    if not isinstance(node.value, ast.Name) or node.value.id != "given":
        raise _error(node, "only names of given.py may follow a dot", "write given.NAME")
    return GivenName(node.attr, node.col_offset)


def _call(node: ast.Call) -> ArrayCall:
    name = node.func.id if isinstance(node.func, ast.Name) else None
    if name not in FUNCTIONS:
        what = f"`{name}` is not a function of this language" if name else "this cannot be called"
        raise _error(node.func, what, did_you_mean(name or "", FUNCTIONS, otherwise="the functions are"))
    if name == "array":
        return _array(node)
    call = _linspace(node) if name == "linspace" else _shaped(node, name)
    if call.element_count > MAX_ELEMENTS:
        raise _error(node, f"an array of {call.element_count:.3g} numbers", f"stay within {MAX_ELEMENTS}")
    return call


def _shaped(node: ast.Call, name: str) -> ArrayCall:
    shape = tuple(_size(argument) for argument in node.args)
    if len(shape) > MAX_DIMENSIONS:
        raise _error(node, f"an array of {len(shape)} axes", f"stay within {MAX_DIMENSIONS}")
    options = _options(node, name, _SHAPED[name])
    if name == "normal" and options["scale"] < 0:
        raise _error(node, "a negative scale", "write the standard deviation, 0 or more")
    if name in ("uniform", "integers") and options["low"] >= options["high"]:
        raise _error(
            node, f"low={options['low']} is not below high={options['high']}", "write low=…, high=… in order"
        )
    if name == "integers" and not all(isinstance(end, int) and abs(end) < 2**63 for end in options.values()):
        raise _error(node, "the ends of integers(…) are not whole 64-bit numbers", "write low=0, high=10")
    return ArrayCall(name, shape, options)


def _options(node: ast.Call, name: str, known: dict[str, Number | None]) -> dict[str, Number]:
    options = dict(known)
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg not in known:
            fix = did_you_mean(
                keyword.arg or "", known, otherwise="its options are" if known else "it has no options"
            )
            raise _error(keyword, f"{name}(…) has no option `{keyword.arg or '**'}`", fix)
        options[keyword.arg] = _number(keyword.value, 0)
    for key, value in options.items():
        if value is None:
            raise _error(node, f"{name}(…) needs {key}=…", f"write {name}(2, 3, {key}=1)")
    return {key: value for key, value in options.items() if value is not None}


def _linspace(node: ast.Call) -> ArrayCall:
    if len(node.args) != 3 or node.keywords:
        raise _error(node, "linspace takes start, stop and count", "write linspace(-1, 1, 7)")
    start, stop = _number(node.args[0], 0), _number(node.args[1], 0)
    return ArrayCall("linspace", (_size(node.args[2]),), {"start": start, "stop": stop})


def _array(node: ast.Call) -> ArrayCall:
    if len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.List):
        raise _error(node, "array takes one list of numbers", "write array([[1, 2], [3, 4]])")
    items, shape = _items(node.args[0], 0)
    return ArrayCall("array", shape, {}, items)


def _items(node: ast.List, depth: int) -> tuple[list[Nested], tuple[int, ...]]:
    if depth >= MAX_DIMENSIONS:
        raise _error(node, f"an array of more than {MAX_DIMENSIONS} axes", "flatten the list")
    items: list[Nested] = []
    shapes: set[tuple[int, ...]] = set()
    for element in node.elts:
        item: Nested
        item, shape = (
            _items(element, depth + 1) if isinstance(element, ast.List) else (_number(element, 0), ())
        )
        items.append(item)
        shapes.add(shape)
        if len(shapes) > 1:
            raise _error(element, "the rows of array([…]) differ in length", "write lists of the same length")
    return items, (len(items), *(shapes.pop() if shapes else ()))


def _size(node: ast.expr) -> int:
    if isinstance(node, ast.Starred):
        raise _error(node, "`*` cannot unpack here", "write the sizes out")
    size = _number(node, 0)
    if not isinstance(size, int) or not 0 <= size <= MAX_ELEMENTS:
        what = f"the size {size} is not a whole number from 0 to {MAX_ELEMENTS}"
        raise _error(node, what if len(what) < 100 else "the size is too large", "write sizes such as 2, 3")
    return size


def _number(node: ast.expr, depth: int) -> Number:
    if depth > MAX_DEPTH:
        raise _error(node, "a calculation nested too deeply", "write its result")
    if (
        isinstance(node, ast.Constant)
        and not isinstance(node.value, bool)
        and isinstance(node.value, int | float)
    ):
        return _bounded(node, node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        operand = _number(node.operand, depth + 1)
        return -operand if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _calculated(node, _number(node.left, depth + 1), _number(node.right, depth + 1))
    if isinstance(node, ast.Name):
        raise _error(node, f"`{_cut(node.id)}` is not a number", _name_fix(node.id))
    raise _error(node, "a plain number is wanted here", "numbers may be joined by + - * / // % **")


def _name_fix(name: str) -> str:
    if name in FUNCTIONS:
        return f"write {name}(…)"
    return f"write given.{_cut(name)} for a name of given.py, or a number"


def _calculated(node: ast.BinOp, left: Number, right: Number) -> Number:
    """The result of one operation; powers are refused before they are computed if they would be huge."""
    try:
        if isinstance(node.op, ast.Pow):
            return _bounded(node, _power(node, left, right))
        results: dict[type[ast.operator], Number] = {
            ast.Add: left + right,
            ast.Sub: left - right,
            ast.Mult: left * right,
        }
        if type(node.op) in results:
            return _bounded(node, results[type(node.op)])
        if isinstance(node.op, ast.Div):
            return _bounded(node, left / right)
        return _bounded(node, left // right if isinstance(node.op, ast.FloorDiv) else left % right)
    except ZeroDivisionError:
        raise _error(node, "a division by zero", "write another number") from None
    except OverflowError:
        raise _error(node, "the result is too large", "write a smaller number") from None


def _power(node: ast.BinOp, base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and abs(exponent) * base.bit_length() > 2048:
        raise _error(node, "the power is too large", "write a smaller number")
    result = base**exponent
    if isinstance(result, complex):
        raise _error(node, "a root of a negative number", "write a real number")
    return result if isinstance(result, int) else float(result)


def _bounded(node: ast.expr, number: Number) -> Number:
    if not abs(number) <= MAX_MAGNITUDE:
        raise _error(node, "the number is too large", f"stay within {MAX_MAGNITUDE:g}")
    return number


def _error(node: ast.expr | ast.keyword, what: str, fix: str) -> ExpressionError:
    return ExpressionError(what, offset=node.col_offset, fix=fix)
