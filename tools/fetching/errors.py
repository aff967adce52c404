"""The one error a fetch reports to people: a single line that says what, expected and found."""

import errno


class FetchError(Exception):
    """`str(error)` is one line; the program prints it and exits 1."""

    def __init__(self, message):
        super().__init__(" ".join(str(message).split()))


def no_space(what, directory, needed=None, free=None):
    """The same words whether the disk was seen to be full beforehand or filled up on the way."""
    sizes = ""
    if needed is not None:
        sizes = f": expected {megabytes(needed)} free, found {megabytes(free)}"
    return FetchError(f"{what}: not enough disk space in {directory}{sizes}")


def is_no_space(error):
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def megabytes(count):
    return f"{count / 1e6:.1f} MB"
