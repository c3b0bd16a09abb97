"""The child process that draws one uploaded picture anew: limits first, then standard input.

Run as ``python -I -m regulars.complaints.redrawing``. It writes a JPEG to standard output, and with
`WITH_SMALL` a second, small one (see `split`), or ends with one of the codes below. It knows
neither the name of the file nor the environment of its parent, and can open no file for writing.
Nothing of the upload but its colours is in what it writes: no place, no camera, no comment, no
preview, no second picture.
"""

import struct
import sys
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Final

from regulars import restraint

if TYPE_CHECKING:  # the server imports this module for its figures, and has no need of Pillow
    from PIL import Image

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 3_000  # pixels of what is kept; enough to see a scratch
WITH_SMALL: Final = "with-small"
SMALL_SIDE: Final = 240  # pixels of what is shown in a form
DAMAGED: Final = 3
TOO_MANY_PIXELS: Final = 4
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_QUALITY: Final = 88
_MEMORY: Final = 1024 * 1024 * 1024
_SECONDS: Final = 20


def main() -> int:
    """Draw what is on standard input anew."""
    restraint.restrain(cpu_seconds=_SECONDS, memory_bytes=_MEMORY, address_bytes=2 * _MEMORY)
    from PIL import Image, ImageOps

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as checked:
            if checked.width * checked.height > MOST_PIXELS:
                return TOO_MANY_PIXELS
            checked.verify()
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read at half its size
            picture.load()
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # first: what follows copies
            kept = on_white(ImageOps.exif_transpose(picture))
            whole = as_jpeg(kept)
            if WITH_SMALL in sys.argv[1:]:
                kept.thumbnail((SMALL_SIDE, SMALL_SIDE))
                whole = struct.pack(">I", len(whole)) + whole + as_jpeg(kept)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_MANY_PIXELS
    except Exception:  # noqa: BLE001  (whatever a hostile file provokes ends here)
        return DAMAGED
    sys.stdout.buffer.write(whole)
    return 0


def as_jpeg(picture: "Image.Image") -> bytes:
    """Return the colours of a picture as a JPEG, and nothing besides."""
    from PIL import Image

    drawn = BytesIO()
    Image.frombytes("RGB", picture.size, picture.tobytes()).save(drawn, "JPEG", quality=_QUALITY)
    return drawn.getvalue()


def split(output: bytes) -> tuple[bytes, bytes]:
    """Return both pictures of an output `WITH_SMALL`: as it is kept, and small; else nothing."""
    if len(output) < struct.calcsize(">I"):
        return b"", b""
    (length,) = struct.unpack_from(">I", output)
    start = struct.calcsize(">I")
    return output[start : start + length], output[start + length :]


def on_white(picture: "Image.Image") -> "Image.Image":
    """Return the colours of a picture, what is transparent in white."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    ground = Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground


if __name__ == "__main__":
    sys.exit(main())
