"""Takes memory until there is none."""

blocks = []
while True:
    blocks.append(bytes(8 << 20))
