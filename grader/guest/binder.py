"""Reads a syntax tree once and notes, scope by scope, what binds each name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from grader.guest.names import COMPREHENSIONS, FUNCTIONS, Binding, Function, Names, Scope


def bind(tree: ast.Module) -> Names:
    """Return the names of a file, except what only `if __name__ == "__main__"` runs: a grader imports."""
    names = Names(Scope(tree, None))
    _declare(tree, names)
    stack: list[tuple[ast.AST, Scope]] = [(statement, names.module) for statement in tree.body]
    while stack:
        node, scope = stack.pop()
        _bind_node(node, scope, names)
        stack.extend(children(node, scope, names))
    return names


def children(node: ast.AST, scope: Scope, names: Names) -> Iterator[tuple[ast.AST, Scope]]:
    """Yield what lies directly below a node, with the scope it is evaluated in; no annotations."""
    inner = names.scopes.get(node, scope)
    if isinstance(node, FUNCTIONS):
        yield from ((outer, scope) for outer in _evaluated_outside(node))
        body = node.body if isinstance(node.body, list) else [node.body]
        yield from ((statement, inner) for statement in body)
    elif isinstance(node, ast.ClassDef):
        outside = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
        yield from ((expression, scope) for expression in outside)
        yield from ((statement, inner) for statement in node.body)
    elif isinstance(node, ast.AnnAssign):
        yield from ((part, scope) for part in (node.target, node.value) if part is not None)
    elif isinstance(node, ast.If) and is_main_guard(node.test):
        yield from ((statement, scope) for statement in node.orelse)
    else:
        yield from ((child, inner) for child in ast.iter_child_nodes(node))


def is_main_guard(test: ast.expr) -> bool:
    """Tell whether a condition is `__name__ == "__main__"`, either way round."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            sides = {_side(left), _side(right)}
            return sides == {"name", "main"}
    return False


def _side(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id="__name__"):
            return "name"
        case ast.Constant(value="__main__"):
            return "main"
    return ""


def _evaluated_outside(function: Function) -> Iterator[ast.expr]:
    if not isinstance(function, ast.Lambda):
        yield from function.decorator_list
    yield from function.args.defaults
    yield from (default for default in function.args.kw_defaults if default is not None)


def _declare(tree: ast.Module, names: Names) -> None:
    """Make all scopes, and send `global` and `nonlocal` names where they belong, before anything is bound."""
    stack: list[tuple[ast.AST, Scope]] = [(tree, names.module)]
    while stack:
        node, scope = stack.pop()
        if isinstance(node, (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)):
            names.scopes[node] = Scope(node, scope)
        elif isinstance(node, ast.Global):
            scope.elsewhere.update(dict.fromkeys(node.names, names.module))
        elif isinstance(node, ast.Nonlocal) and scope.parent is not None:
            scope.elsewhere.update(dict.fromkeys(node.names, scope.parent))
        stack.extend(children(node, scope, names))


def _bind_node(node: ast.AST, scope: Scope, names: Names) -> None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            scope.bind(node.name, Binding(node, scope, definition=node))
        case ast.Import():
            _bind_import(node, scope)
        case ast.ImportFrom():
            _bind_import_from(node, scope, names)
        case ast.Assign():
            for target in node.targets:
                _bind_target(target, node.value, scope, names)
        case ast.AnnAssign(value=ast.expr() as value):
            _bind_target(node.target, value, scope, names)
        case ast.NamedExpr():
            home = scope
            while isinstance(home.node, COMPREHENSIONS) and home.parent is not None:
                home = home.parent
            _bind_target(node.target, node.value, home, names)
        case ast.AugAssign():
            _bind_opaque(node.target, node.value, scope, names)
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            _bind_opaque(node.target, node.iter, scope, names)
        case ast.withitem(optional_vars=ast.expr() as target):
            _bind_opaque(target, node.context_expr, scope, names)
        case (
            ast.ExceptHandler(name=str() as name)
            | ast.MatchAs(name=str() as name)
            | ast.MatchStar(name=str() as name)
        ):
            scope.bind(name, Binding(node, scope))
        case ast.MatchMapping(rest=str() as name):
            scope.bind(name, Binding(node, scope))
    if isinstance(node, FUNCTIONS):
        _bind_parameters(node, names.scopes[node])


def _bind_parameters(function: Function, scope: Scope) -> None:
    arguments = function.args
    for argument in (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ):
        if argument is not None:
            scope.bind(argument.arg, Binding(argument, scope))


def _bind_import(node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        root = alias.name.split(".")[0]
        scope.bind(alias.asname or root, Binding(node, scope, dotted=alias.name if alias.asname else root))


def _bind_import_from(node: ast.ImportFrom, scope: Scope, names: Names) -> None:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            names.star_modules.append(module)
        else:
            scope.bind(alias.asname or alias.name, Binding(node, scope, dotted=f"{module}.{alias.name}"))


def _bind_target(target: ast.expr, value: ast.expr, scope: Scope, names: Names) -> None:
    """Bind an assignment's target to its value; tuples of equal length item by item."""
    pairs = [(target, value)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, ast.Name):
            scope.bind(left.id, Binding(left, scope, value=right))
        elif (
            _is_plain_sequence(left) and _is_plain_sequence(right) and len(_items(left)) == len(_items(right))
        ):
            pairs.extend(zip(_items(left), _items(right), strict=True))
        else:
            _bind_opaque(left, right, scope, names)


def _bind_opaque(target: ast.expr, source: ast.expr, scope: Scope, names: Names) -> None:
    """Bind the names in a target to something made from `source`; note what goes into attributes."""
    for item in _flattened([target]):
        if isinstance(item, ast.Name):
            scope.bind(item.id, Binding(item, scope, source=source))
        elif (root := _root(item)) is not None:
            names.attribute_values.setdefault(root, []).append((source, scope))


def _flattened(targets: Iterable[ast.expr]) -> Iterator[ast.expr]:
    stack = list(targets)
    while stack:
        target = stack.pop()
        if isinstance(target, ast.Tuple | ast.List):
            stack.extend(target.elts)
        elif isinstance(target, ast.Starred):
            stack.append(target.value)
        else:
            yield target


def _root(target: ast.expr) -> str | None:
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _is_plain_sequence(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Tuple | ast.List) and not any(
        isinstance(item, ast.Starred) for item in expression.elts
    )


def _items(expression: ast.expr) -> list[ast.expr]:
    return expression.elts if isinstance(expression, ast.Tuple | ast.List) else []
