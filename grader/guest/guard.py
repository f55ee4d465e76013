"""Shuts PyTorch's automatic differentiation in this process: asked for it, it refuses and remembers.

Patched names alone are got round by a reference taken earlier, by `getattr`, or from a thread; a grad mode
that is off can be switched on again. So there are four layers, and most ways in meet more than one of them:

1. Front doors. The Python functions of `torch.autograd`, `torch.func` and `Tensor.backward` get new code,
   in place: the refusal comes at once, by the name that the student used, and an alias taken at import
   leads to it as well.
2. The engine. `run_backward`, the levels of `torch.func` and of forward mode, and the differentiation of
   TorchScript graphs are C functions; they are redirected in place too. Nothing walks back along a graph
   that exists already.
3. Grad mode and forward mode are off, and the C functions that switch them do nothing more: no graph comes
   into being. `no_grad`, `enable_grad` and `inference_mode` stay callable: alone, they differentiate
   nothing.
4. The Autograd dispatch keys are excluded, which stops recording where Python does not set grad mode
   (TorchScript). This state is a thread's own, so 3 and 4 are done again in each new thread before it runs
   anything.

Arithmetic is untouched: the same kernels run, one dispatch earlier. `vmap` works. What is left to a student
is ctypes, or to find the guard's own switches in memory.
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import operator
import sys
from collections.abc import Callable, Collection
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType
from typing import Any, NoReturn

import torch
import torch._functorch.apis
import torch._functorch.eager_transforms
import torch.autograd.forward_ad
import torch.autograd.functional
import torch.func

from grader.guest.redirect import RedirectError, redirect_builtin, redirect_method, redirect_python

_MAX_REFUSALS = 100
_MAX_FRAMES = 200
_C = torch._C
_FUNCTORCH = torch._C._functorch

# Everything below is looked up now, before any student code had a chance to put something else in its place.
_FRONT_DOORS: tuple[tuple[str, Any, str], ...] = (
    ("torch.autograd", torch.autograd, "grad backward"),
    ("torch.autograd.functional", torch.autograd.functional, "vjp jvp jacobian hessian vhp hvp"),
    ("torch.autograd.forward_ad", torch.autograd.forward_ad, "enter_dual_level make_dual"),
    ("torch.autograd.graph", torch.autograd.graph, "_engine_run_backward"),
    ("torch.Tensor", torch.Tensor, "backward"),
    ("torch.func", torch._functorch.apis, "grad grad_and_value"),
    ("torch.func", torch._functorch.eager_transforms, "vjp jvp jacrev jacfwd hessian linearize grad_impl"),
)
_PYTHON_FUNCTIONS: tuple[tuple[str, FunctionType], ...] = tuple(
    (f"{prefix}.{name}", getattr(owner, name))
    for prefix, owner, names in _FRONT_DOORS
    for name in names.split()
    if type(getattr(owner, name, None)) is FunctionType
)
_RUN_BACKWARD: MethodDescriptorType = _C._ImperativeEngine.run_backward
_REFUSED_IN_C: tuple[tuple[str, BuiltinFunctionType], ...] = (
    ("torch.func.grad", _FUNCTORCH._grad_increment_nesting),
    ("torch.func.jvp", _FUNCTORCH._jvp_increment_nesting),
    ("torch.autograd.forward_ad.dual_level", _C._enter_dual_level),
    ("torch._C._jit_differentiate", _C._jit_differentiate),
    ("torch._C._SetExcludeDispatchKeyGuard", _C._SetExcludeDispatchKeyGuard.__init__.__func__),
)
# Leaving a level that was never entered would hide the refusal behind an internal error of PyTorch.
_SILENT_IN_C: tuple[BuiltinFunctionType, ...] = (
    _FUNCTORCH._grad_decrement_nesting,
    _FUNCTORCH._jvp_decrement_nesting,
)
_INFERENCE_MODE: BuiltinFunctionType = _C._InferenceMode.__init__.__func__
_SET_GRAD: BuiltinFunctionType = _C._set_grad_enabled
_SET_FORWARD: BuiltinFunctionType = _C._set_fwd_grad_enabled
_EXCLUDE: BuiltinFunctionType = _C._dispatch_tls_set_dispatch_key_excluded
_EXCLUDED_KEYS = (
    _C.DispatchKey.AutogradFunctionality,
    _C.DispatchKey.AutogradOther,
    _C.DispatchKey.AutogradNestedTensor,
)
_FORCE_KEYS: BuiltinFunctionType = _C._ForceDispatchKeyGuard.__init__.__func__
_EXCLUDED_SET = functools.reduce(operator.or_, map(_C.DispatchKeySet, _EXCLUDED_KEYS))
_LEAVE_FUNC_LEVELS = _FUNCTORCH.pop_dynamic_layer_stack_and_undo_to_depth
_LEAVE_DUAL_LEVEL = _C._exit_dual_level
_IS_GRAD_ENABLED = torch.is_grad_enabled
_THREAD_STARTERS: tuple[BuiltinFunctionType, ...] = tuple(
    getattr(_thread, name)
    for name in ("start_new_thread", "start_new", "start_joinable_thread")
    if hasattr(_thread, name)
)


class AutogradRefused(RuntimeError):
    """Student code asked PyTorch for a derivative in a check that wants it written by hand."""


class GuardError(RuntimeError):
    """The guard cannot be raised on this version of PyTorch or Python: our failure, never the student's."""


