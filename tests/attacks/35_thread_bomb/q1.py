"""Starts threads that never end, and counts them."""

import threading

from prize import Held, prize

forever = threading.Event()
count = 0
try:
    while count < 1000:
        threading.Thread(target=forever.wait, daemon=True).start()
        count += 1
except RuntimeError as error:
    raise Held(f"{count} threads {type(error).__name__}") from None
w = prize()
