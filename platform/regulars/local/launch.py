"""Becomes another program that ends with its parent and never runs as root.

Run by path with ``python -I -S launch.py``, so it imports nothing of Regulars. ``subprocess`` could
do the same in ``preexec_fn``, but that runs Python between fork and exec of a threaded parent.

    launch.py --parent PID --signal NUMBER [--pretend UID | --become UID:GID] -- PROGRAM ARGUMENT…

``--pretend`` keeps the files of root and shows the program another user (a user namespace of its
own); ``--become`` gives root up for good.
"""

import ctypes
import os
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int, signal_number: int) -> None:
    """Ask the kernel for a signal when the parent ends; leave at once if it already has."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "The kernel refused to tie this program to its parent.")
    if os.getppid() != parent:
        sys.exit(f"The parent {parent} ended before its program started.")


def pretend(uid: int) -> None:
    """Enter a user namespace in which root's files belong to ``uid``; OSError where forbidden."""
    real_uid, real_gid = os.getuid(), os.getgid()  # afterwards both read as "nobody"
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {real_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{uid} {real_gid} 1", encoding="ascii")


def become(uid: int, gid: int) -> None:
    """Drop root, its groups included, for the life of this process."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def main(arguments: list[str]) -> None:
    """Read the options before ``--`` and turn into the program after it."""
    split = arguments.index("--")
    options = dict(zip(arguments[:split:2], arguments[1:split:2], strict=True))
    program = arguments[split + 1 :]
    # A change of user clears the death signal, so it is asked for last.
    if "--pretend" in options:
        pretend(int(options["--pretend"]))
    if "--become" in options:
        uid, gid = options["--become"].split(":")
        become(int(uid), int(gid))
    end_with_parent(int(options["--parent"]), int(options["--signal"]))
    os.execvp(program[0], program)  # noqa: S606 - becoming another program is its purpose


if __name__ == "__main__":
    main(sys.argv[1:])
