"""Spells what it imports so that no reader finds it: the walls are in the kernel, not in the reader."""

import base64
import builtins
import importlib
import sys

from prize import attempt, call


def decoded():
    return importlib.import_module(base64.b64decode(b"c3VicHJvY2Vzcw==").decode()).run(["true"], check=True)


def executed():
    space = {}
    exec("import o" + "s; pid = o" + "s.for" + "k(); pid or o" + "s._exit(0)", space)
    return space["pid"]


def climbed():
    popen = next(c for c in object.__subclasses__() if c.__name__ == "Po" + "pen")
    return popen(["true"]).wait() == 0


def loaded():
    return call("fork") if "sandbox" else sys.modules


w = attempt(
    decoded=decoded,
    executed=executed,
    climbed=climbed,
    loaded=loaded,
    evaluated=lambda: getattr(builtins, "ev" + "al")("__import__('soc' + 'ket').socket()"),
)
