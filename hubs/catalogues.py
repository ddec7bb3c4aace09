"""Translations: read from the sources into locale/*.po, compiled where the site is made ready.

Both by Babel, so that a machine without gettext does either. French is the language of the sources: its catalogue
holds the plurals alone, for French counts « 0 élément » where the sources would say « 0 éléments ».
"""

import datetime as dt
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from hubs.parts import hub_apps

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
SOURCE = "fr"
UNDATED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def sources() -> Iterator[Path]:
    """Every file of the house that may hold words."""
    for app in hub_apps():
        yield from sorted(path for path in Path(app.path).rglob("*.py") if "migrations" not in path.parts)
    for folder in settings.TEMPLATES[0]["DIRS"]:
        yield from sorted(path for path in Path(folder).rglob("*") if path.suffix in (".html", ".txt"))


def extracted() -> Catalog:
    """What the sources say, each message with the files that say it."""
    found = Catalog(charset="utf-8")
    for path in sources():
        name = str(path.relative_to(settings.BASE_DIR))
        for function, words, context in _messages(path, name):
            found.add(words, locations=[(name, 0)], context=context, flags=_flags(function, words))
    return found


def _messages(path: Path, name: str) -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # As Python that says the same words; its lines begin anywhere, which Python refuses.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=name).split("\n"))
    for _line, function, words, _comments in extract_python(BytesIO(text.encode()), KEYWORDS, (), {}):
        given = [word for word in (words if isinstance(words, tuple) else (words,)) if word is not None]
        if given and function.startswith("pgettext"):
            yield function, given[1], given[0]
        elif len(given) > 1:
            yield function, (given[0], given[1]), None
        elif given and given[0]:
            yield function, given[0], None


def _flags(function: str, words: str | tuple[str, ...]) -> tuple[str, ...]:
    first = words if isinstance(words, str) else words[0]
    return ("python-format",) if re.search(r"%(\(\w+\))?[sd]", first) else ()


def catalogue_path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def kept(language: str) -> Catalog:
    """The catalogue as it stands in the repository, empty when there is none."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str) -> Catalog:
    """The catalogue with the messages of today: new ones empty, those that nothing says any more gone."""
    old, new = kept(language), Catalog(locale=language, project="Coursive", charset="utf-8")
    for message in extracted():
        if not message.id or (language == SOURCE and not message.pluralizable):
            continue
        words = message.id if language == SOURCE else _translation(old, message)
        new.add(message.id, words, locations=message.locations, flags=message.flags, context=message.context)
    return new


def _translation(old: Catalog, message: Message) -> str | tuple[str, ...]:
    known = old.get(message.id[0] if message.pluralizable else message.id, message.context)
    if known is None or known.pluralizable != message.pluralizable:
        return ("", "") if message.pluralizable else ""
    return known.string


def write(language: str) -> Catalog:
    catalogue = renewed(language)
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    out = BytesIO()
    # Neither dates nor lines: a branch that adds a word must not rewrite what another one reads.
    write_po(out, catalogue, width=110, sort_by_file=True, include_lineno=False, omit_header=True)
    path.write_bytes(_header(catalogue) + out.getvalue().lstrip())
    return catalogue


def _header(catalogue: Catalog) -> bytes:
    return (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    ).encode()


def compile_all() -> list[Path]:
    """Make each .mo that is not that of its .po; the files made."""
    made = []
    for language, _name in settings.LANGUAGES:
        path = catalogue_path(language)
        if not path.exists():
            continue
        catalogue = kept(language)
        # The same words make the same bytes, whatever the hour.
        catalogue.creation_date = UNDATED
        out = BytesIO()
        write_mo(out, catalogue)
        binary = path.with_suffix(".mo")
        if binary.exists() and binary.read_bytes() == out.getvalue():
            continue
        part = path.with_suffix(".mo.tmp")
        part.write_bytes(out.getvalue())
        part.replace(binary)
        made.append(binary)
    return made
