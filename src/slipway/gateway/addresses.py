"""How many connections each client address holds, so that one caller cannot take them all."""


class Addresses:
    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[bytes, int] = {}

    def enter(self, address: bytes) -> bool:
        """Counts a connection. False if it is one too many; it still has to `leave`."""
        count = self._open.get(address, 0) + 1
        self._open[address] = count
        return not self._most or count <= self._most

    def leave(self, address: bytes) -> None:
        left = self._open.get(address, 0) - 1
        if left > 0:
            self._open[address] = left
        else:
            self._open.pop(address, None)
