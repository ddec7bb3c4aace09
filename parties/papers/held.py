"""The documents about a person, and those they deposited for their structures."""

from django.utils.translation import gettext as _

from documents.actions import forget_files
from hubs.personal import Copy, Fate, Section
from parties.models import Paper, Person


def given(person: Person) -> Section:
    papers = list(Paper.objects.filter(person=person).for_display().order_by("-deposited_at", "-pk"))
    return Section(
        key="documents_remis",
        rank=15,
        title=_("Documents remis au pôle"),
        purpose=_("Ce que le pôle demande à la personne, dit par le nom de chaque document."),
        ground=_("L’intérêt légitime du pôle, ou l’accord de la personne (RGPD, art. 6-1-f et a)."),
        kept=_("Comme les coordonnées."),
        fate=Fate.ERASED,
        afterwards=_("Toutes les versions et leurs fichiers sont supprimés."),
        header=[_("Document"), _("Déposé le"), _("Établi le"), _("Valable jusqu’au"), _("Plus en usage depuis le")],
        rows=[
            [paper.kind.name, paper.deposited_at, paper.issued_on, paper.expires_on, paper.ended_at] for paper in papers
        ],
        files=[Copy(paper.file_name, paper.file.key) for paper in papers],
    )


def deposited(person: Person) -> Section:
    papers = Paper.objects.filter(depositor=person, organisation__isnull=False).for_display()
    return Section(
        key="documents_deposes",
        rank=16,
        title=_("Documents déposés pour une structure"),
        purpose=_("Savoir qui a remis quoi."),
        ground=_("Le contrat avec sa structure (RGPD, art. 6-1-b)."),
        kept=_("Comme les documents de la structure."),
        fate=Fate.NAMELESS,
        afterwards=_("Les documents restent à la structure, déposés par «\u00a0Personne effacée\u00a0»."),
        header=[_("Document"), _("Structure"), _("Déposé le")],
        rows=[
            [paper.kind.name, str(paper.organisation), paper.deposited_at]
            for paper in papers.order_by("-deposited_at", "-pk")
        ],
    )


def erase(person_id: int) -> None:
    """The documents about the person go with their bytes; those of a structure stay."""
    papers = Paper.objects.filter(person=person_id)
    files = set(papers.values_list("file", flat=True))
    papers.delete()
    forget_files(files)
