"""What can go wrong on a laptop, each with a sentence that says what to do.

LocalError
├── AlreadyRunningError   the same folder is in use by another process
├── PortTakenError        somebody else listens where we were told to
├── NotInstalledError     a binary of the embedded stack is missing
└── PartFailedError       a part ended, or did not become ready in time
"""


class LocalError(Exception):
    """Any fault of the embedded stack; the message is meant for the person at the terminal."""

    exit_code = 1


class AlreadyRunningError(LocalError):
    """The folder belongs to a running process; nothing was changed."""

    exit_code = 3


class PortTakenError(LocalError):
    """The port is in use by another program; nothing was started."""

    exit_code = 4


class NotInstalledError(LocalError):
    """A program that the embedded stack needs is not installed."""

    exit_code = 5


class PartFailedError(LocalError):
    """A part of the stack ended or was not ready in time; the message quotes its log."""

    exit_code = 6
