"""Pictures of the public page: what is kept was drawn anew, whatever was sent."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image, PngImagePlugin

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints import pictures, services, tasks
from regulars.complaints.models import Case, Entry
from regulars.complaints.pictures import PictureRefused
from regulars.complaints.services import tending
from regulars.complaints.services.opening import ComplaintRefused
from regulars.errors import NotFound
from regulars.outbox.models import Job
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.complaints import Cast
from tests.factories.customers import NOW

CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))
SECRET = b"31.2304 N 121.4737 E"
GPS, DESCRIPTION, ORIENTATION = 0x8825, 0x010E, 0x0112


@pytest.fixture
def cast(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return complaints.cast()


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (40, 20), **how: Any) -> bytes:
    file = BytesIO()
    Image.new(how.pop("mode", "RGB"), size, how.pop("color", "red")).save(file, kind, **how)
    return file.getvalue()


def tagged() -> bytes:
    """A photograph as a phone takes it: place, description, and turned by its orientation."""
    exif = Image.Exif()
    exif[DESCRIPTION] = SECRET.decode()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0)})
    return picture(exif=exif, comment=SECRET, icc_profile=SECRET * 10, xmp=SECRET)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, data: bytes = b"", more: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def spoiled(content: bytes) -> bytes:
    """Overwrite a good part of the middle."""
    third = len(content) // 3
    return content[:third] + b"\xff" * third + content[2 * third :]


def gif() -> bytes:
    frames = [Image.new("P", (8, 8), n) for n in range(3)]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


HOSTILE = {
    "no bytes": b"",
    "one byte": b"\xff",
    "text": b"I am a picture",
    "a page": b"<html><script>alert(1)</script>",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "SVG behind a byte order mark": b"\xef\xbb\xbf<?xml version='1.0'?><svg/>",
    "an animated GIF": gif(),
    "BMP": picture("BMP"),
    "TIFF": picture("TIFF"),
    "ICO": picture("ICO"),
    "PDF": b"%PDF-1.7 /JavaScript",
    "a program": b"\x7fELF" + bytes(100),
    "ZIP": b"PK\x03\x04" + bytes(100),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "HEIC": b"\0\0\0\x18ftypheic" + bytes(100),
    "more than 8 MB": b"\xff\xd8\xff" + bytes(pictures.MOST_BYTES),
    "a JPEG of three bytes": b"\xff\xd8\xff",
    "half a JPEG": picture(size=(400, 400))[:400],
    "half a PNG": picture("PNG", size=(400, 400))[:60],
    "half a WebP": picture("WEBP", size=(400, 400))[:40],
    "a PNG with spoiled sums": spoiled(picture("PNG", size=(64, 64))),
    "another format behind the mark of a PNG": b"\x89PNG\r\n\x1a\n" + picture("GIF"),
    "RIFF that is sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(50),
    "a PNG of 50,000 by 50,000": png(50_000, 50_000),
    "a bomb": png(7_000, 7_000, data=zlib.compress(bytes(7_000 * 21_001), 9)),
    "a bomb in a comment": png(
        2, 2, data=b"x", more=chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(100_000_000), 9))
    ),
    "no width": png(0, 10),
    "a JPEG of 65,500 by 65,500": (
        b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xdc\xff\xdc\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
        + bytes(50)
    ),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_sound_picture_is_refused_with_a_sentence(
    cast: Cast, content: bytes, tmp_path: Path
) -> None:
    with pytest.raises(PictureRefused) as refused, pictures.kept([BytesIO(content)]):
        pass

    assert refused.value.fields["pictures"]
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("HEIC", pictures.HEIC),
        ("more than 8 MB", pictures.TOO_LARGE),
        ("a PNG of 50,000 by 50,000", pictures.TOO_MANY_PIXELS),
        ("a bomb", pictures.TOO_MANY_PIXELS),
        ("half a JPEG", pictures.DAMAGED),
        ("SVG", pictures.NOT_A_PICTURE),
    ],
)
def test_the_sentence_says_what_is_wrong(cast: Cast, name: str, sentence: object) -> None:
    with pytest.raises(PictureRefused) as refused:
        pictures.redraw(HOSTILE[name])

    assert refused.value.fields["pictures"] == [sentence]


def opened(content: bytes) -> Image.Image:
    found = Image.open(BytesIO(content))
    found.load()
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_of_three_kinds_are_kept_as_jpeg(cast: Cast, kind: str) -> None:
    kept = opened(pictures.redraw(picture(kind)))

    assert (kept.format, kept.size) == ("JPEG", (40, 20))


def test_place_and_everything_besides_the_colours_is_gone_and_it_stands_upright(cast: Cast) -> None:
    sent = tagged()
    assert SECRET in sent
    assert dict(Image.open(BytesIO(sent)).getexif().get_ifd(GPS))

    content = pictures.redraw(sent)

    kept = opened(content)
    assert SECRET not in content
    assert b"Exif" not in content
    assert dict(kept.getexif()) == {}
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert kept.size == (20, 40)


def test_texts_of_a_png_and_pages_behind_a_picture_are_gone(cast: Cast) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET.decode())
    page = b"<script>alert(1)</script>"

    for sent in (picture("PNG", pnginfo=texts) + page, picture() + page, tagged() + b"PK\x03\x04"):
        content = pictures.redraw(sent)
        assert SECRET not in content
        assert b"script" not in content
        assert content.endswith(b"\xff\xd9")


def test_what_is_transparent_becomes_white_and_animations_stand_still(cast: Cast) -> None:
    frames = [Image.new("RGBA", (8, 8), (255, 0, 0, 0)) for _ in range(3)]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])

    kept = opened(pictures.redraw(file.getvalue()))

    assert getattr(kept, "n_frames", 1) == 1
    assert kept.getpixel((4, 4)) == (255, 255, 255)


def test_large_pictures_are_made_smaller(cast: Cast) -> None:
    assert opened(pictures.redraw(picture(size=(4_000, 100)))).size == (3_000, 75)


def test_forty_megapixels_are_the_limit(cast: Cast) -> None:
    whole = pictures.redraw(picture("PNG", mode="P", color=1, size=(8_000, 5_000)))

    assert opened(whole).size == (3_000, 1_875)
    with pytest.raises(PictureRefused):
        pictures.redraw(picture("PNG", mode="P", color=1, size=(8_000, 5_001)))


def test_names_are_random_and_lie_in_the_folder_of_the_chain(
    cast: Cast, tmp_path: Path, inside_aurum: ChainInfo
) -> None:
    class Upload(BytesIO):
        name = "../../etc/passwd.svg"

    with pictures.kept([Upload(picture())]) as (name,):
        pass

    (file,) = (each for each in tmp_path.rglob("*") if each.is_file())
    assert file == tmp_path / str(inside_aurum.id) / "complaints" / name
    assert len(name) == 32


def test_a_block_that_fails_keeps_nothing(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), pictures.kept([BytesIO(picture())]):
        _ = 1 / 0

    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def shown(cast: Cast, number: int = 1) -> tuple[Case, tuple[str, ...]]:
    with pictures.kept([BytesIO(picture()) for _ in range(number)]) as files:
        return complaints.case(cast, files=files), files


def test_a_picture_is_read_by_its_own_complaint_alone(cast: Cast) -> None:
    case, (name,) = shown(cast)
    other = complaints.case(cast, key="other")

    content, kind = pictures.read(case, name)

    assert (kind, opened(content).size) == ("image/jpeg", (40, 20))
    for wrong in (uuid4().hex, "../" + name, "", f"{name}/x"):
        with pytest.raises(NotFound):
            pictures.read(case, wrong)
    with pytest.raises(NotFound):
        pictures.read(other, name)


def test_six_pictures_fit_a_complaint_whichever_way_they_come(cast: Cast) -> None:
    case, files = shown(cast, 5)
    names = tuple(uuid4().hex for _ in range(7))

    assert pictures.room(case.pk) == 1
    with (
        pytest.raises(PictureRefused),
        pictures.kept([BytesIO(picture()), BytesIO(picture())], case_id=case.pk),
    ):
        pass
    with pytest.raises(PictureRefused):
        tending.customer_writes(
            case, actor=CUSTOMER, text="More", now=NOW, key="in", files=names[:2]
        )
    with pytest.raises(ComplaintRefused):
        complaints.case(cast, files=names, key="seven")
    tending.customer_writes(case, actor=CUSTOMER, text="", now=NOW, key="in", files=names[:1])
    assert pictures.of_case(case.pk) == [*files, names[0]]


def test_pictures_are_erased_with_the_customer(cast: Cast, tmp_path: Path) -> None:
    case, (name,) = shown(cast)
    told = services.disclose(customer_id=cast.customer.pk)
    assert told[0]["steps"][0]["pictures"] == 1

    services.erase(customer_id=cast.customer.pk, now=NOW)

    job = Job.objects.get(handler=pictures.DROP)
    for _ in range(2):
        tasks.drop_pictures(**job.payload, now=NOW)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
    assert not Entry.objects.filter(case=case, data__has_key="files").exists()
    with pytest.raises(NotFound):
        pictures.read(case, name)
