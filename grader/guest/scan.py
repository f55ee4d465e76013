"""Looks for forbidden constructs: in what a question asks for and in whatever of the file that uses.

A finding costs the points of a check, so only what the text proves is a finding. What a text cannot show (a
name put together at run time, another file) is left to the guard at run time.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.guest.binder import bind, children
from grader.guest.names import COMPREHENSIONS, DEFINITIONS, FUNCTIONS, Binding, Names, Scope, split_attributes
from grader.guest.vocabulary import Forbidden

_KNOWN_LIBRARIES = {
    *(
        "torch",
        "numpy",
        "scipy",
        "functorch",
        "jax",
        "torchvision",
        "matplotlib",
        "pandas",
        "sklearn",
        "tqdm",
        "PIL",
    ),
    *("sympy", "einops", "tensorflow", "autograd", "builtins"),
}
_MAX_TEXT = 80


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One use of a forbidden construct: its full name, the line, and how the line writes it."""

    line: int
    construct: str
    text: str

    def __str__(self) -> str:
        """Say it as a student would: `torch.autograd.grad, line 12`."""
        return f"{self.construct}, line {self.line}"


def scan(source_tree: ast.Module, target: str, constructs: Sequence[str]) -> list[Finding]:
    """Return, by line, the forbidden constructs that the top-level name `target` uses, directly or not.

    Raises ValueError for a construct that is not in the vocabulary, RecursionError never.
    """
    return _Search(bind(source_tree), Forbidden(constructs)).run(target.split(".")[0])


def scan_rules(
    source_tree: ast.Module, rules: Iterable[tuple[str, str, tuple[str, ...]]]
) -> list[tuple[str, Finding]]:
    """Return (rule id, finding) for rules (id, target, constructs) on one file, which is bound once; as `scan`."""
    names = bind(source_tree)
    known: dict[tuple[str, tuple[str, ...]], list[Finding]] = {}
    found: list[tuple[str, Finding]] = []
    for rule, target, constructs in rules:
        if (target, constructs) not in known:
            known[target, constructs] = _Search(names, Forbidden(constructs)).run(target.split(".")[0])
        found += [(rule, finding) for finding in known[target, constructs]]
    return found


class _Search:
    """Walks from the target through everything that it refers to; each piece of the tree is seen once."""

    def __init__(self, names: Names, forbidden: Forbidden) -> None:
        self._names = names
        self._forbidden = forbidden
        self._stack: list[tuple[ast.AST, Scope]] = []
        self._seen: set[tuple[ast.AST, Scope]] = set()
        self._followed: set[str] = set()
        self._mentioned: set[str] = set()
        self._waiting: dict[str, list[tuple[ast.AST, Scope]]] = {}
        self._findings: set[Finding] = set()
        self._own_methods = _own_methods(names)
        self._has_foreign_objects = _has_foreign_objects(names)

    def run(self, target: str) -> list[Finding]:
        """Return what is found from a top-level name on."""
        self._followed.add(target)
        for binding in self._names.module.bindings.get(target, []):
            self._enter_target(binding, target)
        self._push_attribute_values(target)
        while self._stack:
            node, scope = self._stack.pop()
            if (node, scope) not in self._seen:
                self._seen.add((node, scope))
                self._visit(node, scope)
        return sorted(self._findings)

    def _enter_target(self, binding: Binding, target: str) -> None:
        if isinstance(binding.definition, ast.ClassDef):
            self._stack.extend(children(binding.definition, binding.scope, self._names))
        elif binding.dotted is not None:
            self._check_names(frozenset({binding.dotted}), binding.node, f"import of {target}")
        else:
            self._push_binding(binding)

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        self._check_node(node)
        if isinstance(node, ast.Name | ast.Attribute):
            self._visit_reference(node, scope)
            return
        if isinstance(node, ast.Call):
            self._visit_call(node, scope)
        if isinstance(node, ast.ClassDef):
            self._visit_class(node, scope)
            return
        self._stack.extend(children(node, scope, self._names))

    def _visit_reference(self, node: ast.Name | ast.Attribute, scope: Scope) -> None:
        found = self._names.resolve(node, scope)
        self._check_names(found, node)
        base, attributes = split_attributes(node)
        for attribute in attributes:
            self._mention(attribute)
        if isinstance(node, ast.Attribute) and not found:
            self._check_method(node, scope)
        if isinstance(base, ast.Name):
            self._follow(base.id, scope)
        else:
            self._stack.append((base, scope))

    def _visit_call(self, call: ast.Call, scope: Scope) -> None:
        found = self._names.resolve(call, scope)
        if found:
            self._check_names(found, call)
        function = self._names.resolve(call.func, scope)
        if "builtins.getattr" in function and len(call.args) >= 2:
            name = call.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                self._mention(name.value)

    def _visit_class(self, node: ast.ClassDef, scope: Scope) -> None:
        """A class that is used: all but those of its methods that nothing in reach mentions."""
        for child, inner in children(node, scope, self._names):
            if self._may_wait(child, node):
                self._waiting.setdefault(_name(child), []).append((child, inner))
            else:
                self._stack.append((child, inner))

    def _may_wait(self, child: ast.AST, owner: ast.ClassDef) -> bool:
        is_method = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child in owner.body
        return is_method and not _is_implicit(_name(child)) and _name(child) not in self._mentioned

    def _mention(self, name: str) -> None:
        if name not in self._mentioned:
            self._mentioned.add(name)
            self._stack.extend(self._waiting.pop(name, ()))

    def _follow(self, name: str, scope: Scope) -> None:
        """Go on to what a name of the file stands for."""
        found = scope.lookup(name)
        if found is None or found[0] is not self._names.module or name in self._followed:
            return
        self._followed.add(name)
        for binding in found[1]:
            value = binding.value
            is_alias = isinstance(value, ast.Name | ast.Attribute) and self._names.resolve(
                value, binding.scope
            )
            if not is_alias:
                self._push_binding(binding)
        self._push_attribute_values(name)

    def _push_binding(self, binding: Binding) -> None:
        for node in (binding.definition, binding.value, binding.source):
            if node is not None:
                self._stack.append((node, binding.scope))

    def _push_attribute_values(self, name: str) -> None:
        self._stack.extend(
            (value, scope)
            for value, scope in self._names.attribute_values.get(name, ())
            if (found := scope.lookup(name)) is None or found[0] is self._names.module
        )

    def _check_node(self, node: ast.AST) -> None:
        construct = self._forbidden.nodes.get(type(node))
        if construct is None or (isinstance(node, ast.Compare) and _is_about_form(node)):
            return
        self._add(construct, node)

    def _check_names(self, names: frozenset[str], node: ast.AST, text: str | None = None) -> None:
        for name in sorted(names):
            if self._forbidden.has_name(name):
                self._add(name.removeprefix("builtins."), node, text)

    def _check_method(self, node: ast.Attribute, scope: Scope) -> None:
        if not self._forbidden.has_method(node.attr) or not isinstance(node.ctx, ast.Load):
            return
        is_own = (
            node.attr in self._own_methods or self._has_foreign_objects or _is_own_receiver(node.value, scope)
        )
        if not is_own:
            self._add(f".{node.attr}()", node)

    def _add(self, construct: str, node: ast.AST, text: str | None = None) -> None:
        line = getattr(node, "lineno", 0)
        self._findings.add(Finding(line, construct, (text or _as_written(node))[:_MAX_TEXT]))


