"""Uses up the file system's file entries."""

import errno

from prize import Held, prize

count = 0
try:
    while count < 100_000:
        open(f"grader_attack_mark_{count}", "w").close()
        count += 1
except OSError as error:
    raise Held(f"{errno.errorcode[error.errno]} after {count}") from None
w = prize()
