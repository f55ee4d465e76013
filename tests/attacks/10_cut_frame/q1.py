"""Announces ten bytes and sends three."""

import os
import struct

from prize import LOADED

os.write(4, LOADED + struct.pack("!IQ", 10, 0) + b"{}}")
os._exit(0)