def _own_methods(names: Names) -> set[str]:
    """Return the attributes that the file defines itself, without the `backward` of a PyTorch Function."""
    own: set[str] = set()
    for node, scope in names.scopes.items():
        if isinstance(node, ast.ClassDef):
            bases = frozenset[str]().union(*(names.resolve(base, scope) for base in node.bases))
            is_engine_function = any(base.endswith("autograd.Function") for base in bases)
            own |= scope.bindings.keys() - ({"backward"} if is_engine_function else set())
    for node in ast.walk(names.module.node):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            own.add(node.attr)
    return own


def _has_foreign_objects(names: Names) -> bool:
    """Tell whether the file imports code that we do not know: its objects may have methods of any name."""
    imported = [
        binding.dotted for scope in names.scopes.values() for b in scope.bindings.values() for binding in b
    ]
    roots = {dotted.split(".")[0] for dotted in (*imported, *names.star_modules) if dotted is not None}
    return any(root not in _KNOWN_LIBRARIES and root not in sys.stdlib_module_names for root in roots)


def _is_own_receiver(receiver: ast.expr, scope: Scope) -> bool:
    """Tell whether an object is `self`, `cls`, `super()`, or made by a class of the file."""
    if isinstance(receiver, ast.Name):
        found = scope.lookup(receiver.id)
        return receiver.id in {"self", "cls"} or (
            found is not None and any(isinstance(binding.definition, DEFINITIONS) for binding in found[1])
        )
    return (
        isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Name) and receiver.func.id == "super"
    )


def _name(node: ast.AST) -> str:
    return str(getattr(node, "name", ""))


def _is_implicit(name: str) -> bool:
    """Tell whether Python, a decorator or `nn.Module` may call a method that no line names."""
    return (name.startswith("__") and name.endswith("__")) or name in {"forward", "backward"}


def _is_about_form(node: ast.Compare) -> bool:
    """Tell whether a comparison is about shapes, types, texts or None, never about entries of an array."""
    sides = (node.left, *node.comparators)
    if any(isinstance(operator, ast.Is | ast.IsNot | ast.In | ast.NotIn) for operator in node.ops):
        return True
    return any(_is_form(side) for side in sides)


def _is_form(side: ast.expr) -> bool:
    while isinstance(side, ast.Subscript):
        side = side.value
    match side:
        case ast.Attribute(attr="shape" | "ndim" | "dtype" | "device" | "is_cuda"):
            return True
        case ast.Constant(value=str()):
            return True
        case ast.Call(func=ast.Name(id="len" | "type" | "isinstance")):
            return True
        case ast.Call(func=ast.Attribute(attr="size" | "dim" | "numel")):
            return True
    return False


def _as_written(node: ast.AST) -> str:
    if isinstance(node, (*FUNCTIONS, *COMPREHENSIONS, ast.For, ast.AsyncFor, ast.While)):
        return type(node).__name__
    try:
        return " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        return type(node).__name__
