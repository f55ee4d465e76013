"""The class of tests/test_hostile.py: hostile submissions, right ones in unusual forms, and what they are to earn."""

from __future__ import annotations

from tests.conftest import ROOT

EXAM = "snu_2021_midterm"
FULL = {
    "q1": 10, "q2": 5, "q3": 6, "q4a": 8, "q4b": 7, "q5a": 4, "q5b": 11, "q6": 8, "q7i": 4, "q7ii": 7,
}  # fmt: skip
RIGHT = {
    path.name: path.read_text("utf-8")
    for path in (ROOT / "submissions_example" / EXAM / "ada_kim").glob("*.py")
}
VERDICT = "equivalent = {'relu': True, 'sigmoid': False, 'leaky_relu': True}\n"
MOMENTS = "def output_moments(n, s):\n    m, v = 0.5, n * s**2 * 1.25 / 16\n    return "

FORGE = """
import os, json, struct
def frame(header, body=b""):
    head = json.dumps(header).encode()
    return struct.pack("!IQ", len(head), len(body)) + head + body
def send(header, body=b""):
    os.write(4, frame(header, body))
ANSWER = {"dict": [["relu", True], ["sigmoid", False], ["leaky_relu", True]]}
"""

HIJACK = (
    FORGE
    + """
def take(count):
    found = b""
    while len(found) < count:
        found += os.read(3, count - len(found)) or os._exit(0)
    return found
def impersonate(parameters, **replies):
    send({"kind": "loaded", "spoils": False})
    while True:
        head, body = struct.unpack("!IQ", take(12))
        kind = json.loads(take(head))["kind"]
        take(body)
        if kind == "build":
            reply = frame({"kind": "built", "parameters": parameters})
        elif kind == "value":
            reply = frame({"kind": "missing"})
        else:
            reply = replies.get(kind) or frame({"kind": "returned", "value": None})
        while reply:
            reply = reply[os.write(4, reply):]
SHAPES = [[4, 256, 1, 1], [4], [4, 4, 3, 3], [4], [256, 4, 1, 1], [256]] * 32
NAMED = [[f"w{i}", shape, True] for i, shape in enumerate(SHAPES)]
ZEROS = frame({"kind": "returned", "value": {"array": ["float64", [2, 256, 8, 8], "tensor"]}}, bytes(8 * 2 * 256 * 64))
"""
)

# Takes the calls from the pipe itself, before the driver has a chance to shut autograd.
PLAYS_THE_DRIVER = (
    HIJACK
    + """
import numpy, torch, given
def differentiated(tree, body, leaves):
    ((word, content),) = tree.items()
    if word == "given":
        return getattr(given, content)
    if word == "list":
        return [differentiated(item, body, leaves) for item in content]
    size = int(numpy.prod(content[1], dtype=int))
    leaf = torch.frombuffer(bytearray(body[:8 * size]), dtype=torch.float64).reshape(content[1])
    leaves.append(leaf.requires_grad_())
    del body[:8 * size]
    return leaves[-1]
def play():
    send({"kind": "loaded", "spoils": False})
    while True:
        head, size = struct.unpack("!IQ", take(12))
        trees, leaves, body = json.loads(take(head))["arguments"], [], bytearray(take(size))
        A, b, y, sigma = (differentiated(tree, body, leaves) for tree in trees[:4])
        for k in range(len(A) - 1):
            y = sigma(A[k] @ y + b[k]) + (y if k else 0)
        getattr((A[-1] @ y + b[-1]).sum(), "back" + "ward")()
        lists = [{"list": [{"array": ["float64", list(t.shape), "tensor"]} for t in part]} for part in (A, b)]
        data = b"".join(t.grad.numpy().tobytes() for t in A + b)
        reply = frame({"kind": "returned", "value": {"tuple": lists}}, data)
        while reply:
            reply = reply[os.write(4, reply):]
def gradients(*a): raise ValueError
jacobians = gradients
play()
"""
)


def changed_layer(body: str, init: str = "pass") -> str:
    """q5 of the right submission, its layer changed."""
    return f"""{RIGHT["q5.py"]}
Base = STMConvLayer
class STMConvLayer(Base):
    def __init__(self):
        super().__init__()
        {init}
    {body}
"""


