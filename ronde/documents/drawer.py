"""Run alone, as a process without environment: draws one page of what it reads.

    python -I drawer.py KIND PAGE < file > a line of JSON, then a JPEG

Page 0 counts the pages and draws nothing.

What a hostile file can make it do is bounded by the limits below, and by what its output is: a
picture that we made, and text.
"""

import io
import json
import resource
import sys
from typing import Any

MEMORY, SECONDS = 1_500_000_000, 15
WIDTH, LONGEST_TEXT = 1_400, 20_000
MOST_PIXELS = 120_000_000


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def draw_pdf(content: bytes, number: int) -> tuple[Any, str, int]:
    import pypdfium2  # noqa: PLC0415 - one of the two, and it is large

    document = pypdfium2.PdfDocument(content)
    if not number:
        return None, "", len(document)
    page = document[number - 1]
    width, height = page.get_size()
    scale = WIDTH / max(width, height, 1)
    picture = page.render(scale=scale).to_pil()
    text = page.get_textpage().get_text_range()
    return picture, text, len(document)


def draw_picture(content: bytes, number: int) -> tuple[Any, str, int]:
    from PIL import Image, ImageOps  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    picture = Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "TIFF"])
    pages = getattr(picture, "n_frames", 1)
    if not number:
        return None, "", pages
    picture.seek(number - 1)
    picture.draft("RGB", (WIDTH, WIDTH))
    picture.thumbnail((WIDTH, WIDTH))
    return ImageOps.exif_transpose(picture), "", pages


def main() -> None:
    limit()
    kind, number = sys.argv[1], int(sys.argv[2])
    content = sys.stdin.buffer.read()
    drawn = draw_pdf if kind == "pdf" else draw_picture
    picture, text, pages = drawn(content, number)
    out = io.BytesIO()
    if picture is not None:
        picture.convert("RGB").save(out, "JPEG", quality=82)
    told = {"text": text[:LONGEST_TEXT], "pages": pages}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + out.getvalue())


main()
