"""Sends a verdict instead of a value."""

from prize import LOADED, forge, frame

forge(LOADED, frame(b"""VARIANT"""))
