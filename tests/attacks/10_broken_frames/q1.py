"""Breaks the format of the grader's channel."""

import struct

from prize import LOADED, forge, frame

forge(LOADED, VARIANT)
