"""What a new hub starts with: its colleges, and its list of arrival. Names come from seed S1, lines 94-101."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.enums import CheckKind, CheckSide, Step

COLLEGES: dict[str, tuple[str, ...]] = {
    "la-coursive": ("Structures membres", "Partenaires", "Personnes qualifiées"),
    "petit-pole": ("Structures membres",),
}
# Those of natural persons, and what an application goes through there.
OF_PEOPLE: dict[str, tuple[Step, ...]] = {
    "Personnes qualifiées": (Step.COMPLETENESS, Step.BOARD, Step.ASSEMBLY),
}

# What is asked on arrival, its words on departure, and how many days after arriving.
FIRST_STEPS: tuple[tuple[CheckKind, CheckSide, str | Promise, str | Promise, int], ...] = (
    (CheckKind.CHARTER, CheckSide.MEMBER, _("Charte acceptée"), "", -7),
    (CheckKind.INSURANCE, CheckSide.MEMBER, _("Attestation d’assurance donnée"), "", -7),
    (CheckKind.PLAIN, CheckSide.MEMBER, _("Mandat de prélèvement signé"), _("Mandat de prélèvement révoqué"), -7),
    (CheckKind.PLAIN, CheckSide.STAFF, _("Dépôt de garantie reçu"), _("Dépôt de garantie rendu"), -1),
    (CheckKind.PLAIN, CheckSide.STAFF, _("Lieux visités ensemble"), _("Lieux rendus propres et vides"), 0),
    (CheckKind.PLAIN, CheckSide.STAFF, _("Clés et badges remis"), _("Clés et badges rendus"), 0),
    (CheckKind.PLAIN, CheckSide.MEMBER, _("Page publique prête"), _("Page publique retirée"), 14),
)
