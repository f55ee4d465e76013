"""Hands in a container that is hard to walk through."""


def recursive():
    items = []
    items.append(items)
    return items


def deep(levels):
    items = []
    for _ in range(levels):
        items = [items, None]
    return items


def doubling(levels):
    items = [None]
    for _ in range(levels):
        items = [items, items]
    return items


class Growing(dict):
    def items(self):
        while True:
            yield "a", 1.0


w = VARIANT
