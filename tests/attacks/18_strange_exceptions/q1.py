"""Raises an exception that resists."""


class Odd(BaseException):
    pass


class Odd2(Exception):
    pass


class Raising(Exception):
    def __str__(self):
        raise Odd


class Recursing(Exception):
    def __str__(self):
        return str(self)


class NoText(Exception):
    def __str__(self):
        return 5


def chained():
    first = last = ValueError("first")
    for number in range(10_000):
        last.__cause__ = ValueError(number)
        last = last.__cause__
    last.__cause__ = first
    return first


WRONG = "w is never set"

raise VARIANT
