"""The probes `value` and `call`, and `make` for references: run one thing, hand over what came of it,
compare nothing."""

from __future__ import annotations

import difflib
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import torch

from grader.guest import failure, guard
from grader.guest.values import BadValue, Decoder, Encoder


@dataclass(frozen=True)
class Answer:
    """One frame to the host: header and array bytes."""

    header: dict[str, Any]
    body: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Request:
    """One frame from the host, and the modules that it is about."""

    header: dict[str, Any]
    body: bytes
    module: ModuleType | None
    given: ModuleType | None
    files: Collection[str]

    def decoder(self) -> Decoder:
        """Return a decoder of this request's arrays."""
        return Decoder(
            self.body,
            library=self.header.get("library", "numpy"),
            given=self.given,
            float_bits=self.header.get("float_bits", 64),
        )


def value(request: Request) -> Answer:
    """Read a module-level name."""
    name = request.header["name"]
    if name not in vars(request.module):
        return missing(request, name)
    return returned(lambda: vars(request.module)[name], request)


def call(request: Request) -> Answer:
    """Call a function by position, under the seed and the guards that the request names."""
    name = request.header["name"]
    if name not in vars(request.module):
        return missing(request, name)
    function = vars(request.module)[name]
    if not callable(function):
        return not_usable(f"{name} is not a function")
    decoder = request.decoder()
    arguments = [decoder.decode(tree) for tree in request.header["arguments"]]
    if "autograd" in request.header.get("guards", ()):
        guard.shut_autograd()
    seed(request.header["seed"])
    return returned(lambda: function(*arguments), request)


def make(request: Request) -> Answer:
    """Call a case maker of a reference file with a seeded generator and keyword arguments."""
    function = vars(request.module)[request.header["name"]]
    decoder = request.decoder()
    keywords = {key: decoder.decode(tree) for key, tree in request.header["keywords"]}
    generator = np.random.default_rng(request.header["seed"])
    return returned(lambda: function(generator, **keywords), request, given=request.given)


def returned(run: Callable[[], Any], request: Request, *, given: ModuleType | None = None) -> Answer:
    """Run, and answer with the value, or with why there is none."""
    try:
        encoded = Encoder(run(), given)  # runs student code too: the rest of a generator
        answer = Answer({"kind": "returned", "value": encoded.tree}, encoded.body)
    except BadValue as error:
        answer = Answer({"kind": "bad_value", "message": str(error)[:300]})
    except BaseException as error:
        answer = Answer({"kind": "raised", **failure.describe(error, request.files)})
    refusals = guard.refusals()
    return refused(refusals, answer.header.get("line")) if refusals else answer


def missing(request: Request, name: str) -> Answer:
    """Answer that the file defines no such name, and which one looks like it."""
    known = [key for key in vars(request.module) if type(key) is str and not key.startswith("_")]
    return Answer({"kind": "missing", "similar": difflib.get_close_matches(name, known, n=1)})


def not_usable(problem: str) -> Answer:
    """Answer that what the file defines is not the kind of thing that was asked for."""
    return Answer({"kind": "raised", "type": "TypeError", "message": problem})


def seed(number: int) -> None:
    """Seed every generator that student code is likely to use."""
    random.seed(number)
    np.random.seed(number % 2**32)
    torch.manual_seed(number)


def refused(what: Collection[str], line: int | None = None) -> Answer:
    """Answer that a guard was asked for what it forbids."""
    return Answer({"kind": "refused", "what": sorted(map(str, what))[:5], "line": line})
