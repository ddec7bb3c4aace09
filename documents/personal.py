"""Papers about the person themself; those of an invoice are told by the app that issued it."""

from django.utils.translation import gettext as _

from documents.actions import forget_files
from documents.models import Document
from hubs.personal import Copy, Fate, Section, Subject


def personal_data(subject: Subject) -> list[Section]:
    papers = list(Document.objects.select_related("file").filter(source=subject.thing).order_by("-created_at", "-pk"))
    return [
        Section(
            key="documents",
            rank=40,
            title=_("Documents établis à son sujet"),
            purpose=_("Les remettre, et les retrouver."),
            ground=_("Le contrat avec la personne ou sa structure (RGPD, art. 6-1-b)."),
            kept=_("Tant que la personne est connue du pôle."),
            fate=Fate.ERASED,
            afterwards=_("Les documents et leurs fichiers sont supprimés."),
            header=[_("Fichier"), _("Nature"), _("Établi le")],
            rows=[[paper.file.name, paper.kind, paper.created_at] for paper in papers],
            files=[Copy(paper.file.name, paper.file.key) for paper in papers],
        )
    ]


def erase(subject: Subject) -> list[str]:
    """The papers go with their bytes, unless the same bytes are the paper of something else."""
    files = set(Document.objects.filter(source=subject.thing).values_list("file", flat=True))
    Document.objects.filter(source=subject.thing).delete()
    forget_files(files)
    return []
