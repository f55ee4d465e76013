"""Runs machine code of its own: getpid as a 32-bit process would ask for it."""

import ctypes
import mmap

from prize import prize

page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(VARIANT)
ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
w = prize()
