"""How a program that refuses to run as root is started when we are root.

PostgreSQL is such a program, and a container or a fresh machine often has nobody else than root.
Where the kernel allows it the program gets a user namespace, in which root's own files belong to
somebody else: nothing on disk changes hands. Elsewhere it runs as an unprivileged user in a folder
of its own.
"""

import functools
import hashlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from regulars.local import processes

HOMES = Path("/var/lib/regulars-local")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who a program runs as: options of the launcher, and the owner its files need (None: us)."""

    options: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None


OURSELVES = Identity()


@functools.cache
def current() -> Identity:
    """Choose for this process; costs one trial of a user namespace when we are root."""
    if os.geteuid() != 0:
        return OURSELVES
    return namespaced() or dropped()


def namespaced() -> Identity | None:
    """Give the identity of a user namespace, or None where the kernel forbids them."""
    options = ("--pretend", str(unprivileged().pw_uid))
    trial = subprocess.run(
        processes.launching(["true"], identity=options),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return Identity(options=options) if trial.returncode == 0 else None


def dropped() -> Identity:
    """Give the identity of an unprivileged user; its files are handed over to it."""
    user = unprivileged()
    options = ("--become", f"{user.pw_uid}:{user.pw_gid}")
    return Identity(options=options, uid=user.pw_uid, gid=user.pw_gid)


def unprivileged() -> pwd.struct_passwd:
    """Find a user other than root, ``nobody`` by choice; initdb wants one that has a name."""
    users = [user for user in pwd.getpwall() if user.pw_uid != 0]
    named = [user for user in users if user.pw_name == "nobody"]
    if not users:
        raise OSError("This machine has no user besides root; PostgreSQL needs one to run as.")
    return (named or users)[0]


def make_home(wanted: Path, *, who: Identity) -> Path:
    """Make a private folder (0700) the identity can enter, and return where it is.

    A folder below parents that keep others out is made under ``HOMES``, with a link at ``wanted``:
    the permissions of the parents are not ours to change.
    """
    if who.uid is None or who.gid is None:
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
        return wanted.resolve()
    home = wanted.resolve()
    if not wanted.is_symlink() and not is_open_to_others(wanted.parent):
        home = HOMES / hashlib.sha256(os.fsencode(wanted.absolute())).hexdigest()[:16]
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.symlink_to(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    # All of it, because a folder that was copied belongs to whoever copied it.
    for folder, _, files in os.walk(home):
        for path in (Path(folder), *(Path(folder, name) for name in files)):
            if path.lstat().st_uid != who.uid:
                os.chown(path, who.uid, who.gid, follow_symlinks=False)
    return home


def is_open_to_others(folder: Path) -> bool:
    """Say whether any user may pass through the folder and all of its parents."""
    existing = next(path for path in (folder, *folder.parents) if path.exists()).resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (existing, *existing.parents))
