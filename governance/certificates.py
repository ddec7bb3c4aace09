"""What governance attests: which assemblies a member took part in."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.enums import Presence
from governance.models import Attendance
from hubs import french
from members.parts import Attested, CertificateKind, Period
from parties.models import Organisation, Person


def _attended(holder: Organisation | Person, today: dt.date) -> dict[int, Attendance]:
    """The first arrival of the holder at each assembly up to that day, the oldest assembly first."""
    whose = {"entry__membership__person" if isinstance(holder, Person) else "entry__membership__organisation": holder}
    rows = Attendance.objects.filter(**whose, entry__assembly__starts_at__date__lte=today)
    found: dict[int, Attendance] = {}
    for row in rows.select_related("entry__assembly").order_by("entry__assembly__starts_at", "arrived_at", "pk"):
        found.setdefault(row.entry.assembly_id, row)
    return found


def _year_of(row: Attendance) -> str:
    return str(timezone.localtime(row.entry.assembly.starts_at).year)


def _periods(holder: Organisation | Person, today: dt.date) -> list[Period]:
    years = {_year_of(row) for row in _attended(holder, today).values()}
    return [Period(year, year) for year in sorted(years, reverse=True)]


def _attest(holder: Organisation | Person, period: str, today: dt.date) -> Attested | None:
    rows = [row for row in _attended(holder, today).values() if _year_of(row) == period]
    if not rows:
        return None
    words = ngettext(
        "a pris part à %(n)s assemblée en %(year)s.", "a pris part à %(n)s assemblées en %(year)s.", len(rows)
    )
    return Attested(
        words % {"n": len(rows), "year": period},
        header=(_("Assemblée"), _("Date"), _("Présence")),
        rows=[
            (
                row.entry.assembly.title,
                french.day(row.entry.assembly.starts_at, year=True, weekday=False),
                str(Presence(row.mode).label),
            )
            for row in rows
        ],
    )


KINDS = (
    CertificateKind(
        key="governance.presence",
        title=gettext_lazy("Attestation de présence"),
        lead=gettext_lazy("Les assemblées de l’année auxquelles vous avez pris part."),
        periods=_periods,
        attest=_attest,
        nothing_yet=gettext_lazy("Elle se prend dès que votre arrivée à une assemblée est notée."),
    ),
)
