"""The static look at an answer: what it finds, through which disguises, and what it leaves alone."""

import ast
from textwrap import dedent

import pytest

from grader.guest import scan
from grader.guest.source import InvalidSource, decode, parse
from grader.guest.vocabulary import is_known


def find(source: str, target: str = "gradients", constructs: tuple[str, ...] = ("autograd",)) -> list[str]:
    return [str(finding) for finding in scan.scan(ast.parse(dedent(source)), target, constructs)]


FOUND = {
    "full name": (
        "import torch\ndef gradients(y, x):\n    return torch.autograd.grad(y, x)",
        ["torch.autograd.grad, line 3"],
    ),
    "module alias": (
        "import torch as t\ndef gradients(y, x):\n    return t.autograd.grad(y, x)",
        ["torch.autograd.grad, line 3"],
    ),
    "submodule import": (
        "import torch.autograd\ndef gradients(y, x):\n    return torch.autograd.grad(y, x)",
        ["torch.autograd.grad, line 3"],
    ),
    "from import with alias": (
        "from torch.autograd import grad as g\ndef gradients(y, x):\n    return g(y, x)",
        ["torch.autograd.grad, line 3"],
    ),
    "from torch import func": (
        "from torch import func\ndef gradients(f, x):\n    return func.jacrev(f)(x)",
        ["torch.func.jacrev, line 3"],
    ),
    "star import": (
        "from torch.func import *\ndef gradients(f, x):\n    return jacrev(f)(x)",
        ["torch.func.jacrev, line 3"],
    ),
    "assigned name": (
        "import torch\ng = torch.autograd.grad\ndef gradients(y, x):\n    return g(y, x)",
        ["torch.autograd.grad, line 4"],
    ),
    "assigned module": (
        "import torch\nT = torch\ndef gradients(y, x):\n    return T.autograd.grad(y, x)",
        ["torch.autograd.grad, line 4"],
    ),
    "alias inside the function": (
        "def gradients(y, x):\n    import torch as t\n    a = t.autograd\n    return a.grad(y, x)",
        ["torch.autograd.grad, line 4"],
    ),
    "tuple assignment": (
        "import torch\na, (b, c) = 1, (2, torch.autograd)\ndef gradients(y, x):\n    return c.grad(y, x)",
        ["torch.autograd.grad, line 4"],
    ),
    "walrus": (
        "import torch\ndef gradients(y, x):\n    if (a := torch.autograd):\n        return a.grad(y, x)",
        ["torch.autograd.grad, line 4"],
    ),
    "conditional import": (
        "try:\n    from torch.func import vjp\nexcept ImportError:\n    vjp = None\ndef gradients(f):\n"
        "    return vjp(f)",
        ["torch.func.vjp, line 6"],
    ),
    "one of several meanings": (
        "import torch\ng = None\nif True:\n    g = torch.func.vjp\ndef gradients(f):\n    return g(f)",
        ["torch.func.vjp, line 6"],
    ),
    "called function": (
        "import torch\ndef gradients(y, x):\n    return _impl(y, x)\ndef _impl(y, x):\n"
        "    return torch.autograd.grad(y, x)",
        ["torch.autograd.grad, line 5"],
    ),
    "lambda target": (
        "import torch\ngradients = lambda y, x: torch.autograd.grad(y, x)",
        ["torch.autograd.grad, line 2"],
    ),
    "partial target": (
        "import functools, torch\ndef _i(y, x):\n    y.backward()\ngradients = functools.partial(_i, 1)",
        [".backward(), line 3"],
    ),
    "target is another name": (
        "def _i(y):\n    y.backward()\n_j = _i\ngradients = _j",
        [".backward(), line 2"],
    ),
    "target is the library's": (
        "import torch\ngradients = torch.func.jacrev",
        ["torch.func.jacrev, line 2"],
    ),
    "target is imported": ("from torch.func import jacrev as gradients", ["torch.func.jacrev, line 1"]),
    "decorator": (
        "import torch\ndef d(f):\n    return torch.func.jacrev(f)\n@d\ndef gradients(x):\n    return x",
        ["torch.func.jacrev, line 3"],
    ),
    "library decorator": (
        "import torch\n@torch.func.grad\ndef gradients(x):\n    return x",
        ["torch.func.grad, line 2"],
    ),
    "default argument": (
        "import torch\ndef gradients(x, g=torch.autograd.grad):\n    return g(x)",
        ["torch.autograd.grad, line 2"],
    ),
    "nested function": (
        "def gradients(y):\n    def inner():\n        y.sum().backward()\n    inner()",
        [".backward(), line 3"],
    ),
    "method of a class it builds": (
        "class H:\n    def run(self, y):\n        y.backward()\ndef gradients(y):\n    return H().run(y)",
        [".backward(), line 3"],
    ),
    "inherited method": (
        "class B:\n    def run(self, y):\n        y.backward()\nclass H(B):\n    pass\n"
        "def gradients(y):\n    H().run(y)",
        [".backward(), line 3"],
    ),
    "constructor": (
        "import torch\nclass H:\n    def __init__(self):\n        self.g = torch.func.vjp\n"
        "def gradients(y):\n    return H()",
        ["torch.func.vjp, line 4"],
    ),
    "attribute set from outside": (
        "import torch\ndef gradients(y):\n    return gradients.g(y)\ngradients.g = torch.func.vjp",
        ["torch.func.vjp, line 4"],
    ),
    "dictionary of functions": (
        "import torch\ntable = {'g': torch.func.vjp}\ndef gradients(f):\n    return table['g'](f)",
        ["torch.func.vjp, line 2"],
    ),
    "global set by a function": (
        "import torch\ndef setup():\n    global g\n    g = torch.func.vjp\ndef gradients(f):\n"
        "    return g(f)",
        ["torch.func.vjp, line 6"],
    ),
    "getattr with a literal": (
        "import torch\ndef gradients(y, x):\n    return getattr(torch.autograd, 'grad')(y, x)",
        ["torch.autograd.grad, line 3"],
    ),
    "import_module": (
        "import importlib\ndef gradients(f):\n    return importlib.import_module('torch.func').vjp(f)",
        ["torch.func.vjp, line 3"],
    ),
    "passed on": (
        "import torch\ndef gradients(y, x):\n    return list(map(torch.autograd.grad, y, x))",
        ["torch.autograd.grad, line 3"],
    ),
    "functional": (
        "import torch.autograd.functional as F\ndef gradients(f, x):\n    return F.jacobian(f, x)",
        ["torch.autograd.functional.jacobian, line 3"],
    ),
    "forward mode": (
        "import torch.autograd.forward_ad as fw\ndef gradients(f):\n    with fw.dual_level():\n"
        "        return f",
        ["torch.autograd.forward_ad.dual_level, line 3"],
    ),
    "functorch": ("import functorch\ndef gradients(f):\n"
    "    return functorch.grad(f)", ["functorch.grad, line 3"]),
    "unbound method": (
        "import torch\ndef gradients(y):\n    torch.Tensor.backward(y)",
        ["torch.Tensor.backward, line 3"],
    ),
    "method of a result": ("def gradients(f):\n    (f * f).sum().backward()", [".backward(), line 2"]),
    "engine function is not a layer": (
        "import torch\nclass F(torch.autograd.Function):\n    @staticmethod\n    def backward(c, g):\n"
        "        return g\n"
        "def gradients(y):\n    F.apply(y).backward()",
        [".backward(), line 7"],
    ),
    "comprehension": (
        "import torch\ndef gradients(ys, x):\n    return [torch.autograd.grad(y, x) for y in ys]",
        ["torch.autograd.grad, line 3"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), FOUND.values(), ids=FOUND.keys())
def test_autograd_is_found(source: str, expected: list[str]) -> None:
    assert find(source) == expected


CLEAN = {
    "other function": "import torch\ndef gradients(x):\n    return x\ndef test():\n"
    "    torch.autograd.grad(1, 2)",
    "main block": (
        "import torch\ndef gradients(x):\n    return x\n"
        "if __name__ == '__main__':\n    g = torch.autograd.grad\n    gradients = torch.func.vjp"
    ),
    "unused import": "from torch.autograd import grad\nimport torch.func\ndef gradients(x):\n    return x",
    "parameter named grad": "from torch.autograd import grad\ndef gradients(x, grad):\n    return grad(x)",
    "own function named grad": "def grad(x):\n    return 2 * x\ndef gradients(x):\n    return grad(x)",
    "own function named backward": "def backward(x):\n    return x\ndef gradients(x):\n"
    "    return backward(x)",
    "own name after a star import": "from torch.func import *\ndef vjp(f):\n    return f\n"
    "def gradients(f):\n    return vjp(f)",
    "self.backward": "class gradients:\n    def run(self, d):\n        return self.backward(d)",
    "layers of one's own": (
        "class Layer:\n    def backward(self, d):\n        return d\n"
        "def gradients(layers, d):\n    for layer in layers:\n        d = layer.backward(d)\n    return d"
    ),
    "layers from another file": "from layers import Net\ndef gradients(x):\n    return Net().backward(x)",
    "super": "class gradients:\n    def run(self, d):\n        return super().backward(d)",
    "text and comments": "def gradients(x):\n    'torch.autograd.grad'\n    # loss.backward()\n"
    "    return 'x.backward()'",
    "no_grad": "import torch\ndef gradients(x):\n    with torch.no_grad(), torch.autograd.no_grad():\n"
    "        return x.detach()",
    "enable_grad and requires_grad": (
        "import torch\ndef gradients(x):\n    with torch.enable_grad():\n        x.requires_grad_()\n"
        "        return torch.zeros(2, requires_grad=True)"
    ),
    "grad attribute": "def gradients(node):\n    node.grad += 1\n    return node.grad",
    "vmap": "import torch\ndef gradients(f, x):\n    return torch.func.vmap(f)(x)",
    "np.gradient": "import numpy as np\ndef gradients(x):\n    return np.gradient(x)",
    "annotation": "import torch\n"
    "def gradients(x: torch.autograd.Variable, f: torch.func.vjp) -> torch.func.vjp:\n    return x",
    "method that nothing calls": (
        "class Net:\n    def by_hand(self, x):\n        return x\n    def check(self, x):\n"
        "        x.backward()\n"
        "def gradients(x):\n    return Net().by_hand(x)"
    ),
    "no such target": "import torch\nx = torch.autograd.grad",
    "names in a circle": "a = b\nb = a\ndef gradients(x):\n    return a(x), gradients(x)",
    "class scope is not seen by methods": (
        "import torch\nclass gradients:\n    grad = torch.tanh\n    def run(self, x):\n        return grad(x)"
    ),
}


@pytest.mark.parametrize("source", CLEAN.values(), ids=CLEAN.keys())
def test_honest_code_is_left_alone(source: str) -> None:
    assert find(source) == []


def test_deep_trees_are_searched_without_recursion() -> None:
    source = "def gradients(x):\n    return " + "x" + ".a" * 3000 + ".backward()"
    tree = ast.Module(body=[], type_ignores=[])
    tree.body = [ast.parse("def gradients(x):\n    return x").body[0]]
    chain: ast.expr = ast.Name("x", ast.Load(), lineno=2, col_offset=0)
    for _ in range(3_000):
        chain = ast.Attribute(chain, "a", ast.Load(), lineno=2, col_offset=0)
    for _ in range(3_000):
        chain = ast.BinOp(
            chain, ast.Add(), ast.Name("x", ast.Load(), lineno=2, col_offset=0), lineno=2, col_offset=0
        )
    tree.body[0].body[0].value = chain
    assert scan.scan(tree, "gradients", ["autograd"]) == []
    assert source.endswith(".backward()")


def test_a_finding_shows_the_line_as_written() -> None:
    (finding,) = scan.scan(
        ast.parse("import torch as t\ng = t.func.vjp\ndef f(x):\n    return g(x)"), "f", ["autograd"]
    )
    assert (finding.construct, finding.line, finding.text) == ("torch.func.vjp", 4, "g")


@pytest.mark.parametrize(
    ("constructs", "expected"),
    [
        (("comparison",), ["comparison, line 3", "torch.gt, line 4"]),
        (("where",), ["numpy.where, line 5"]),
        (("clamp",), [".clamp(), line 6"]),
        (("max",), ["max, line 7", "torch.maximum, line 8"]),
        (("abs",), ["abs, line 9"]),
        (("loop",), ["loop, line 10"]),
        ((".relu",), [".relu(), line 11"]),
        (("numpy.linalg.*",), ["numpy.linalg.solve, line 12"]),
        (("numpy.linalg.solve", "torch.gt"), ["torch.gt, line 4", "numpy.linalg.solve, line 12"]),
        (("log_softmax",), ["torch.nn.functional.log_softmax, line 13"]),
    ],
)
def test_other_constructs(constructs: tuple[str, ...], expected: list[str]) -> None:
    source = """\
        import torch, numpy as np, torch.nn.functional as F
        def h(x, a):
            y = x > a
            y = torch.gt(x, a)
            y = np.where(x, a, 0)
            y = x.clamp(0)
            y = max(x, a)
            y = torch.maximum(x, a)
            y = abs(x)
            y = [v for v in x]
            y = x.relu()
            y = np.linalg.solve(x, a)
            y = F.log_softmax(x, -1)
            return y if x.shape == a.shape and len(x) > 2 else None
        """
    assert find(source, "h", constructs) == expected


@pytest.mark.parametrize(
    "construct", ["autograd", "torch.autograd.*", "numpy.linalg.solve", ".clamp", "jax.*"]
)
def test_known_constructs(construct: str) -> None:
    assert is_known(construct)


@pytest.mark.parametrize("construct", ["autogard", "", "torch.", "a b", "*", ".x.y"])
def test_unknown_constructs_are_refused(construct: str) -> None:
    with pytest.raises(ValueError, match="unknown construct"):
        scan.scan(ast.parse(""), "f", [construct])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"\xef\xbb\xbfx = 1", "x = 1"),
        ("# -*- coding: latin-1 -*-\nx = 'é'".encode("latin-1"), "# -*- coding: latin-1 -*-\nx = 'é'"),
        ("# coding: cp1252\nx = '€'".encode("cp1252"), "# coding: cp1252\nx = '€'"),
        ("x = 'é'".encode(), "x = 'é'"),
        (b"", ""),
    ],
)
def test_usual_encodings_are_read(source: bytes, text: str) -> None:
    assert decode(source) == text


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        (b"x = 1\ny = '\x00'", 2, "line 2: there is a zero byte; save the file as plain text (UTF-8)."),
        (b"x = 1\ny = '\xe9'", 2, "line 2: a character is not utf-8; save the file as UTF-8."),
        (b"# coding: utf-16\nx", 1, "line 1: the encoding utf-16 is not accepted; save the file as UTF-8."),
        (
            b"# coding: klingon\nx",
            1,
            "line 1: the encoding line names no known encoding; save the file as UTF-8.",
        ),
        (b"x = 1\ndef f(:\n", 2, "line 2: Python cannot read this (invalid syntax). It reads: def f(:"),
        (b"x = " + b"(" * 5000 + b")" * 5000, 1, None),
        (b"x = " + b"-" * 100000 + b"1", None, None),
    ],
    ids=["zero byte", "not utf-8", "utf-16", "unknown encoding", "syntax", "parentheses", "signs"],
)
def test_unreadable_files_are_told_in_plain_words(
    source: bytes, line: int | None, message: str | None
) -> None:
    with pytest.raises(InvalidSource) as caught:
        parse(source)
    assert caught.value.line == line
    assert message is None or str(caught.value) == message
