"""The words of the screens: take them out of the code, list what waits for a translation, compile.

`python tools/messages.py` extracts and compiles; `compile` compiles what is older than its source.
The catalogue bears no date, no line number and no obsolete entry, and is sorted by the French
text: two branches that add words meet only where they are neighbours in the alphabet.
"""

import csv
import re
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "ronde/locale"
LANGUAGES = ("en",)
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
SOURCES = (
    ("ronde/**/*.py", "python", {}),
    ("config/**/*.py", "python", {}),
    (
        "ronde/*/templates/**/*.*",
        "jinja2.ext:babel_extract",
        {
            "extensions": "jinja2.ext.do",
            "trim_blocks": "true",
            "lstrip_blocks": "true",
            "newstyle_gettext": "true",
            "silent": "false",
        },
    ),
)
# The small nomenclatures and lists that screens show: the file, and its column of labels.
LABELS = {
    "ronde/terminology/data/professions.csv": "display",
    "ronde/terminology/data/know-how.csv": "display",
    "ronde/terminology/data/roles.csv": "display",
    "ronde/terminology/data/relationships.csv": "display",
    "ronde/terminology/data/document-types.csv": "display",
    "ronde/followup/data/lists.csv": "label",
}
HEADER = """\
# Ronde. The msgid is the French text of the screen; one does not translate into French.
# Made by `make messages`: only the msgstr are written by hand.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]?\d*(?:\.\d+)?([a-zA-Z])|\{(\w*)\}|(%%)")
MARKS = re.compile(r"</?[a-z]\w*[^<>]*>")


def source_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES/django.po"


def messages() -> Iterator[tuple[str, Any, str | None]]:
    """Give the file, the text (or singular and plural) and the context of each string."""
    for pattern, method, options in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.suffix not in {".py", ".html", ".txt"}:
                continue
            with path.open("rb") as file:
                for _line, text, _comments, context in extract(
                    method, file, keywords=KEYWORDS, options=options
                ):
                    yield path.relative_to(ROOT).as_posix(), text, context


def labels() -> Iterator[tuple[str, str, None]]:
    """Give the file and the text of each label of a nomenclature that is translated."""
    for path, column in LABELS.items():
        with (ROOT / path).open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file, delimiter=";"):
                yield path, line[column], None


def read(language: str) -> Catalog:
    path = source_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def updated(language: str) -> Catalog:
    """Every string of the code with the translation that it already has."""
    known, catalog = read(language), Catalog(locale=language)
    for _path, text, context in chain(messages(), labels()):
        catalog.add(text, context=context)
    for one in entries(catalog):
        found = known.get(_single(one.id), one.context)
        if found is not None and found.string:
            one.string = _fitting(found.string, plural=bool(one.pluralizable))
    return catalog


def _fitting(string: Any, *, plural: bool) -> Any:
    """A text that gained or lost its plural keeps the singular that was translated."""
    if plural and isinstance(string, str):
        return (string, "")
    return string[0] if not plural and isinstance(string, tuple) else string


def entries(catalog: Catalog) -> list[Message]:
    return sorted((one for one in catalog if one.id), key=lambda one: _single(one.id))


def _single(text: Any) -> str:
    return text if isinstance(text, str) else text[0]


def untranslated(catalog: Catalog) -> list[str]:
    return [
        _single(one.id)
        for one in entries(catalog)
        if not one.string or (isinstance(one.string, tuple) and not all(one.string))
    ]


def differing(catalog: Catalog) -> list[str]:
    """Translations that do not hold the same values and tags as their text."""
    found = []
    for one in entries(catalog):
        texts = [one.id] if isinstance(one.id, str) else list(one.id)
        strings = list(one.string) if isinstance(one.string, tuple) else [one.string]
        found += [
            f"{text} → {string}"
            for text, string in zip(texts, strings, strict=True)
            if string and _values(string) != _values(text)
        ]
    return found


def _values(text: str) -> list[Any]:
    return sorted(map(str, PLACEHOLDER.findall(text))) + sorted(MARKS.findall(text))


def write(language: str, catalog: Catalog) -> None:
    path = source_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    for one in catalog:
        one.flags.discard("fuzzy")
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        write_po(
            file, catalog, width=0, no_location=True, omit_header=True, sort_output=True,
            ignore_obsolete=True,
        )  # fmt: skip
    draft.write_text(
        HEADER.format(language=language) + draft.read_text("utf-8").strip() + "\n", "utf-8"
    )
    draft.replace(path)


def compile_catalogues() -> None:
    """Write the `.mo` that the application reads, where it is older than its source."""
    for language in LANGUAGES:
        source = source_of(language)
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        draft = compiled.with_suffix(f".{id(source)}")
        with draft.open("wb") as file:
            write_mo(file, read(language))
        draft.replace(compiled)


def main(arguments: list[str]) -> int:
    status = 0
    for language in () if arguments == ["compile"] else LANGUAGES:
        catalog = updated(language)
        write(language, catalog)
        waiting, wrong = untranslated(catalog), differing(catalog)
        for text in waiting:
            print(f"[{language}] to translate: {text}")
        for text in wrong:
            print(f"[{language}] other values or tags: {text}")
        print(f"[{language}] {len(entries(catalog))} texts, {len(waiting)} to translate.")
        status = 1 if waiting or wrong else status
    compile_catalogues()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
