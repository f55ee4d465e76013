"""The probe `module`: build an `nn.Module`, say what parameters it has, load weights into them, run it
forward and backward.

It knows no parameter names. The host decides from the shapes, and from how the data flows, which weight goes where.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from grader.guest import failure
from grader.guest.probes import Answer, Request, missing, not_usable, returned, seed
from grader.guest.values import BadValue

_MAX_PARAMETERS = 4096
_MAX_DEPTH = 6


class FunctionModule(nn.Module):
    """A reference written as a function of the input and its weights, as a module with those weights as parameters."""

    def __init__(self, function: Any, weights: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self._function = function
        self._order = list(weights)
        for name, weight in weights.items():
            self.register_parameter(name, nn.Parameter(weight))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the function of `x` and the weights."""
        return self._function(x, *(getattr(self, name) for name in self._order))


class ModuleProbe:
    """One module of the submission, from its building on."""

    def __init__(self) -> None:
        self._class: Any = None
        self._module: Any = None
        self._parameters: dict[str, torch.Tensor] = {}
        self._registered: frozenset[str] = frozenset()

    def answer(self, request: Request) -> Answer:
        """Answer one of build, trace, weights, forward, modes."""
        kind = request.header["kind"]
        if kind == "build":
            return self._build(request)
        run = {
            "trace": self._trace,
            "weights": self._weights,
            "forward": self._forward,
            "modes": self._modes,
        }[kind]
        return returned(lambda: run(request), request)

    def _build(self, request: Request) -> Answer:
        name = request.header["name"]
        if name not in vars(request.module):
            return missing(request, name)
        self._class = vars(request.module)[name]
        if "weights" in request.header:
            decoder = request.decoder()
            weights = {key: decoder.decode(tree) for key, tree in request.header["weights"]}
            function, self._class = self._class, lambda: FunctionModule(function, weights)
        bits = request.header["float_bits"]
        torch.set_default_dtype(torch.float64 if bits == 64 else torch.float32)
        seed(request.header["seed"])
        try:
            self._module = self._make()
            self._settle(request)
            self._collect()
            described = [[key, list(p.shape), key in self._registered] for key, p in self._parameters.items()]
        except BadValue as error:
            return not_usable(str(error))
        except BaseException as error:
            return Answer({"kind": "raised", **failure.describe(error, request.files)})
        return Answer({"kind": "built", "parameters": described})

    def _make(self) -> nn.Module:
        module = self._class()
        if not isinstance(module, nn.Module):
            raise BadValue("it is not an nn.Module")
        return module.to(torch.get_default_dtype())

    def _settle(self, request: Request) -> None:
        """Show a module with lazy layers one input, which gives their parameters a shape."""
        if not any(is_lazy(parameter) for parameter in self._module.parameters()):
            return
        if "x" not in request.header:
            raise BadValue("it has lazy layers, whose parameters have no shape before the first input")
        with torch.no_grad():
            self._module(request.decoder().decode(request.header["x"]))

    def _collect(self) -> None:
        registered = dict(self._module.named_parameters())
        self._registered = frozenset(registered)
        self._parameters = registered | _unregistered(self._module, registered)
        if len(self._parameters) > _MAX_PARAMETERS:
            raise BadValue(f"a module of more than {_MAX_PARAMETERS} parameter tensors")

    def _trace(self, request: Request) -> Any:
        x = request.decoder().decode(request.header["x"]).requires_grad_()
        output, parameters = self._module(x), list(self._parameters.values())
        if not isinstance(output, torch.Tensor):
            return [None] * len(parameters)  # no layout makes it right; what it is, the forward check tells
        return upstream_parameters(output, x, parameters)

    def _weights(self, request: Request) -> None:
        decoder = request.decoder()
        with torch.no_grad():
            for name, tree in request.header["weights"]:
                self._parameters[name].copy_(decoder.decode(tree))

    def _forward(self, request: Request) -> Any:
        decoder = request.decoder()
        x = decoder.decode(request.header["x"])
        seed(request.header["seed"])
        if "cotangent" not in request.header:
            with torch.no_grad():
                return self._module(x)
        cotangent = decoder.decode(request.header["cotangent"])
        x.requires_grad_()
        for parameter in self._parameters.values():
            parameter.grad = None
        output = self._module(x)
        if not isinstance(output, torch.Tensor):
            raise TypeError("forward does not return a tensor")
        torch.autograd.backward(output, cotangent.to(output.dtype))
        gradients = {name: self._parameters[name].grad for name in self._registered}
        return {"x": x.grad, "parameters": dict(sorted(gradients.items()))}

    def _modes(self, request: Request) -> Any:
        """Outputs that have to be the same: in training, in evaluation, once more, and after a state-dict
        round trip."""
        x = request.decoder().decode(request.header["x"])
        copy = self._make()
        copy.load_state_dict(self._module.state_dict())
        with torch.no_grad():
            return {
                "train": self._module.train()(x.clone()),
                "eval": self._module.eval()(x.clone()),
                "again": self._module.train()(x.clone()),
                "reloaded": copy.train()(x.clone()),
            }


