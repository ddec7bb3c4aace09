"""What assemblies hold about a person: their place on the roll, their proxies, when they came, what they contested."""

import datetime as dt

from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from documents.models import StoredFile
from documents.storage import private_storage
from governance.enums import AssemblyState
from governance.models import Attendance, Notice, Proxy, RollContest, RollEntry
from hubs.french import hour
from hubs.personal import ERASED, Copy, Fate, Hindrance, Section, Subject

EMPTIED = "—"


def _entries(subject: Subject) -> QuerySet[RollEntry]:
    return RollEntry.objects.filter(membership__person=subject.person_id).select_related("assembly", "college")


def _proxies(subject: Subject) -> QuerySet[Proxy]:
    own = Q(giver__membership__person=subject.person_id) | Q(holder__membership__person=subject.person_id)
    brought = Q(brought_by__icontains=subject.name)
    return Proxy.objects.filter(own | brought).select_related("giver__assembly", "holder", "scan").order_by("pk")


def _contests(subject: Subject) -> QuerySet[RollContest]:
    own = Q(person=subject.person_id) | Q(made_by=subject.person_id)
    return RollContest.objects.filter(own).select_related("assembly").order_by("pk")


def _section(key: str, title: str, header: list[str], rows: list[list[object]], files: list[Copy]) -> Section:
    return Section(
        key=key,
        rank=32,
        title=title,
        purpose=_("Tenir les assemblées, et prouver qui pouvait y voter."),
        ground=_("Le contrat d’association et ses statuts (RGPD, art. 6-1-b)."),
        kept=_("Tant que dure le pôle\u00a0: les procès-verbaux s’y appuient."),
        fate=Fate.NAMELESS,
        afterwards=_("La ligne reste sous «\u00a0Personne effacée\u00a0»\u00a0; les textes et les papiers sont vidés."),
        header=header,
        rows=rows,
        files=files,
    )


def personal_data(subject: Subject) -> list[Section]:
    proxies = list(_proxies(subject))
    return [
        _roll(subject),
        _section(
            "pouvoirs",
            _("Pouvoirs donnés, reçus ou apportés"),
            [_("Assemblée"), _("De"), _("À"), _("Donné le"), _("Révoqué le"), _("Apporté par")],
            [
                [each.giver.assembly.title, each.giver.name, each.holder.name, each.given_at, each.revoked_at,
                 each.brought_by]
                for each in proxies
            ],
            [Copy(each.scan.name, each.scan.key) for each in proxies if each.scan is not None],
        ),
        _section(
            "contestations_de_liste",
            _("Contestations de la liste électorale"),
            [_("Assemblée"), _("Quoi"), _("Le"), _("Explication"), _("Réponse")],
            [
                [each.assembly.title, each.get_kind_display(), each.made_at, each.words, each.answer]
                for each in _contests(subject)
            ],
            [],
        ),
    ]  # fmt: skip


def _roll(subject: Subject) -> Section:
    entries = list(_entries(subject).order_by("-assembly__starts_at", "-pk"))
    came: dict[int, list[Attendance]] = {}
    for each in Attendance.objects.filter(entry__in=entries).order_by("arrived_at", "pk"):
        came.setdefault(each.entry_id, []).append(each)
    handed = {each.entry_id: each for each in Notice.objects.filter(entry__in=entries)}

    def row(entry: RollEntry) -> list[object]:
        called = handed.get(entry.pk)
        times = came.get(entry.pk, [])
        return [
            entry.assembly.title, entry.college.name, entry.name, entry.votes,
            called.called_at if called else None, called.handed_how if called else "",
            [hour(each.arrived_at) for each in times], [hour(each.left_at) for each in times if each.left_at],
        ]  # fmt: skip

    header = [
        _("Assemblée"), _("Collège"), _("Nom"), _("Vote"), _("Convocation"), _("Remise"), _("Arrivées"), _("Départs"),
    ]  # fmt: skip
    return _section("assemblees", _("Place sur les listes électorales"), header, [row(each) for each in entries], [])


def hindrances(subject: Subject, now: dt.datetime) -> list[Hindrance]:
    """An assembly to come counts on the person: it is held, or their membership ends, before."""
    running = (AssemblyState.CONVENED, AssemblyState.FROZEN, AssemblyState.OPEN)
    return [
        Hindrance(
            _("La personne est sur la liste électorale de «\u00a0%s\u00a0», qui n’est pas close.") % entry.assembly,
            reverse("governance:assembly", args=[entry.assembly.public_id]),
        )
        for entry in _entries(subject).filter(assembly__state__in=running, votes=True).order_by("pk")
    ]


def erase(subject: Subject, now: dt.datetime) -> list[str]:
    """The roll keeps its line, marked, under no name; who brought a paper, and the paper, go."""
    kept = _entries(subject).filter(erased_at=None).update(name=ERASED, erased_at=now)
    files = set()
    for proxy in _proxies(subject):
        names_them = subject.name.casefold() in proxy.brought_by.casefold()
        if proxy.scan_id is None and not names_them:
            continue
        files.add(proxy.scan_id)
        proxy.brought_by, proxy.scan = ERASED if proxy.brought_by else "", None
        proxy.save(update_fields=["brought_by", "scan"])
    _forget(files - {None})
    _contests(subject).update(words=EMPTIED)
    return [_("Les listes électorales gardent leur ligne, sans le nom.")] if kept else []


def _forget(files: set[int]) -> None:
    """The rows and the bytes, unless the same bytes are the paper of something else."""
    keys = []
    for file in StoredFile.objects.filter(pk__in=files):
        try:
            with transaction.atomic():
                file.delete()
        except ProtectedError:
            continue
        keys.append(file.key)

    def delete_bytes() -> None:
        for key in keys:
            private_storage().delete(key)

    transaction.on_commit(delete_bytes, robust=True)
