"""Hands in a right answer beside an object whose end never ends."""

from prize import prize


class Undying:
    def __del__(self):
        while True:
            pass


w = prize()
Undying()
