"""What the names of a file mean: scopes, their bindings, and the library object an expression stands for.

Only what the text says is followed: imports, assignments, tuples, `getattr` with a literal. Whatever cannot
be told stands for nothing, so that nobody is accused of what he may not have done; the guard at run time is
there for the rest.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_MAX_STEPS = 400
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Binding:
    """One way in which a name gets its meaning; all None for a parameter, a loop variable and the like.

    `dotted` is an imported library name; `definition` a function or class; `value` an expression that the
    name is equal to; `source` an expression that the name is only made from. The expressions belong to
    `scope`.
    """

    node: ast.AST
    scope: Scope
    dotted: str | None = None
    definition: Definition | None = None
    value: ast.expr | None = None
    source: ast.expr | None = None


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class, function or comprehension, and what is bound in it."""

    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    elsewhere: dict[str, Scope] = field(default_factory=dict)

    @property
    def is_class(self) -> bool:
        """Tell whether functions inside do not see this scope."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def module(self) -> Scope:
        """The scope of the file."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def bind(self, name: str, binding: Binding) -> None:
        """Add a meaning of `name`, here or where `global` and `nonlocal` send it."""
        self.elsewhere.get(name, self).bindings.setdefault(name, []).append(binding)

    def lookup(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Return the scope that binds `name`, seen from this one, and the bindings; None for a builtin."""
        scope: Scope | None = self
        while scope is not None:
            if scope is self or not scope.is_class:
                scope = scope.elsewhere.get(name, scope)
                if name in scope.bindings:
                    return scope, scope.bindings[name]
            scope = scope.parent
        return None


def split_attributes(expression: ast.expr) -> tuple[ast.expr, list[str]]:
    """Return what is left of the dots of `a.b.c`, and the names after them."""
    attributes: list[str] = []
    while isinstance(expression, ast.Attribute):  # a loop: a chain of a thousand dots is one expression
        attributes.append(expression.attr)
        expression = expression.value
    return expression, attributes[::-1]


def _with_attributes(found: frozenset[str], attributes: list[str]) -> frozenset[str]:
    return frozenset(".".join((name, *attributes)) for name in found)


class Names:
    """The scopes of one file, and what is known of its imports and assignments to attributes."""

    def __init__(self, module: Scope) -> None:
        self.module = module
        self.scopes: dict[ast.AST, Scope] = {module.node: module}
        self.star_modules: list[str] = []
        self.attribute_values: dict[str, list[tuple[ast.expr, Scope]]] = {}
        self._known: dict[tuple[Scope, str], frozenset[str]] = {}

    def resolve(self, expression: ast.expr, scope: Scope) -> frozenset[str]:
        """Return the full names of the library objects that an expression may stand for; empty if unknown."""
        base, attributes = split_attributes(expression)
        if not isinstance(base, ast.Name):
            return _with_attributes(_Resolver(self).resolve(base, scope), attributes)
        key = (scope, base.id)
        if key not in self._known:
            self._known[key] = _Resolver(self).resolve(base, scope)
        return _with_attributes(self._known[key], attributes)


class _Resolver:
    """One question; counts its steps, because names may refer to each other in circles."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._steps = 0
        self._open: set[tuple[ast.AST, Scope]] = set()

    def resolve(self, expression: ast.expr, scope: Scope) -> frozenset[str]:
        """As Names.resolve."""
        base, attributes = split_attributes(expression)
        return _with_attributes(self._resolve_base(base, scope), attributes)

    def _resolve_base(self, expression: ast.expr, scope: Scope) -> frozenset[str]:
        key = (expression, scope)
        self._steps += 1
        if self._steps > _MAX_STEPS or key in self._open or len(self._open) > 60:
            return _NOTHING
        self._open.add(key)
        try:
            match expression:
                case ast.Name():
                    return self._resolve_name(expression.id, scope)
                case ast.NamedExpr():
                    return self.resolve(expression.value, scope)
                case ast.IfExp():
                    return self.resolve(expression.body, scope) | self.resolve(expression.orelse, scope)
                case ast.BoolOp():
                    return _NOTHING.union(*(self.resolve(value, scope) for value in expression.values))
                case ast.Call():
                    return self._resolve_call(expression, scope)
                case ast.Subscript():
                    return self._resolve_item(expression, scope)
        finally:
            self._open.discard(key)
        return _NOTHING

    def _resolve_name(self, name: str, scope: Scope) -> frozenset[str]:
        found = scope.lookup(name)
        if found is None:
            stars = frozenset(f"{module}.{name}" for module in self._names.star_modules)
            return stars | {f"builtins.{name}"}
        meanings = _NOTHING
        for binding in found[1][:_MAX_STEPS]:
            if binding.dotted is not None:
                meanings |= {binding.dotted}
            elif binding.value is not None:
                meanings |= self.resolve(binding.value, binding.scope)
        return meanings

    def _resolve_call(self, call: ast.Call, scope: Scope) -> frozenset[str]:
        function = self.resolve(call.func, scope)
        texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args]
        if "builtins.getattr" in function and len(texts) >= 2 and isinstance(texts[1], str):
            return frozenset(f"{base}.{texts[1]}" for base in self.resolve(call.args[0], scope))
        if texts and isinstance(texts[0], str):
            if "importlib.import_module" in function:
                return frozenset({texts[0]})
            if "builtins.__import__" in function:
                return frozenset({texts[0].split(".")[0]})
        return _NOTHING

    def _resolve_item(self, item: ast.Subscript, scope: Scope) -> frozenset[str]:
        is_text = isinstance(item.slice, ast.Constant) and isinstance(item.slice.value, str)
        if is_text and "sys.modules" in self.resolve(item.value, scope):
            return frozenset({item.slice.value})  # type: ignore[attr-defined]  # is_text says so
        return _NOTHING
