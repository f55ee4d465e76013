"""Sends a header that lies about what follows it."""

from prize import LOADED, forge, frame

tree = """VARIANT""" % {"nines": "9" * 100_000}
forge(LOADED, frame(b'{"kind": "returned", "value": ' + tree.encode() + b"}", bytes(8)))
