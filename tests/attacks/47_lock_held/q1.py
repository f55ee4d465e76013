"""Holds the interpreter's lock for longer than the limit."""

import re

TOOLS = (re,)
w = VARIANT
