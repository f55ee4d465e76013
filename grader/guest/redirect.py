"""Redirects functions in place, so that a reference somebody took earlier leads to the new code too.

Giving a module a new attribute does not reach `g = torch.autograd.grad`, written before. So the function
object itself is changed: a Python function gets another code object; a C function object gets
`PyObject_Call` as its body and our Python callable as its `self`; a C method gets `PyObject_Call` as its
body, and its type becomes callable. The layouts are those of CPython 3.11 to 3.14; each write first finds
the function's own name where the layout says it is.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from types import BuiltinFunctionType, CodeType, FunctionType, MethodDescriptorType
from typing import Any

_VARARGS_AND_KEYWORDS = 3
_DESCRIPTOR_DEFINITION = 5 * ctypes.sizeof(ctypes.c_void_p)
_TYPE_CALL = 16 * ctypes.sizeof(ctypes.c_void_p)
_KEPT: list[Any] = []


class RedirectError(RuntimeError):
    """A function does not have the layout that we know; nothing was changed."""


class _Definition(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("call", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


class _BuiltinFunction(ctypes.Structure):
    _fields_ = (
        ("reference_count", ctypes.c_ssize_t),
        ("type", ctypes.c_void_p),
        ("definition", ctypes.POINTER(_Definition)),
        ("self", ctypes.c_void_p),
        ("module", ctypes.c_void_p),
        ("weak_references", ctypes.c_void_p),
        ("vectorcall", ctypes.c_void_p),
    )


def redirect_python(function: FunctionType, handler: Callable[[], Any]) -> None:
    """Make a Python function call `handler()`, whatever its arguments. Raises RedirectError on a closure."""
    if function.__code__.co_freevars:
        raise RedirectError(f"{function.__qualname__} is a closure")
    function.__code__ = _code_that_calls(handler, function.__code__)
    function.__kwdefaults__ = None
    function.__defaults__ = None


def redirect_builtin(function: BuiltinFunctionType, handler: Callable[..., Any]) -> Callable[..., Any]:
    """Make a C function call `handler(*args, **kwargs)`; return a function that does what it did.

    Raises RedirectError if the object is not laid out as expected.
    """
    if type(function) is not BuiltinFunctionType or sys.implementation.name != "cpython":
        raise RedirectError(f"{function!r} is not a C function")
    raw = _BuiltinFunction.from_address(id(function))
    definition = raw.definition.contents
    if raw.type != id(BuiltinFunctionType) or definition.name != function.__name__.encode():
        raise RedirectError(f"{function.__name__} is not laid out as expected")
    original = _new_function(ctypes.addressof(definition), raw.self, raw.module)
    ours = _Definition(definition.name, _call_address(), _VARARGS_AND_KEYWORDS, definition.doc)
    _KEPT.extend((ours, handler, function))
    raw.vectorcall = None  # CPython then calls through the definition
    raw.definition = ctypes.pointer(ours)
    raw.self = id(handler)
    return original


def redirect_method(method: MethodDescriptorType, handler: Callable[..., Any]) -> None:
    """Make a C method call `handler(self, *args, **kwargs)`, bound methods taken earlier included.

    Instances of the method's type become callable. Raises RedirectError if it is not laid out as expected.
    """
    if type(method) is not MethodDescriptorType:
        raise RedirectError(f"{method!r} is not a C method")
    address = ctypes.c_void_p.from_address(id(method) + _DESCRIPTOR_DEFINITION)
    definition = ctypes.cast(address, ctypes.POINTER(_Definition)).contents
    if definition.name != method.__name__.encode() or definition.flags != _VARARGS_AND_KEYWORDS:
        raise RedirectError(f"{method.__name__} is not laid out as expected")
    owner = method.__objclass__
    if "__call__" in vars(owner):
        raise RedirectError(f"{owner.__name__} is callable already")
    # A static type cannot be assigned to from Python; its dictionary and its slot can be written.
    (namespace,) = (found for found in gc.get_referents(vars(owner)) if type(found) is dict)
    namespace["__call__"] = handler
    types = [owner]
    for kind in types:  # grows: a subclass made earlier has a slot of its own
        types.extend(type.__subclasses__(kind))
        slot = ctypes.c_void_p.from_address(id(kind) + _TYPE_CALL)
        if not slot.value:
            slot.value = ctypes.c_void_p.from_address(id(_Callable) + _TYPE_CALL).value
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
    definition.call = _call_address()


class _Callable:
    def __call__(self) -> None:
        """Exist, so that this type's slot holds the C function that looks `__call__` up."""


def _template(*_args: Any, **_kwargs: Any) -> Any:
    handler: Any = "the handler goes here"
    return handler()


def _code_that_calls(handler: Callable[[], Any], old: CodeType) -> CodeType:
    template = _template.__code__
    constants = tuple(handler if item == "the handler goes here" else item for item in template.co_consts)
    return template.replace(co_consts=constants, co_name=old.co_name, co_filename=old.co_filename)


def _new_function(definition: int, owner: int | None, module: int | None) -> Callable[..., Any]:
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype = ctypes.py_object
    make.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    function: Callable[..., Any] = make(definition, owner, module)
    return function


def _call_address() -> int:
    return ctypes.cast(ctypes.pythonapi.PyObject_Call, ctypes.c_void_p).value or 0