class _Refusal:
    """One attempt: what was asked for, and where each frame above it stood."""

    def __init__(self, construct: str) -> None:
        self.construct = construct
        self.frames: list[tuple[str, int]] = []
        frame = sys._getframe(2)
        while frame is not None and len(self.frames) < _MAX_FRAMES:
            self.frames.append((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back  # type: ignore[assignment]  # the outermost frame has None


_refusals: list[_Refusal] = []
_is_shut = False


def shut_autograd() -> None:
    """Make every way to PyTorch's derivatives raise AutogradRefused, in this process, for good.

    A second call does nothing. Raises GuardError if a layer cannot be raised.
    """
    global _is_shut
    if _is_shut:
        return
    try:
        _note_older_threads()
        _leave_levels()
        _shut_doors()
        shut_thread = _shut_recording()
        _shut_threads(shut_thread)
    except RedirectError as error:
        raise GuardError(f"autograd cannot be shut on PyTorch {torch.__version__}: {error}") from error
    if _IS_GRAD_ENABLED():
        raise GuardError(f"autograd cannot be shut on PyTorch {torch.__version__}: grad mode stays on")
    _is_shut = True


def is_shut() -> bool:
    """Tell whether the guard is up."""
    return _is_shut


def refusals() -> tuple[str, ...]:
    """Return what was refused so far, in order, also when the student's code swallowed the exception."""
    return tuple(refusal.construct for refusal in _refusals)


def forgive() -> None:
    """Forget what was refused so far: it counts for no answer. The doors stay shut."""
    _refusals.clear()


def refusal_line(files: Collection[str]) -> int | None:
    """Return the line of the student's `files` that led to the first refused call; None if there is none."""
    for refusal in _refusals:
        for file, line in refusal.frames:
            if file in files:
                return line
    return None


def _refuse(construct: str) -> NoReturn:
    if len(_refusals) < _MAX_REFUSALS:
        _refusals.append(_Refusal(construct))
    raise AutogradRefused(
        f"{construct} is not allowed here: this question asks for the derivative written by hand, "
        "so PyTorch's automatic differentiation is switched off."
    )


def _refuser(construct: str) -> Callable[..., NoReturn]:
    def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
        _refuse(construct)

    return refuse


def _do_nothing(*_args: Any, **_kwargs: Any) -> None:
    """Stand in for a switch that no longer switches."""


def _note_older_threads() -> None:
    # Grad mode is a thread's own and cannot be switched from outside: work given to such a thread would be
    # recorded.
    if len(sys._current_frames()) > 1:
        _refusals.append(_Refusal("a thread that was started while the file was loaded, and still runs"))


def _leave_levels() -> None:
    # A level entered while the file was loaded would still differentiate.
    _LEAVE_FUNC_LEVELS(0)
    with contextlib.suppress(RuntimeError):  # none was entered
        _LEAVE_DUAL_LEVEL(level=0)


def _shut_doors() -> None:
    for construct, function in _PYTHON_FUNCTIONS:
        redirect_python(function, _refuser(construct))
    redirect_method(_RUN_BACKWARD, _refuser("torch.autograd (its engine)"))
    for construct, builtin in _REFUSED_IN_C:
        redirect_builtin(builtin, _refuser(construct))
    for builtin in _SILENT_IN_C:
        redirect_builtin(builtin, _do_nothing)


def _shut_recording() -> Callable[[], None]:
    """Switch recording off in this thread, for good; return what does it in another thread."""
    set_grad = redirect_builtin(_SET_GRAD, _do_nothing)
    set_forward = redirect_builtin(_SET_FORWARD, _do_nothing)
    exclude = redirect_builtin(_EXCLUDE, _refuser("torch._C._dispatch_tls_set_dispatch_key_excluded"))

    def shut_thread() -> None:
        set_grad(False)
        set_forward(False)
        for key in _EXCLUDED_KEYS:
            exclude(key, True)

    shut_thread()
    _redirect_inference_mode(shut_thread)
    _redirect_forced_keys()
    return shut_thread


def _redirect_inference_mode(shut_thread: Callable[[], None]) -> None:
    # To PyTorch, inference mode off means grad mode on; its end brings back the state from before.
    def start(self: Any, is_on: Any = True) -> None:
        original(self, is_on)
        shut_thread()

    original = redirect_builtin(_INFERENCE_MODE, start)


def _redirect_forced_keys() -> None:
    # torch.compile sets all keys of a thread; it may, but for ours.
    def start(self: Any, include: Any, exclude: Any) -> None:
        original(self, include, exclude | _EXCLUDED_SET)

    original = redirect_builtin(_FORCE_KEYS, start)


def _shut_threads(shut_thread: Callable[[], None]) -> None:
    """Make every thread that starts from now on shut itself before it runs anything."""

    def run(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        shut_thread()
        function(*args, **kwargs)

    for starter in _THREAD_STARTERS:
        _redirect_starter(starter, run)


def _redirect_starter(starter: BuiltinFunctionType, run: Callable[..., None]) -> None:
    no_arguments = () if starter.__name__ == "start_joinable_thread" else ((),)

    def start(function: Any, args: Any = (), kwargs: Any = None, **options: Any) -> Any:
        if not callable(function):
            raise TypeError("first arg must be callable")
        return original(functools.partial(run, function, args, kwargs or {}), *no_arguments, **options)

    original = redirect_builtin(starter, start)
