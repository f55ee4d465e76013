"""The run-time guard: each way to a derivative is refused and remembered, honest arithmetic is untouched."""

import json
import os
import select
import signal
import warnings
from textwrap import dedent
from typing import Any

import pytest
import torch
import torch._dynamo  # imported before the fork, as the fork server does

from grader.guest import guard

FILE = "answer.py"
COMMON = """
import importlib, threading, torch
import torch.autograd.forward_ad as fw
f = lambda x: (x.tanh() @ x)
x0 = torch.tensor([1.0, 2.0], dtype=torch.float64)
x = x0.clone().requires_grad_()
old = f(x)
"""


def run_shut(answer: str, before: str = "") -> dict[str, Any]:
    """Run `before`, raise the guard, call `answer()`."""
    return run_in_child(answer, before, is_guarded=True)


def run_in_child(answer: str, before: str, *, is_guarded: bool) -> dict[str, Any]:
    """Do it all in a forked child, as a job does."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = _in_child(dedent(answer), dedent(before), is_guarded)
        except BaseException as error:
            said = {"broken": repr(error)}
        os.write(write, json.dumps(said).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        if not select.select([stream], [], [], 60)[0]:
            os.kill(child, signal.SIGKILL)
        text = stream.read()
    os.waitpid(child, 0)
    said = json.loads(text or '{"broken": "no word within 60 s"}')
    assert "broken" not in said, said["broken"]
    return dict(said)


def _in_child(answer: str, before: str, is_guarded: bool) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "answer"}
    exec(COMMON + before, namespace)
    exec(compile(answer, FILE, "exec"), namespace)
    if is_guarded:
        guard.shut_autograd()
    raised, value = "", None
    try:
        warnings.simplefilter("ignore")
        value = namespace["answer"]()
    except BaseException as error:
        raised = type(error).__name__
    shown = (
        value.tolist()
        if isinstance(value, torch.Tensor)
        else value
        if isinstance(value, bool | str)
        else None
    )
    line = guard.refusal_line([FILE])
    return {"raised": raised, "value": shown, "refusals": guard.refusals(), "line": line}


REFUSED = {
    "backward": ("", "f(x).backward()"),
    "backward of a graph made earlier": ("", "old.backward()"),
    "bound method taken earlier": ("b = old.backward", "b()"),
    "unbound method": ("b = torch.Tensor.backward", "b(old)"),
    "grad": ("", "torch.autograd.grad(f(x), x)"),
    "grad taken earlier": ("from torch.autograd import grad as g", "g(old, x)"),
    "autograd.backward": ("", "torch.autograd.backward([old])"),
    "getattr": ("", "getattr(getattr(torch, 'auto' + 'grad'), 'gr' + 'ad')(old, x)"),
    "importlib": ("", "importlib.import_module('torch.' + 'autograd').grad(old, x)"),
    "functional.jacobian": ("", "torch.autograd.functional.jacobian(f, x0)"),
    "functional.hessian": ("", "torch.autograd.functional.hessian(f, x0)"),
    "functional.vjp": ("", "torch.autograd.functional.vjp(f, x0)"),
    "functional.jvp": ("", "torch.autograd.functional.jvp(f, x0, x0)"),
    "functional.hvp": ("", "torch.autograd.functional.hvp(f, x0, x0)"),
    "func.grad": ("", "torch.func.grad(f)(x0)"),
    "func.grad_and_value": ("", "torch.func.grad_and_value(f)(x0)"),
    "func.vjp": ("", "torch.func.vjp(f, x0)"),
    "func.jvp": ("", "torch.func.jvp(f, (x0,), (x0,))"),
    "func.jacrev": ("", "torch.func.jacrev(f)(x0)"),
    "func.jacrev taken earlier": ("from torch.func import jacrev", "jacrev(f)(x0)"),
    "func.jacrev applied earlier": ("J = torch.func.jacrev(f)", "J(x0)"),
    "func.grad applied earlier": ("J = torch.func.grad(f)", "J(x0)"),
    "func.jacfwd": ("", "torch.func.jacfwd(f)(x0)"),
    "func.hessian": ("", "torch.func.hessian(f)(x0)"),
    "func.linearize": ("", "torch.func.linearize(f, x0)"),
    "vjp closure taken earlier": ("_, pull = torch.func.vjp(f, x0)", "pull(torch.ones((), "
    "dtype=torch.float64))"),
    "under vmap": ("", "torch.func.vmap(torch.func.grad(f))(x0[None])"),
    "functorch's inside": ("import torch._functorch.eager_transforms as e", "e._vjp_with_argnums(f, x0)"),
    "functorch's level": ("", "torch._C._functorch._grad_increment_nesting()"),
    "functorch's level taken earlier": ("up = torch._C._functorch._jvp_increment_nesting", "up()"),
    "forward_ad": ("", "fw.dual_level().__enter__(); fw.make_dual(x0, x0)"),
    "forward_ad taken earlier": ("m = fw.make_dual; L = fw.dual_level()", "L.__enter__(); m(x0, x0)"),
    "dual level in C": ("up = torch._C._enter_dual_level", "up()"),
    "engine": ("", "torch.autograd.Variable._execution_engine.run_backward((old,), (old.detach(),), "
    "False, False, (x,))"),
    "engine taken earlier": (
        "r = torch.autograd.Variable._execution_engine.run_backward",
        "r((old,), (old.detach(),), False, False, (x,), allow_unreachable=True)",
    ),
    "a new engine": ("", "torch._C._ImperativeEngine().run_backward((old,), (old.detach(),), False, "
    "False, (x,))"),
    "engine by its class": (
        "E = torch._C._ImperativeEngine; r = E.run_backward",
        "r(E(), (old,), (old.detach(),), False, False, (x,))",
    ),
    "a subclass of the engine": (
        "class E(torch._C._ImperativeEngine): pass",
        "E().run_backward((old,), (old.detach(),), False, False, (x,))",
    ),
    "engine of autograd.graph": (
        "from torch.autograd.graph import _engine_run_backward as r",
        "r((old,), (old.detach(),), False, False, (x,), allow_unreachable=True, accumulate_grad=False)",
    ),
    "enable_grad": ("", "torch.enable_grad().__enter__(); f(x).backward()"),
    "inference_mode off": ("", "torch.inference_mode(False).__enter__(); f(x).backward()"),
    "dispatch keys": (
        "off = torch._C._dispatch_tls_set_dispatch_key_excluded",
        "off(torch._C.DispatchKey.AutogradFunctionality, False)",
    ),
    "dispatch guard": ("", "torch._C._SetExcludeDispatchKeyGuard(torch._C.DispatchKey.AutogradFunctionality, False)"),
    "optimizer's closure": ("", "torch.optim.LBFGS([x]).step(lambda: (f(x).backward(), f(x))[1])"),
    "TorchScript graph": (
        "s = torch.jit.trace(lambda x: x * x, x0) if False else None",
        "torch._C._jit_differentiate(None)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "answer"), REFUSED.values(), ids=REFUSED.keys())
def test_each_way_to_a_derivative_is_refused(before: str, answer: str) -> None:
    said = run_shut("def answer():\n    " + answer, before)
    assert said["raised"] == "AutogradRefused"
    assert said["refusals"] != []
    assert said["line"] == 2


NO_CONTROL = {
    "TorchScript graph",
    "engine by its class",
    "a subclass of the engine",
    "a new engine",
    "engine",
}


@pytest.mark.parametrize("way", sorted(REFUSED.keys() - NO_CONTROL))
def test_each_of_these_ways_is_open_without_the_guard(way: str) -> None:
    before, answer = REFUSED[way]
    said = run_in_child("def answer():\n    " + answer, before, is_guarded=False)
    assert said["raised"] == ""


def test_a_swallowed_refusal_is_remembered_with_its_line() -> None:
    said = run_shut(
        """
        def answer():
            try:
                return torch.autograd.grad(f(x), x)[0]
            except BaseException:
                return "nothing happened"
        """
    )
    assert said["raised"] == ""
    assert said["refusals"] == ["torch.autograd.grad"]
    assert said["line"] == 4


NO_GRAPH = {
    "enable_grad": ("", "with torch.enable_grad():\n        return f(x).requires_grad"),
    "set_grad_enabled": ("on = torch._C._set_grad_enabled", "on(True)\n    return f(x).requires_grad"),
    "no_grad left": ("n = torch.no_grad(); n.__enter__()", "n.__exit__(None, None, None)\n"
    "    return f(x).requires_grad"),
    "inference_mode": ("", "with torch.inference_mode(False), torch.enable_grad():\n"
    "        return f(x).requires_grad"),
    "inference mode in C": ("", "m = torch._C._InferenceMode(False)\n    return f(x).requires_grad"),
    "forced keys": (
        "",
        "on, none = torch._C._dispatch_tls_local_include_set(), "
        "torch._C.DispatchKeySet(torch._C.DispatchKey.Undefined)\n"
        "    with torch._C._ForceDispatchKeyGuard(on, none):\n        return f(x).requires_grad",
    ),
    "parameter": ("", "return torch.nn.Linear(2, 2).double()(x0).requires_grad"),
    "new thread": (
        "from _thread import start_new_thread as start",
        "said = []\n    t = threading.Thread(target=lambda: (torch.set_grad_enabled(True), "
        "said.append(f(x).requires_grad)))"
        "\n    t.start(); t.join()\n    return said[0]",
    ),
    "low-level thread taken earlier": (
        "from _thread import start_new_thread as start\nimport queue\nq = queue.Queue()",
        "start(lambda: q.put(f(x).requires_grad), ())\n    return q.get()",
    ),
    "engine function": (
        "class F(torch.autograd.Function):\n    forward = staticmethod(lambda c, x: x * 2)",
        "torch.set_grad_enabled(True)\n    return F.apply(x).requires_grad",
    ),
    "grad mode set by TorchScript": (
        "op = torch._C._jit_get_operation('aten::set_grad_enabled')[0]",
        "op(True)\n    return f(x).requires_grad",
    ),
    "dual level entered earlier": (
        "fw.enter_dual_level()",
        "return torch._VF._unpack_dual(torch._VF._make_dual(x0, x0, level=0) * 2, level=0)[1] is not None",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "answer"), NO_GRAPH.values(), ids=NO_GRAPH.keys())
def test_no_graph_is_recorded(before: str, answer: str) -> None:
    said = run_shut("def answer():\n    " + answer, before)
    assert (said["value"] is False and said["refusals"] == []) or said["raised"] == "RuntimeError", said


def test_a_thread_from_before_the_guard_is_a_violation() -> None:
    said = run_shut(
        "def answer():\n    stop.set()\n    return True",
        "stop = threading.Event()\nthreading.Thread(target=stop.wait, daemon=True).start()",
    )
    assert said["refusals"] == ["a thread that was started while the file was loaded, and still runs"]


HONEST = {
    "chain rule by hand": ("h = x0 * x0\n    return 2 * x0 * h + h", [3.0, 20.0]),
    "no_grad": ("with torch.no_grad():\n        return x0.detach().clone() * 2", [2.0, 4.0]),
    "no_grad as decorator": ("return torch.no_grad()(lambda v: v * 2)(x0)", [2.0, 4.0]),
    "inference_mode": ("with torch.inference_mode():\n        y = x0 * 2\n    return y + 0", [2.0, 4.0]),
    "enable_grad alone": ("with torch.enable_grad():\n        return x0 * 2", [2.0, 4.0]),
    "requires_grad alone": ("return (x * 2).numpy().tolist() and (x * 2)", [2.0, 4.0]),
    "einsum": ("return torch.einsum('i,j->ij', x0, x0)", [[1.0, 2.0], [2.0, 4.0]]),
    "vmap": ("return torch.func.vmap(lambda v: v @ v)(torch.stack([x0, 2 * x0]))", [5.0, 20.0]),
    "in place": ("y = x0.clone(); y[0] += 3; y.mul_(2); y.view(-1)[1:] -= 1\n    return y", [8.0, 3.0]),
    "in place on a leaf": ("x.add_(1)\n    return x.detach()", [2.0, 3.0]),
    "linear forward": (
        "m = torch.nn.Linear(2, 1).double(); m.weight.data.fill_(2.0); m.bias.data.zero_()\n    return m(x0)",
        [6.0],
    ),
    "conv": ("return torch.nn.functional.conv1d(x0[None, None], x0[None, None])[0]", [[5.0]]),
    "solve": ("return torch.linalg.solve(torch.diag(x0), x0)", [1.0, 1.0]),
    "scatter": ("return torch.zeros(2, dtype=torch.float64).index_add(0, torch.tensor([1, 1]), x0)", [0.0, 3.0]),
    "thread": (
        "out = []\n    t = threading.Thread(target=lambda a, k=1: out.append(a * k), args=(x0,), "
        "kwargs={'k': 2})"
        "\n    t.start(); t.join()\n    return out[0]",
        [2.0, 4.0],
    ),
    "own backward": ("return type('Layer', (), {'backward': lambda s, d: d * 2})().backward(x0)", [2.0, 4.0]),
    "printing": ("return str(x)", "tensor([1., 2.], dtype=torch.float64, requires_grad=True)"),
    "compile": ("return torch.compile(lambda v: v * 2, backend='eager')(x0)", [2.0, 4.0]),
    "optimizer step": (
        "p = torch.nn.Parameter(x0.clone()); p.grad = x0.clone()\n"
        "    torch.optim.SGD([p], lr=1.0).step()\n    return p.detach()",
        [0.0, 0.0],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), HONEST.values(), ids=HONEST.keys())
def test_honest_code_is_unharmed(answer: str, expected: Any) -> None:
    said = run_shut("def answer():\n    " + answer)
    assert said == {"raised": "", "value": expected, "refusals": [], "line": None}


def test_the_guard_is_down_until_it_is_raised() -> None:
    x = torch.ones(2, requires_grad=True)
    (x * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 2.0]
    assert not guard.is_shut()
    assert guard.refusals() == ()
