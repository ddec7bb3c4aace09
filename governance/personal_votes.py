"""What votes, minutes and consultations hold about a person: their nominal votes and their answers."""

import re

from django.utils.translation import gettext as _

from governance.models import Decision, NominalVote, PollAnswer
from hubs.personal import ERASED, Fate, Section, Subject


def personal_data(subject: Subject) -> list[Section]:
    return [_votes(subject), _answers(subject)]


def _votes(subject: Subject) -> Section:
    votes = NominalVote.objects.filter(entry__membership__person=subject.person_id).select_related(
        "resolution__assembly"
    )
    return Section(
        key="votes",
        rank=34,
        title=_("Votes nominaux aux assemblées"),
        purpose=_("Établir le résultat des votes, et le procès-verbal."),
        ground=_("Le contrat d’association (RGPD, art. 6-1-b)."),
        kept=_("Tant que dure le pôle\u00a0: ce sont les actes de ses assemblées."),
        fate=Fate.NAMELESS,
        afterwards=_("Les votes restent comptés, sans le nom. Les procès-verbaux publiés ne changent pas."),
        header=[_("Assemblée"), _("Résolution"), _("Vote")],
        rows=[
            [vote.resolution.assembly.title, vote.resolution.title, vote.get_choice_display()]
            for vote in votes.order_by("-pk")
        ],
    )


def _answers(subject: Subject) -> Section:
    answers = PollAnswer.objects.filter(membership__person=subject.person_id).select_related("poll")
    return Section(
        key="consultations",
        rank=35,
        title=_("Avis donnés aux consultations"),
        purpose=_("Décider après avoir entendu les membres."),
        ground=_("Le contrat d’association (RGPD, art. 6-1-b)."),
        kept=_("Tant que dure le pôle."),
        fate=Fate.NAMELESS,
        afterwards=_("L’avis reste compté\u00a0; son explication est vidée."),
        header=[_("Consultation"), _("Avis"), _("Pourquoi")],
        rows=[[answer.poll.title, answer.get_advice_display(), answer.reason] for answer in answers.order_by("-pk")],
    )


def erase(subject: Subject) -> list[str]:
    """Empty the reasons, and take the name off the decisions; published minutes are archives, and stay."""
    for answer in PollAnswer.objects.filter(membership__person=subject.person_id).exclude(reason=""):
        answer.reason = "—"
        answer.save(update_fields=["reason"])
    if not subject.has_namesake:
        pattern = re.compile(re.escape(subject.name), re.IGNORECASE)
        for decision in Decision.objects.filter(who__icontains=subject.name):
            decision.who = pattern.sub(ERASED, decision.who)
            decision.save(update_fields=["who"])
    return []
