"""Small files of each kind, and the traps that are refused."""

import io
import struct
import zipfile
import zlib

from PIL import Image

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30), color: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, form)
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    out = io.BytesIO()
    sheets = [Image.new("RGB", (60, 80), "white") for _ in range(pages)]
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def archive(entries: dict[str, bytes | str], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
        packed.comment = comment
    return out.getvalue()


def docx(kind: str = WORD, **more: bytes) -> bytes:
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    return archive({"[Content_Types].xml": types, "word/document.xml": "<w:document/>", **more})


def odt(kind: str = "application/vnd.oasis.opendocument.text", **more: bytes) -> bytes:
    return archive({"mimetype": kind, "content.xml": "<office:document-content/>", **more})


def bomb() -> bytes:
    """A Word file of a few hundred kilobytes that unpacks to far more than any letter."""
    return docx(**{"word/media/image1.png": bytes(40_000_000)})


def lying_bomb() -> bytes:
    """The same, whose headers say that it is small."""
    packed = bytearray(bomb())
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = packed.rindex(mark)
        packed[start + at : start + at + 4] = struct.pack("<I", 1_000)
    return bytes(packed)


def enormous_png() -> bytes:
    """A picture of 50,000 by 50,000 pixels in less than a kilobyte."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00"))
        + chunk(b"IEND", b"")
    )


def jpeg_with_a_script() -> bytes:
    """A picture whose comment is a page with a script."""
    content = picture("JPEG")
    comment = b"<html><script>alert(1)</script></html>"
    segment = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment
    return content[:2] + segment + content[2:]
