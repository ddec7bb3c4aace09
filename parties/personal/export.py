"""All that is held about a person, as a ZIP: one JSON that people and machines read, and the files."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterable

from django.core.serializers.json import DjangoJSONEncoder

from hubs.personal import Section, Subject


def as_zip(subject: Subject, sections: Iterable[Section], *, hub: str, now: dt.datetime) -> bytes:
    """Made in memory: a person has some hundreds of lines and a few dozen PDFs, never more than a spreadsheet."""
    sections = list(sections)
    told = {
        "pole": hub,
        "personne": subject.name,
        "etabli_le": now,
        "donnees": {section.key: _told(section) for section in sections},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("donnees.json", json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        for section in sections:
            for rank, copy in enumerate(section.files, start=1):
                archive.writestr(f"{section.key}/{rank:03d}-{copy.name}", copy.read())
    return file.getvalue()


def _told(section: Section) -> dict[str, object]:
    return {
        "titre": str(section.title),
        "finalite": str(section.purpose),
        "fondement": str(section.ground),
        "conservation": str(section.kept),
        "lignes": [dict(zip(map(str, section.header), row, strict=True)) for row in section.rows],
        "fichiers": [f"{rank:03d}-{copy.name}" for rank, copy in enumerate(section.files, start=1)],
    }
