"""Sends an honest frame and the start of an endless one in one piece."""

import struct

from prize import LOADED, forge

forge(LOADED + struct.pack("!IQ", 0xFFFFFFFF, 0))
