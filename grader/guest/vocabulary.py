"""The words of `forbid`: groups, dotted patterns and methods, in one table. A new group is a new row."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Nodes: TypeAlias = tuple[type[ast.AST], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What one word stands for.

    `names` and `allowed` are dotted; a last `.*` means everything below. `methods` count on any receiver
    that is not the student's own. `nodes` are kinds of syntax.
    """

    names: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    nodes: Nodes = ()


def _torch(*names: str) -> tuple[str, ...]:
    return tuple(
        f"{prefix}.{name}" for name in names for prefix in ("torch", "torch.Tensor", "torch.special")
    )


def _numpy(*names: str) -> tuple[str, ...]:
    return tuple(f"numpy.{name}" for name in names)


# autograd: asking for a derivative counts; making it possible (`requires_grad=True`, `requires_grad_()`,
# `enable_grad()`) does not, nor does a Function with a backward of the student's own: alone, these compute
# nothing.
GROUPS: dict[str, Group] = {
    "autograd": Group(
        names=(
            *(
                "torch.autograd.*",
                "torch.func.*",
                "torch._functorch.*",
                "functorch.*",
                "torch.Tensor.backward",
            ),
            *("torch._C._ImperativeEngine", "torch._C._EngineBase", "torch._C._functorch.*"),
            *("torch._C._jit_differentiate", "jax.*", "autograd.*", "tensorflow.GradientTape"),
        ),
        allowed=(
            *("torch.autograd.no_grad", "torch.autograd.enable_grad", "torch.autograd.set_grad_enabled"),
            *("torch.autograd.inference_mode", "torch.autograd.grad_mode.*", "torch.autograd.profiler.*"),
            *("torch.autograd.Variable", "torch.autograd.variable.Variable", "torch.autograd.detect_anomaly"),
            *(
                "torch.autograd.set_detect_anomaly",
                "torch.autograd.anomaly_mode.*",
                "torch.autograd.Function",
            ),
            *("torch.autograd.Function.*", "torch.autograd.function.*"),
            *("torch.func.vmap", "torch.func.functional_call", "torch.func.stack_module_state"),
            *(
                "functorch.vmap",
                "functorch.einops.*",
                "torch._functorch.apis.vmap",
                "torch._functorch.vmap.*",
            ),
            *("jax.numpy.*", "autograd.numpy.*"),
        ),
        methods=("backward",),
    ),
    "comparison": Group(
        names=(
            *_torch(
                "gt",
                "lt",
                "ge",
                "le",
                "eq",
                "ne",
                "greater",
                "less",
                "greater_equal",
                "less_equal",
                "not_equal",
            ),
            *_torch("heaviside", "sign", "sgn", "signbit"),
            *_numpy("greater", "less", "greater_equal", "less_equal", "equal", "not_equal"),
            *_numpy("heaviside", "sign", "signbit"),
            *(f"operator.{name}" for name in ("gt", "lt", "ge", "le", "eq", "ne")),
        ),
        methods=(
            "gt",
            "lt",
            "ge",
            "le",
            "eq",
            "ne",
            "greater",
            "less",
            "heaviside",
            "sign",
            "sgn",
            "signbit",
        ),
        nodes=(ast.Compare,),
    ),
    "where": Group(
        names=(*_torch("where", "masked_fill"), *_numpy("where", "select", "piecewise", "choose")),
        methods=("where", "masked_fill", "masked_fill_"),
    ),
    "clamp": Group(
        names=(*_torch("clamp", "clip", "clamp_min", "clamp_max", "hardtanh"), *_numpy("clip")),
        methods=("clamp", "clamp_", "clip", "clip_", "clamp_min", "clamp_max", "clamp_min_", "clamp_max_"),
    ),
    "max": Group(
        names=(
            *_torch("max", "min", "maximum", "minimum", "amax", "amin", "fmax", "fmin", "cummax", "cummin"),
            *_numpy("max", "min", "maximum", "minimum", "amax", "amin", "fmax", "fmin"),
            *("builtins.max", "builtins.min"),
        ),
        methods=("max", "min", "maximum", "minimum", "amax", "amin"),
    ),
    "abs": Group(
        names=(*_torch("abs", "absolute"), *_numpy("abs", "absolute", "fabs"), "builtins.abs", "math.fabs"),
        methods=("abs", "abs_", "absolute", "__abs__"),
    ),
    "log_softmax": Group(
        names=(
            *_torch("log_softmax", "logsumexp"),
            *("torch.nn.functional.log_softmax", "torch.nn.LogSoftmax"),
            *("scipy.special.log_softmax", "scipy.special.logsumexp"),
        ),
        methods=("log_softmax", "logsumexp"),
    ),
    "loop": Group(
        nodes=(ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    ),
    "import": Group(nodes=(ast.Import, ast.ImportFrom)),
}

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+(\.\*)?|[A-Za-z_]\w*\.\*")
_METHOD = re.compile(r"\.[A-Za-z_]\w*")


def is_known(construct: str) -> bool:
    """Tell whether a word of a rubric's `forbid` means something: a group, `a.b`, `a.b.*` or `.method`."""
    return construct in GROUPS or bool(_DOTTED.fullmatch(construct) or _METHOD.fullmatch(construct))


class Forbidden:
    """The constructs of one check, ready to be asked about a name, a method or a piece of syntax."""

    def __init__(self, constructs: Sequence[str]) -> None:
        """Raise ValueError for a construct that is not known."""
        for construct in constructs:
            if not is_known(construct):
                raise ValueError(f"unknown construct {construct!r}; groups are {', '.join(sorted(GROUPS))}")
        self._groups = tuple(_group(construct) for construct in constructs)
        self.nodes: dict[type[ast.AST], str] = {
            node: construct
            for construct, group in zip(constructs, self._groups, strict=True)
            for node in group.nodes
        }

    def has_name(self, dotted: str) -> bool:
        """Tell whether a library name, written out in full, is forbidden."""
        return any(
            _matches(dotted, group.names) and not _matches(dotted, group.allowed) for group in self._groups
        )

    def has_method(self, name: str) -> bool:
        """Tell whether a method of this name is forbidden on library objects."""
        return any(name in group.methods for group in self._groups)


def _group(construct: str) -> Group:
    if construct in GROUPS:
        return GROUPS[construct]
    if construct.startswith("."):
        return Group(methods=(construct[1:],))
    return Group(names=(construct,))


def _matches(dotted: str, patterns: Sequence[str]) -> bool:
    return any(
        dotted.startswith(pattern[:-1]) if pattern.endswith(".*") else dotted == pattern
        for pattern in patterns
    )
