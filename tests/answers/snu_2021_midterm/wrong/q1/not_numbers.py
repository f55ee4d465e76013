"""Text in place of numbers."""

w = "-1 at the centre, +1 below or to the right"
