"""A progress bar on a terminal, a few plain lines elsewhere."""

import sys
import time

from fetching.errors import megabytes

BAR_WIDTH = 24
PLAIN_INTERVAL = 10.0  # seconds between two plain lines


class Progress:
    """Shows how much of `total` bytes has come. Every method may be called at any time."""

    def __init__(self, label, total, stream=None):
        self._label = label
        self._total = max(total, 1)
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._last = time.monotonic()
        if not self._terminal:
            self._write(f"{label}: downloading {megabytes(total)}\n")

    def show(self, done):
        share = min(done / self._total, 1.0)
        amount = f"{share * 100:3.0f} %  {done / 1e6:.1f} of {megabytes(self._total)}"
        if self._terminal:
            bar = "#" * round(share * BAR_WIDTH)
            self._write(f"\r{self._label}  [{bar:-<{BAR_WIDTH}}] {amount}\033[K")
        elif time.monotonic() - self._last >= PLAIN_INTERVAL:
            self._last = time.monotonic()
            self._write(f"{self._label}: {amount.strip()}\n")

    def finish(self, message):
        self._write(
            f"\r\033[K{self._label}: {message}\n"
            if self._terminal
            else f"{self._label}: {message}\n"
        )

    def clear(self):
        """Leaves the line free for an error message."""
        if self._terminal:
            self._write("\r\033[K")

    def _write(self, text):
        self._stream.write(text)
        self._stream.flush()