# name: (file, source, points by part, status of a check in each of these parts)
HOSTILE: dict[str, tuple[str, str | bytes, dict[str, float], str]] = {
    # A child that is gone, or hangs.
    "exits_at_import": ("q3.py", "import os; os._exit(0)", {"q3": 0}, "error"),
    "exits_in_a_call": ("q4.py", "import os\ndef output_moments(n, s): os._exit(0)", {"q4a": 0}, "error"),
    "system_exit": ("q3.py", "import sys; sys.exit(0)", {"q3": 0}, "error"),
    "keyboard_interrupt": ("q3.py", "raise KeyboardInterrupt", {"q3": 0}, "error"),
    "sleeps": ("q3.py", "import time; time.sleep(99)", {"q3": 0}, "timeout"),
    "recursion": ("q4.py", "def output_moments(n, s): return output_moments(n, s)", {"q4a": 0}, "error"),
    "memory": ("q3.py", "x = bytearray(1 << 36)", {"q3": 0}, "memory"),
    "closes_its_files": ("q3.py", VERDICT + "import os; os.closerange(0, 99)", {"q3": 0}, "error"),
    "closes_its_inbox": ("q3.py", VERDICT + "import os; os.close(3)", {"q3": 0}, "error"),
    # Exceptions that fight back.
    "message_raises": (
        "q3.py",
        "class E(Exception):\n def __str__(self): raise SystemExit\nraise E",
        {"q3": 0},
        "error",
    ),
    "message_is_no_utf8": ("q3.py", "raise ValueError('\\ud800')", {"q3": 0}, "error"),
    "type_has_no_name": (
        "q3.py",
        "class M(type):\n @property\n def __name__(c): raise KeyError\nclass E(Exception, metaclass=M): pass\nraise E",
        {"q3": 0},
        "error",
    ),
    # Frames out of turn.
    "loaded_twice": ("q3.py", FORGE + "send({'kind': 'loaded', 'spoils': False})\n" + VERDICT, {"q3": 0}, "invalid"),
    "answers_before_asked": ("q3.py", FORGE + "send({'kind': 'returned', 'value': ANSWER})", {"q3": 0}, "invalid"),
    "half_a_frame": ("q3.py", FORGE + "os.write(4, frame({'kind': 'loaded'})[:-3])\n" + VERDICT, {"q3": 0}, "invalid"),
    "huge_frame": ("q3.py", FORGE + "os.write(4, struct.pack('!IQ', 2**32 - 1, 2**63))", {"q3": 0}, "invalid"),
    "nested_header": (
        "q3.py",
        FORGE + "os.write(4, struct.pack('!IQ', 90000, 0) + b'[' * 90000)",
        {"q3": 0},
        "invalid",
    ),
    "huge_shape": (
        "q3.py",
        FORGE + "send({'kind': 'loaded', 'spoils': False})\n"
        "send({'kind': 'returned', 'value': {'array': ['float64', [2, 0, 67108864, 67108864], 'tensor']}})",
        {"q3": 0},
        "failed",
    ),
    "control_codes": (
        "q3.py",
        FORGE + "send({'kind': 'loaded', 'spoils': False})\n"
        "send({'kind': 'returned', 'value': {'given': 'tanh\\x1b[2J'}})",
        {"q3": 0},
        "invalid",
    ),
    "hides_its_scan": (
        "q7.py",
        FORGE + "send({'kind': 'scanned', 'findings': []})\n" + RIGHT["q7.py"]
        + "\nold = gradients\ndef gradients(*a):\n    a[2].requires_grad_().sum().backward()\n    return old(*a)\n",
        {"q7i": 0, "q7ii": 0},
        "invalid",
    ),
    "plays_the_driver": ("q7.py", PLAYS_THE_DRIVER, {"q7ii": 0}, "error"),
    # The grader's own modules.
    "patches_json": ("q3.py", VERDICT + "import json\njson.dumps = lambda *a, **k: '[]'", {"q3": 0}, "invalid"),
    "patches_write": ("q3.py", VERDICT + "import os\nos.write = lambda *a: 0", {"q3": 0}, "timeout"),
    "patches_the_driver": (
        "q3.py",
        VERDICT + "import sys\nsys.modules['grader.guest.driver']._write = lambda *a: os._exit(1)",
        {"q3": 0},
        "error",
    ),
    # Sources.
    "syntax_error": ("q3.py", "def (", {"q3": 0}, "error"),
    "zero_byte": ("q3.py", b"x = 1\0", {"q3": 0}, "error"),
    "latin_undeclared": ("q3.py", b"# caf\xe9\n", {"q3": 0}, "error"),
    "nested_source": ("q3.py", "x = " + "-" * 100_000 + "1", {"q3": 0}, "error"),
    # Values.
    "endless_generator": (
        "q4.py",
        "def output_moments(n, s):\n    while True: yield 1",
        {"q4a": 0},
        "invalid",
    ),
    "endless_array": ("q1.py", "import torch\nw = torch.ones(1).expand(10**12)", {"q1": 0}, "invalid"),
    "endless_objects": (
        "q1.py",
        "import numpy as np\nw = np.broadcast_to(np.array(None), 10**12)",
        {"q1": 0},
        "invalid",
    ),
    "endless_range": ("q1.py", "w = range(10**12)", {"q1": 0}, "invalid"),
    "array_in_itself": (
        "q1.py",
        "import numpy as np\nw = np.array(None, dtype=object)\nw[()] = w",
        {"q1": 0},
        "invalid",
    ),
    "half_precision": ("q4.py", "import torch\n" + MOMENTS + "torch.tensor([m, v]).half()", {"q4a": 0}, "failed"),
    "nan": ("q4.py", MOMENTS + "float('nan'), float('inf')", {"q4a": 0}, "failed"),
    # Claims about modules.
    "one_name_for_all": ("q5.py", HIJACK + "impersonate([['w', s, True] for s in SHAPES])", {"q5b": 0}, "invalid"),
    "negative_shape": ("q5.py", HIJACK + "impersonate([['w', [-1], True]])", {"q5b": 0}, "invalid"),
    "endless_shape": ("q5.py", HIJACK + "impersonate([['w', [1 << 26] * 60000, True]])", {"q5b": 0}, "invalid"),
    "endless_parameters": (
        "q5.py",
        HIJACK + "impersonate([[f'w{i}', [1 << 26] * 9, True] for i in range(4096)])",
        {"q5b": 0},
        "invalid",
    ),
    "names_fill_the_frame": (
        "q5.py",
        HIJACK + "impersonate([['\\U0001f600' * 452 + n, s, True] for n, s, _ in NAMED])",
        {"q5b": 2},
        "invalid",
    ),
    "claims_zeros": ("q5.py", HIJACK + "impersonate(NAMED, forward=ZEROS)", {"q5b": 2}, "invalid"),
    "claims_a_wild_flow": (
        "q5.py",
        HIJACK + "impersonate(NAMED, forward=ZEROS, trace=frame({'kind': 'returned', 'value':"
        " {'array': ['int64', [192, 9000], 'tensor']}}, bytes(8 * 192 * 9000)))",
        {"q5b": 2},
        "failed",
    ),
    "class_lies": (
        "q5.py",
        "import torch\nclass STMConvLayer:\n    __class__ = torch.nn.Module\n    def to(self, d): return self\n"
        "    def parameters(self): return []\n    def named_parameters(self): return {1: 2, 'a': self}\n",
        {"q5b": 0},
        "error",
    ),
    "not_a_module": ("q5.py", "STMConvLayer = dict", {"q5b": 0}, "error"),
    "output_in_a_tuple": (
        "q5.py",
        changed_layer("def forward(self, x): return super().forward(x), 1"),
        {"q5b": 2.5},
        "failed",
    ),
    "counts_its_calls": (
        "q5.py",
        changed_layer(
            "n = 0\n    def forward(self, x):\n        self.n += 1\n"
            "        return super().forward(x) * (self.n < 3)"
        ),
        {"q5b": 2.5},
        "failed",
    ),
    "remembers_the_first_input": (
        "q5.py",
        changed_layer(
            "memo = None\n    def forward(self, x):\n"
            "        if self.memo is None: self.memo = super().forward(x)\n        return self.memo"
        ),
        {"q5b": 2},
        "failed",
    ),
}  # fmt: skip

