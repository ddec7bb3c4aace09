"""An assembly in three weeks, convened, with two proxies, a contest to answer and the rules it follows; and a draft."""

import datetime as dt

from django.utils import timezone

from governance.actions import (
    PaperForm,
    add_paper,
    adopt_statutes,
    contest_roll,
    convene,
    give_proxy,
    prepare_assembly,
    render_notice,
    set_agenda,
)
from governance.enums import AssemblyKind, ContestKind
from governance.models import Assembly, RollEntry, Statutes
from hubs.actors import system
from hubs.enums import MailState
from hubs.models import Mail
from hubs.scope import current_hub_id
from parties.enums import LinkRole
from parties.models import Link
from parties.queries import actor_of

NOTICE = dt.timedelta(weeks=3)
AGENDA = (
    "Rapport moral et rapport d’activité",
    "Rapport financier, approbation des comptes, affectation du résultat",
    "Barème des cotisations de l’exercice suivant",
    "Ratification des nouveaux membres",
    "Questions diverses",
)
ARTICLE = (
    "Article 11. L’assemblée générale ordinaire réunit chaque année tous les membres. Ils sont convoqués quinze jours "
    "au moins avant la date. Un membre empêché donne pouvoir à un membre de son collège, qui en reçoit deux au plus."
)
# A page with nothing on it but its name: what the demo calls its report.
REPORT = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def fill(today: dt.date) -> None:
    """Twice changes nothing."""
    if Assembly.objects.exists():
        return
    by, now = system(current_hub_id()), timezone.now()
    if not Statutes.objects.exists():
        adopt_statutes(
            starts_on=dt.date(today.year - 1, 1, 1), notice_days=15, proxies_per_holder=2, quorum_percent=25,
            contest_days=7, asks_paid_dues=False, allows_remote=True, article=ARTICLE, by=by,
        )  # fmt: skip
    statutes = Statutes.objects.live(today).get()
    assembly = prepare_assembly(
        kind=AssemblyKind.ORDINARY,
        title="Assemblée générale ordinaire",
        starts_at=timezone.make_aware(dt.datetime.combine(today + NOTICE, dt.time(18))),
        place="Atelier, 2 cours de la Friche",
        remote_url="https://visio.exemple.example/assemblee",
        roll_on=today,
        by=by,
        **statutes.rules,
    )
    set_agenda(assembly=assembly, titles=AGENDA, by=by)
    add_paper(
        assembly=assembly, title="Rapport financier", name="rapport-financier.pdf", content=REPORT,
        content_type="application/pdf", by=by, now=now,
    )  # fmt: skip
    assembly = convene(assembly=assembly, by=by, now=now)
    render_notice(assembly=assembly)
    # The demo's mail goes nowhere: what was convened in it has left.
    Mail.objects.filter(about__startswith="governance.notice:").update(state=MailState.SENT, sent_at=now)
    voters = RollEntry.objects.filter(assembly=assembly, votes=True, college__rank=1).order_by("name")[:3]
    on_paper = PaperForm("Lou Petit, au bureau", REPORT, "application/pdf")
    for giver, paper in zip(voters[1:], (None, on_paper), strict=False):
        give_proxy(giver=giver, holder=voters[0], by=by, now=now, paper=paper)
    _contest(assembly, today, now)
    _draft(statutes, today, now)


def _draft(statutes: Statutes, today: dt.date, now: dt.datetime) -> None:
    """The next one, still in preparation."""
    by = system(current_hub_id())
    draft = prepare_assembly(
        kind=AssemblyKind.EXTRAORDINARY,
        title="Assemblée générale extraordinaire",
        starts_at=timezone.make_aware(dt.datetime.combine(today + 4 * NOTICE, dt.time(18))),
        place="Atelier, 2 cours de la Friche",
        roll_on=today + 4 * NOTICE,
        by=by,
        **statutes.rules,
    )
    set_agenda(assembly=draft, titles=["Modification de l’article 11 des statuts"], by=by)
    add_paper(
        assembly=draft, title="Statuts, version proposée", name="statuts.pdf", content=REPORT,
        content_type="application/pdf", by=by, now=now,
    )  # fmt: skip


def _contest(assembly: Assembly, today: dt.date, now: dt.datetime) -> None:
    """The demo's administrator says that their structure is in the wrong college."""
    on_roll = RollEntry.objects.filter(assembly=assembly).values("membership__organisation")
    links = Link.objects.live(today).filter(organisation__in=on_roll, role=LinkRole.ADMINISTRATOR)
    link = links.exclude(person__user=None).select_related("organisation", "person__user").order_by("pk").first()
    if link is None:
        return
    contest_roll(
        assembly=assembly,
        member=link.organisation,
        kind=ContestKind.COLLEGE,
        words="Depuis le conseil de mars, nous sommes dans le collège des partenaires.",
        by=actor_of(link.person.user, today),
        now=now,
    )
