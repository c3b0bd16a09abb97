"""Checks of `regulars doctor` on the machine: what is installed, and whether it can run."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import regulars
from regulars.local import assets, faults, identity, postgres, processes, valkey
from regulars.local.findings import Finding, Surroundings, failed, ok, skipped, warning

ROOT = Path(regulars.__file__).resolve().parents[2]
ENOUGH_DISK = 2 * 1024**3
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


def python(here: Surroundings) -> Finding:
    """The interpreter is the one the locks were made for."""
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = ROOT / ".python-version"
    if wanted.exists() and not f"{version}.".startswith(wanted.read_text("utf-8").strip() + "."):
        return failed(version, cure="Run `make up`: it takes the version of .python-version.")
    return ok(version)


def packages(here: Surroundings) -> Finding:
    """Every package of the lock is installed in the version it names."""
    lock = ROOT / "requirements" / "local.txt"
    if not lock.exists():
        return skipped("no requirements/local.txt beside the code")
    wrong = []
    for line in lock.read_text("utf-8").splitlines():
        found = _PINNED.match(line)
        if not found or "sys_platform" in line:
            continue
        name, wanted = found.groups()
        installed = _installed(name)
        if installed != wanted:
            wrong.append(f"{name} {installed or 'missing'}, not {wanted}")
    if wrong:
        return failed("; ".join(wrong[:5]), cure="Run `make up`: it installs what is locked.")
    return ok("as locked")


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def state_folder(here: Surroundings) -> Finding:
    """The state folder can be written, or made."""
    folder = here.state.folder
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return failed(
            f"{existing} cannot be written", cure="Choose another folder: REGULARS_STATE=…"
        )
    return ok(str(folder) if existing == folder else f"{folder} (not made yet)")


def disk(here: Surroundings) -> Finding:
    """There is room for data and logs."""
    folder = here.state.folder
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    words = f"{free / 1024**3:.1f} GiB free"
    if free < ENOUGH_DISK:
        return failed(words, cure="Free some disk, or move the data: REGULARS_STATE=…")
    return ok(words)


def port(here: Surroundings) -> Finding:
    """The port of the website is free, or ours."""
    wanted = here.wishes.port
    if here.status and here.status.address.endswith(f":{wanted}"):
        return ok(f"{wanted}, ours")
    if processes.is_port_taken(wanted, host=here.wishes.host):
        return failed(
            f"{wanted} is in use by another program",
            cure=f"Choose another one: REGULARS_PORT={wanted + 1} make up",
        )
    return ok(f"{wanted}, free")


def postgres_program(here: Surroundings) -> Finding:
    """The embedded PostgreSQL runs on this machine, as a user that is not root."""
    if "DATABASE_URL" in here.environment and here.status is None:
        return skipped("DATABASE_URL replaces it")
    try:
        program = postgres.binaries() / "postgres"
    except faults.NotInstalledError as error:
        return failed(str(error), cure="Run `make up`.")
    how = identity.current()
    words = "in a user namespace" if "--pretend" in how.options else "as another user"
    return _runs([str(program), "--version"], words=words if how.options else "")


def valkey_program(here: Surroundings) -> Finding:
    """The embedded Valkey runs on this machine."""
    if "REDIS_URL" in here.environment and here.status is None:
        return skipped("REDIS_URL replaces it")
    try:
        program = valkey.binary()
    except faults.NotInstalledError as error:
        return failed(str(error), cure="Run `make up`.")
    return _runs([str(program), "--version"])


def _runs(command: list[str], *, words: str = "") -> Finding:
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return failed(str(error), cure="The wheel does not fit this machine: use a real server.")
    if result.returncode != 0:
        return failed(
            result.stderr.strip(), cure="The wheel does not fit this machine: use a real server."
        )
    return ok(f"{result.stdout.strip().split(' sha=')[0]} {words}".strip())


def front_end(here: Surroundings) -> Finding:
    """What browsers load is built and collected."""
    if given := here.environment.get("STATIC_ROOT"):
        if not Path(given, "staticfiles.json").exists():
            return failed(f"{given} is empty", cure="Run `regulars manage collectstatic`.")
        return ok(given)
    if not (assets.PACKAGE / "web" / "static" / "vendor").is_dir():
        return failed("not built", cure="Run `make up`, which builds it.")
    if not assets.Collected(here.state.folder).is_current():
        return warning("newer than what was collected", cure="Start `make up` again.")
    return ok("built and collected")


def chromium(here: Surroundings) -> Finding:
    """The browser tests find a browser and a Chinese font."""
    if not (ROOT / "tests").is_dir():
        return skipped("no tests beside the code")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    browser = next(filter(None, map(shutil.which, names)), None)
    cure = "Install the packages chromium and fonts-noto-cjk; as root `make test` does it."
    if browser is None:
        return warning("no browser: the browser tests are skipped", cure=cure)
    lister = shutil.which("fc-list")
    fonts = (
        subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, check=False).stdout
        if lister
        else b""
    )
    return ok(browser) if fonts else warning(f"{browser}, but no Chinese font", cure=cure)
