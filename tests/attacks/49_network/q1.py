"""Reaches out."""

import socket
import urllib.request

from prize import attempt

w = attempt(
    internet=lambda: socket.socket(),
    internet6=lambda: socket.socket(socket.AF_INET6),
    local=lambda: socket.socket(socket.AF_UNIX),
    pair=socket.socketpair,
    kernel=lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    packets=lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    host=lambda: socket.socket(socket.AF_VSOCK),
    name=lambda: socket.getaddrinfo("localhost.invalid", 80),
    web=lambda: urllib.request.urlopen("http://127.0.0.1/"),
)
