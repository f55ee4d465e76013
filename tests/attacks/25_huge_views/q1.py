"""Hands in an array that would fill the machine once somebody copies it."""

import numpy as np
import torch

TOOLS = (np, torch)
w = VARIANT