def upstream_parameters(output: torch.Tensor, x: torch.Tensor, parameters: list[torch.Tensor]) -> list[Any]:
    """Return for each parameter the sorted indices of those that the data has met before it; None if it meets no data.

    A parameter meets the data at the first operation that combines it, or a view of it, with something that depends on
    `x`. Two parameters of one branch are upstream of one another, two of different branches are not.
    """
    index = {id(parameter): i for i, parameter in enumerate(parameters)}
    met: dict[Any, int] = {}
    carries_data: dict[Any, bool] = {}
    found: list[Any] = [None] * len(parameters)
    for node in _post_order(output.grad_fn):
        inputs = [child for child, _ in node.next_functions if child is not None]
        leaf = getattr(node, "variable", None)
        data = [child for child in inputs if carries_data[child]]
        upstream = _union(met[child] for child in data)
        applied = _union(met[child] for child in inputs if not carries_data[child])
        if data:
            for i in _bits(applied):
                found[i] = (found[i] or 0) | upstream
        met[node] = upstream | applied | (1 << index[id(leaf)] if id(leaf) in index else 0)
        carries_data[node] = bool(data) or leaf is x
    return [None if mask is None else list(_bits(mask)) for mask in found]


def _union(masks: Iterable[int]) -> int:
    return functools.reduce(operator.or_, masks, 0)


def _post_order(root: Any) -> Iterator[Any]:
    stack, seen = [(root, False)], set()
    while stack:
        node, is_expanded = stack.pop()
        if is_expanded:
            yield node
            continue
        if node is None or node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        stack.extend((child, False) for child, _ in node.next_functions if child is not None)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _unregistered(module: nn.Module, registered: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Find parameters that hide from PyTorch in lists, dicts and plain objects; by path, in the order of
    their attributes."""
    known = {id(parameter) for parameter in registered.values()}
    found: dict[str, torch.Tensor] = {}
    seen: set[int] = set()

    def visit(item: Any, path: str, depth: int) -> None:
        if depth > _MAX_DEPTH or id(item) in seen or len(found) > _MAX_PARAMETERS:
            return
        seen.add(id(item))
        if isinstance(item, torch.Tensor):
            if item.requires_grad and item.is_leaf and id(item) not in known:
                known.add(id(item))
                found[path] = item
        elif isinstance(item, nn.Module):
            for name, parameter in item.named_parameters():
                visit(parameter, f"{path}.{name}" if path else name, depth + 1)
            for name, child in item.named_modules():
                visit(vars(child), f"{path}.{name}".strip("."), depth + 1)
        elif type(item) in (list, tuple):
            for i, entry in enumerate(item):
                visit(entry, f"{path}[{i}]", depth + 1)
        elif type(item) is dict:
            for key, entry in list(item.items()):
                if type(key) is str and key not in ("_parameters", "_modules", "_buffers"):
                    visit(entry, f"{path}.{key}".strip("."), depth + 1)

    visit(module, "", 0)
    return found
