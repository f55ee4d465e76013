"""Leaves in an orderly way."""

import sys

from prize import prize

w = prize()
sys.exit(VARIANT)