# name: (file, source, points): what is right in an unusual form earns all.
UNUSUAL: dict[str, tuple[str, str | bytes, dict[str, float]]] = {
    "prints_much": ("q3.py", VERDICT + "for _ in range(100): print('x' * (1 << 20))", {"q3": 6}),
    "byte_order_mark": ("q3.py", b"\xef\xbb\xbf" + VERDICT.encode(), {"q3": 6}),
    "latin_declared": ("q3.py", b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + VERDICT.encode(), {"q3": 6}),
    "long_line": ("q3.py", VERDICT + "x = '" + "a" * 900_000 + "'", {"q3": 6}),
    "defaultdict": (
        "q3.py",
        VERDICT + "import collections as c\nequivalent = c.defaultdict(bool, equivalent)",
        {"q3": 6},
    ),
    "counter": ("q3.py", VERDICT + "import collections as c\nequivalent = c.Counter(equivalent)", {"q3": 6}),
    "numpy_texts": (
        "q3.py",
        VERDICT + "import numpy as np\nequivalent = {np.str_(k): np.str_(v) for k, v in equivalent.items()}",
        {"q3": 6},
    ),
    "integer_enum": (
        "q3.py",
        VERDICT + "import enum\nE = enum.IntEnum('E', {'N': 0, 'Y': 1})\n"
        "equivalent = {k: E(v) for k, v in equivalent.items()}",
        {"q3": 6},
    ),
    "fractions": ("q4.py", "from fractions import Fraction\n" + MOMENTS + "Fraction(1, 2), Fraction(v)", {"q4a": 8}),
    "decimals": ("q4.py", "from decimal import Decimal\n" + MOMENTS + "Decimal('0.5'), Decimal(v)", {"q4a": 8}),
    "long_doubles": ("q4.py", "import numpy as np\n" + MOMENTS + "np.array([m, v], dtype=np.longdouble)", {"q4a": 8}),
    "numpy_scalars": ("q4.py", "import numpy as np\n" + MOMENTS + "np.float64(m), np.array(v)", {"q4a": 8}),
    "object_array": ("q4.py", "import numpy as np\n" + MOMENTS + "np.array([m, v], dtype=object)", {"q4a": 8}),
    "named_tuple": (
        "q4.py",
        "from collections import namedtuple\nT = namedtuple('T', 'a b')\n" + MOMENTS + "T(m, v)",
        {"q4a": 8},
    ),
    "list_of_its_own_kind": ("q4.py", "class L(list): pass\n" + MOMENTS + "L([m, v])", {"q4a": 8}),
    "float_of_its_own_kind": ("q4.py", "class F(float): pass\n" + MOMENTS + "[F(m), F(v)]", {"q4a": 8}),
    "generator": ("q4.py", MOMENTS + "(t for t in (m, v))", {"q4a": 8}),
    "map": ("q4.py", MOMENTS + "map(float, (m, v))", {"q4a": 8}),
    "deque": ("q4.py", "from collections import deque\n" + MOMENTS + "deque([m, v])", {"q4a": 8}),
    "reversed_array": ("q4.py", "import numpy as np\n" + MOMENTS + "np.array([v, m])[::-1]", {"q4a": 8}),
    "tensor_with_gradient": (
        "q4.py",
        "import torch\n" + MOMENTS + "torch.tensor([m, v], dtype=torch.float64, requires_grad=True) * 1",
        {"q4a": 8},
    ),
    "object_that_is_called": (
        "q4.py",
        "class C:\n    def __call__(self, a, b, extra=0): return 0.5, a * b**2 * 1.25 / 16\noutput_moments = C()",
        {"q4a": 8},
    ),
    "cached_function": (
        "q4.py",
        "import functools\n@functools.lru_cache\ndef output_moments(a, b): return 0.5, a * b**2 * 1.25 / 16",
        {"q4a": 8},
    ),
    "parameter": ("q1.py", RIGHT["q1.py"] + "w = torch.nn.Parameter(w)", {"q1": 10}),
    "other_strides": ("q1.py", RIGHT["q1.py"] + "w = w.contiguous(memory_format=torch.channels_last)", {"q1": 10}),
    "matrices": (
        "q1.py",
        RIGHT["q1.py"] + "import numpy as np\nw = [[np.asmatrix(k) for k in f] for f in w.tolist()]",
        {"q1": 10},
    ),
    "object_array_of_numbers": ("q1.py", RIGHT["q1.py"] + "w = w.numpy().astype(object)", {"q1": 10}),
    "trajectory_by_yield": (
        "q6.py",
        RIGHT["q6.py"]
        .replace("trajectory.append(theta)", "yield theta")
        .replace("    return torch.stack(trajectory)\n", ""),
        {"q6": 8},
    ),
    "lazy_layers": ("q5.py", RIGHT["q5.py"].replace("Conv2d(256, 4, 1)", "LazyConv2d(4, 1)"), {"q5a": 4, "q5b": 11}),
    "half_precision_parameters": ("q5.py", changed_layer("", "self.half()"), {"q5b": 11}),
    "layer_from_a_function": (
        "q5.py",
        RIGHT["q5.py"] + "Layer = STMConvLayer\ndef STMConvLayer(): return Layer()",
        {"q5a": 4, "q5b": 11},
    ),
    "spies_on_what_is_asked": (
        "q5.py",
        changed_layer(
            "def forward(self, x):\n        import sys\n        frame = sys._getframe()\n        while frame:\n"
            "            if frame.f_code.co_name == '_trace': return x * 0\n            frame = frame.f_back\n"
            "        return super().forward(x)"
        ),
        {"q5b": 11},
    ),
    "own_test_at_the_end": (
        "q7.py",
        RIGHT["q7.py"] + "\nt = torch.ones(2, requires_grad=True)\nt.sum().backward()\nassert t.grad.sum() == 2\n",
        {"q7i": 4, "q7ii": 7},
    ),
    "own_test_that_may_fail": (
        "q7.py",
        RIGHT["q7.py"] + "\ntry:\n    torch.ones(2, requires_grad=True).sum().backward()\nexcept RuntimeError: pass\n",
        {"q7i": 4, "q7ii": 7},
    ),
    "searches_for_answers": (
        "q4.py",
        # The words are written backwards, so that it does not find its own.
        "import gc\nwords = [''.join(reversed(w)) for w in ('epols_tuohtiw_stnemom', 'ecnairav sti ton')]\n"
        "def output_moments(n, s):\n    v = n * s**2 * 1.25 / 16\n"
        "    for thing in gc.get_objects():\n"
        "        if type(thing) not in (list, tuple, dict) or thing is words: continue\n"
        "        for item in list(thing.values()) if type(thing) is dict else thing:\n"
        "            assert not (type(item) is float and item == v), 'an expected number'\n"
        "            assert not (type(item) is str and any(w in item for w in words)), 'the rubric'\n"
        "    return 0.5, v\n",
        {"q4a": 8},
    ),
}  # fmt: skip

