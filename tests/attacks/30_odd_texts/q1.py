"""Hands in something that a report may stumble over."""

import numpy as np

TOOLS = (np,)
w = VARIANT
