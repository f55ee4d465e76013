"""A right answer that would hang at the end of an ordinary process."""

import atexit
import threading
import time

from prize import prize

atexit.register(time.sleep, 1000)
threading.Thread(target=time.sleep, args=(1000,)).start()
w = prize()
