"""The names that a Python file of ours defines at top level, read from its syntax; nothing is run."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.rubric.problem import Problem


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a function. `positional` in order; the first `required` of them have no default."""

    positional: tuple[str, ...]
    required: int
    keyword_only: tuple[str, ...]
    required_keywords: tuple[str, ...]
    has_rest: bool
    has_any_keyword: bool


@dataclass(frozen=True, slots=True)
class SourceNames:
    """Top-level names of a file. `functions` has the parameters of those that are plain, undecorated `def`s.

    `is_open`: a star import may define more.
    """

    file: str
    names: frozenset[str]
    functions: dict[str, Parameters]
    is_open: bool = False

    def defines(self, name: str) -> bool:
        """The file defines the name, as far as its syntax tells."""
        return name in self.names or self.is_open


def read_names(file: str, content: bytes) -> tuple[SourceNames | None, list[Problem]]:
    """Read the names of a Python source; None and a located problem if it is not Python."""
    fix = "mend the Python there"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # A "\d" in a docstring is no business of the reader of the rubric.
            tree = ast.parse(content)
    except SyntaxError as error:
        what = f"not Python: {(error.msg or 'syntax error').splitlines()[0]}"
        return None, [Problem(file, error.lineno or 1, error.offset or 1, what, fix)]
    except (ValueError, MemoryError, RecursionError) as error:
        return None, [Problem(file, 1, 1, f"not readable as Python: {type(error).__name__}", fix)]
    statements = list(_statements(tree.body))
    bound = Counter(name for statement in statements for name in _bound(statement))
    functions = {
        statement.name: _parameters(statement.args)
        for statement in statements
        if isinstance(statement, ast.FunctionDef)
        and not statement.decorator_list
        and bound[statement.name] == 1
    }
    is_open = "*" in bound
    return SourceNames(file, frozenset(bound) - {"*"}, functions, is_open), []


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements that run at top level, those inside of blocks too."""
    for statement in body:
        yield statement
        for blocks in ("body", "orelse", "finalbody"):
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from _statements(getattr(statement, blocks, []))
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _bound(statement: ast.stmt) -> Iterable[str]:
    """The names that a statement binds, `*` for a star import."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    if isinstance(statement, ast.ImportFrom):
        return [alias.asname or alias.name for alias in statement.names]
    if isinstance(statement, ast.AnnAssign):
        return _stored(statement.target) if statement.value is not None else []
    if isinstance(statement, ast.Assign):
        return [name for target in statement.targets for name in _stored(target)]
    if isinstance(statement, ast.For | ast.AsyncFor | ast.AugAssign):
        return _stored(statement.target)
    if isinstance(statement, ast.With | ast.AsyncWith):
        return [
            name for item in statement.items if item.optional_vars for name in _stored(item.optional_vars)
        ]
    return []


def _stored(target: ast.expr) -> list[str]:
    return [
        node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _parameters(arguments: ast.arguments) -> Parameters:
    positional = tuple(argument.arg for argument in (*arguments.posonlyargs, *arguments.args))
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return Parameters(
        positional=positional,
        required=len(positional) - len(arguments.defaults),
        keyword_only=tuple(argument.arg for argument in arguments.kwonlyargs),
        required_keywords=tuple(argument.arg for argument, default in pairs if default is None),
        has_rest=arguments.vararg is not None,
        has_any_keyword=arguments.kwarg is not None,
    )
