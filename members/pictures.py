"""Pictures that people send: decoded whole, turned upright, and drawn again without what the camera wrote."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from hubs.refusals import Refusal

WIDTHS = (480, 960, 1600)
CONTENT_TYPE = "image/webp"
FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
LEAST_SIDE = 320
QUALITY = 80
# What Pillow raises on bytes that stop halfway or lie about themselves.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)


class PictureRefused(Refusal):
    field = "file"


class NotAPicture(PictureRefused):
    message = _("Ce fichier n’est pas une image JPEG, PNG ou WebP.")


class BrokenPicture(PictureRefused):
    message = _("Cette image est incomplète ou abîmée\u00a0: envoyez-la de nouveau, ou une autre.")


class PictureTooBig(PictureRefused):
    message = _("Ce fichier pèse plus de 10\u00a0Mo\u00a0: réduisez l’image, ou envoyez-en une autre.")


class PictureTooWide(PictureRefused):
    message = _("Cette image a plus de 40\u00a0millions de pixels\u00a0: réduisez-la avant de l’envoyer.")


class PictureTooSmall(PictureRefused):
    message = _("Cette image est trop petite\u00a0: il faut au moins 320\u00a0pixels de côté.")


def resize(content: bytes) -> dict[int, bytes]:
    """The picture as WebP in each of `WIDTHS`, never larger than it was. Raises a PictureRefused."""
    if len(content) > MAX_BYTES:
        raise PictureTooBig
    source = _opened(content)
    if source.width * source.height > MAX_PIXELS:
        raise PictureTooWide
    if min(source.size) < LEAST_SIDE:
        raise PictureTooSmall
    try:
        # A JPEG is decoded at the scale that is needed.
        source.draft("RGB", (WIDTHS[-1] * 2, WIDTHS[-1] * 2))
        with _strictly():
            source.load()
        clean = _bare(ImageOps.exif_transpose(source))
    except _DAMAGE as error:
        raise BrokenPicture from error
    return {width: _drawn(clean, width) for width in WIDTHS}


@contextmanager
def _strictly() -> Iterator[None]:
    """WeasyPrint, once imported, has Pillow forgive files that stop halfway; here they are refused."""
    forgives, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = forgives


def _opened(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Counted by our own measure, once it is open.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise PictureTooWide from error
    except UnidentifiedImageError as error:
        raise NotAPicture from error
    except _DAMAGE as error:
        raise BrokenPicture from error


def _bare(picture: Image.Image) -> Image.Image:
    """Its pixels on white, and nothing else."""
    bare = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        bare.paste(seen, mask=seen.getchannel("A"))
    else:
        bare.paste(picture.convert("RGB"))
    return bare


def _drawn(picture: Image.Image, width: int) -> bytes:
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY)
    return file.getvalue()