# Added to the first file of a right submission: the other files keep their marks.
LEAKS: dict[str, str] = {
    "default_dtype": "torch.set_default_dtype(torch.float16)",
    "default_device": "torch.set_default_device('meta')",
    "grad_mode": "torch.set_grad_enabled(False)",
    "inference_mode": "torch.inference_mode().__enter__()",
    "numpy_errors": "import numpy as np\nnp.seterr(all='raise')",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "recursion_limit": "import sys\nsys.setrecursionlimit(60)",
    "working_folder": "import os\nos.chdir('/')",
    "patched_by_name": "torch.relu = torch.nn.functional.relu = torch.tanh = torch.zeros_like",
    "patched_in_a_tuple": "torch.outer, torch.stack = None, None",
    "patched_in_a_loop": "for torch.tanh in [None]: pass",
    "patched_with_an_annotation": "torch.Tensor.clone: object = None",
    "patched_behind_a_semicolon": "x = 1; torch.nn.Sequential.forward = None",
    "patched_in_its_dict": "torch.__dict__.update(zeros=None, tanh=None, eye=None)",
    "deleted": "del torch.stack",
    "hook_on_all_modules": "torch.nn.modules.module.register_module_forward_hook(lambda *a: torch.zeros(1))",
    "no_library": "import sys\nsys.modules['torch'] = None",
    "thread": "import threading\ndef spin():\n    while True: torch.set_default_dtype(torch.float16)\n"
    "threading.Thread(target=spin, daemon=True).start()",
    "frames_in_advance": FORGE + "for _ in range(99): send({'kind': 'returned', 'value': None})",
    "closes_its_inbox": "import os\nos.close(3)",
}

# Helper files beside a right submission, which takes no notice or is right to use them.
HELPERS: dict[str, dict[str, str]] = {
    "named_like_libraries": dict.fromkeys(
        ("numpy.py", "torch.py", "given.py", "sitecustomize.py", "json.py", "grader.py"), "raise SystemExit\n"
    ),
    "odd_names": {
        "a\nb.py": "",
        "=cmd.py": "",
        "\u202egnp.py": "",
        "x" * 200 + ".py": "",
        "q1/__init__.py": "1/0",
    },
    "in_a_circle": {"q3.py": "import q4\n" + VERDICT, "q4.py": "import q3\n" + RIGHT["q4.py"]},
    "sets_a_default_at_import": {
        "setup_double.py": "import torch\ntorch.set_default_dtype(torch.float64)\n",
        "q3.py": "import setup_double\n" + VERDICT,
        "q1.py": "import setup_double\n" + RIGHT["q1.py"] + "assert w.dtype == torch.float64\n",
    },
    "counts_its_imports": {
        "counter.py": "calls = []\n",
        "q1.py": "import counter\ncounter.calls.append(1)\n" + RIGHT["q1.py"],
        "q3.py": "import counter\nassert not counter.calls\n" + VERDICT,
    },
}
