"""The tree keeps its own rules: what may import what, what the host never does, how long things may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]

LAYERS: tuple[tuple[str, ...], ...] = (
    ("grader", "grader.errors", "grader.guest.protocol"),
    ("grader.models",),
    ("grader.rubric", "grader.submissions", "grader.judging"),
    ("grader.plan", "grader.store", "grader.migrations", "grader.sandbox"),
    ("grader.probing", "grader.report"),
    ("grader.doctor",),
    ("grader.marking", "grader.executors"),
    ("grader.engine",),
    ("grader.cli", "grader.__main__"),
)
"""Lowest first: a file imports lower layers and its own package. Of the guest, only the protocol stands here."""

TOGETHER = {("grader.store", "grader.migrations"), ("grader.__main__", "grader.cli")}
"""Importer and imported in one layer that belong together, though no package holds them."""

GUEST_LIBRARIES = sys.stdlib_module_names | {"numpy", "torch"}
UNSAFE_MODULES = frozenset(
    {"torch", "pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
)
UNSAFE_CALLS = frozenset({"eval", "exec", "compile", "__import__"})
UNSAFE_METHODS = frozenset(
    {("np", "load"), ("numpy", "load"), ("yaml", "load"), ("importlib", "import_module")}
)

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 40
LONG_FUNCTIONS = {
    "grader/engine.py: grade": "one run told from start to end, three of its steps written one argument a line",
}

CODE_FOLDERS = ("grader", "tests", "benchmarks")
ANSWERS = ROOT / "tests" / "answers"


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def files_below(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def own_code() -> list[Path]:
    """All code but the answers that stand for students' work: those may be as long and as bare as students write."""
    return [path for path in files_below(*CODE_FOLDERS) if not path.is_relative_to(ANSWERS)]


def host_files() -> list[Path]:
    return [path for path in files_below("grader") if "guest" not in path.relative_to(ROOT).parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of whatever a file imports, inside functions too; `from a import b` is a.b."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name_of(path)}:{node.lineno}: write the import in full"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def group_of(module: str) -> str:
    """The entry of LAYERS that a dotted name belongs to: the longest that it starts with."""
    known = [name for layer in LAYERS for name in layer if module == name or module.startswith(f"{name}.")]
    return max(known, key=len, default="")


def rank_of(group: str) -> int:
    return next(rank for rank, layer in enumerate(LAYERS) if group in layer)


def is_allowed(importer: str, imported: str) -> bool:
    here, there = group_of(importer), group_of(imported)
    return here == there or (here, there) in TOGETHER or rank_of(there) < rank_of(here)


def own_imports(path: Path) -> Iterator[tuple[int, str]]:
    return ((line, name) for line, name in imports_of(path) if name.split(".")[0] == "grader")


def test_every_file_has_a_layer():
    assert [
        name_of(p) for p in host_files() if group_of(module_of(p)) in ("", "grader") and p.stem != "__init__"
    ] == []


def test_a_file_imports_lower_layers_and_its_own_package_only():
    found = [
        f"{name_of(path)}:{line}: {name}"
        for path in host_files()
        for line, name in own_imports(path)
        if not is_allowed(module_of(path), name)
    ]
    assert found == []


def test_the_layer_rule_finds_a_climb_and_a_stranger_in_the_same_layer():
    assert not is_allowed("grader.models.value", "grader.plan.CasePlan")
    assert not is_allowed("grader.judging.scoring", "grader.rubric.cases.evaluate")
    assert is_allowed("grader.engine", "grader.store.Store")


def test_the_host_shares_the_protocol_with_the_guest_and_nothing_else():
    found = [
        f"{name_of(path)}:{line}: {name}"
        for path in host_files()
        for line, name in own_imports(path)
        if name.startswith("grader.guest") and group_of(name) != "grader.guest.protocol"
    ]
    assert found == []


def test_the_guest_imports_the_standard_library_numpy_torch_and_itself():
    found = [
        f"{name_of(path)}:{line}: {name}"
        for path in files_below("grader/guest")
        for line, name in imports_of(path)
        if name.split(".")[0] not in GUEST_LIBRARIES and not f"{name}.".startswith("grader.guest.")
    ]
    assert found == []


def test_the_shared_protocol_imports_the_standard_library_only():
    found = {name.split(".")[0] for _, name in imports_of(ROOT / "grader/guest/protocol.py")}
    assert found - sys.stdlib_module_names == set()


def test_the_host_unpickles_nothing_and_never_loads_torch():
    found = [
        f"{name_of(path)}:{line}: {name}"
        for path in host_files()
        for line, name in imports_of(path)
        if name.split(".")[0] in UNSAFE_MODULES
    ]
    assert found == []


def unsafe_call(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in UNSAFE_CALLS:
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)):
            return f"{owner}.{name}" if (owner, name) in UNSAFE_METHODS else None
    return None


def test_the_host_executes_no_text():
    found = [
        f"{name_of(path)}:{call}"
        for path in host_files()
        for node in ast.walk(tree_of(path))
        if (call := unsafe_call(node)) is not None
    ]
    assert found == []


def test_no_file_is_too_long():
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in own_code()}
    assert {name: count for name, count in lines.items() if count > MAX_FILE_LINES} == {}


def test_no_function_is_too_long_without_a_reason():
    long = {
        f"{name_of(path)}: {node.name}"
        for path in files_below("grader")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    }
    assert long == set(LONG_FUNCTIONS), (
        "a new one needs splitting or a reason; one that is gone needs no reason"
    )


def test_line_1_says_the_files_job():
    silent = [
        name_of(path)
        for path in own_code()
        if path.stat().st_size and not path.read_text("utf-8").startswith('"""')
    ]
    assert silent == []
