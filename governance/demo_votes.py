"""An assembly held last spring, with its votes, its minutes and a consultation."""

import datetime as dt
from collections import Counter
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from governance.actions import (
    arrive,
    ask_poll,
    close_resolution,
    convene,
    count_hands,
    entrust_decision,
    freeze_roll,
    give_proxy,
    move_assembly,
    open_resolution,
    prepare_assembly,
    publish_minutes,
    publish_result,
    render_minutes,
    render_notice,
    set_agenda,
    set_voices,
    write_minutes,
    write_resolution,
)
from governance.enums import AssemblyKind, AssemblyState, BallotKind, Counting, MajorityBase, Quorum, Threshold
from governance.models import Assembly, Decision, Poll, Resolution, RollEntry
from governance.queries import roll_of, voices_here_of
from hubs.actors import Actor, system
from hubs.enums import MailState
from hubs.models import Mail
from hubs.scope import current_hub_id
from members.models import College, Membership

WRITTEN = (
    ("Rapport moral et comptes", "L’assemblée approuve le rapport moral et les comptes de l’exercice écoulé.",
     BallotKind.HANDS, Counting.HEADS, Threshold.SIMPLE),
    ("Élection du conseil d’administration", "L’assemblée élit la liste présentée au conseil d’administration.",
     BallotKind.SECRET, Counting.HEADS, Threshold.SIMPLE),
    ("Orientations et budget", "L’assemblée adopte les orientations et le budget, votés par collège.",
     BallotKind.HANDS, Counting.COLLEGES, Threshold.TWO_THIRDS),
)  # fmt: skip
WORDS = (
    "La présidente accueille les membres et constate le quorum.\n\n"
    "La coordination présente l’année écoulée\u00a0: les lieux, les adhésions, les comptes. Les questions portent sur "
    "le chauffage des ateliers et sur l’ouverture du samedi.\n\nLa séance est levée à 20\u00a0h\u00a030."
)


def fill(today: dt.date) -> None:
    """Twice changes nothing."""
    if Resolution.objects.exists():
        return
    by = system(current_hub_id())
    held_on = dt.date(today.year if today.month > 5 else today.year - 1, 5, 20)
    if not Membership.objects.in_force(held_on).filter(college__votes=True).exists():
        return
    opened = _opened(_assembly(held_on, by), by)
    now = opened.starts_at
    _vote(opened, by, now)
    move_assembly(assembly=opened, to=AssemblyState.CLOSED, by=by)
    minutes = write_minutes(assembly=opened, chair="Aude Ferrand", secretary="Luc Morel", words=WORDS, by=by)
    publish_minutes(minutes=minutes, by=by, now=now + dt.timedelta(days=9), today=held_on + dt.timedelta(days=9))
    render_minutes(minutes=minutes)
    _follow(today, by)
    _announce(by)


def _announce(by: Actor) -> None:
    """What the next assembly will be asked."""
    convened = Assembly.objects.filter(state=AssemblyState.CONVENED).first()
    for title, text, ballot, _counting, threshold in WRITTEN[:2] if convened else ():
        write_resolution(
            assembly=convened, title=title, text=text, ballot=ballot, counting=Counting.HEADS, threshold=threshold,
            base=MajorityBase.CAST, quorum=Quorum.WHOLE, scale=None, by=by,
        )  # fmt: skip


def _assembly(held_on: dt.date, by: Actor) -> Assembly:
    colleges = list(College.objects.live(held_on).filter(votes=True).order_by("rank", "pk"))
    if len(colleges) > 1:
        share = Decimal(100 // len(colleges))
        percents = dict.fromkeys(colleges, share) | {colleges[0]: 100 - share * (len(colleges) - 1)}
        set_voices(starts_on=held_on.replace(month=1, day=1), percents=percents, by=by)
    return prepare_assembly(
        kind=AssemblyKind.ORDINARY,
        title=f"Assemblée générale {held_on.year}",
        starts_at=timezone.make_aware(dt.datetime.combine(held_on, dt.time(18))),
        place="Atelier, 2 cours de la Friche",
        roll_on=held_on,
        proxies_per_holder=2,
        quorum_percent=25,
        by=by,
    )


def _opened(assembly: Assembly, by: Actor) -> Assembly:
    """Its members called, its roll frozen; in each college one member in four absent, one of whom is represented."""
    now = assembly.starts_at
    called_at = now - dt.timedelta(weeks=3)
    set_agenda(assembly=assembly, titles=[title for title, *_rest in WRITTEN], by=by)
    assembly = convene(assembly=assembly, by=by, now=called_at)
    render_notice(assembly=assembly)
    # The demo's mail goes nowhere: what was convened in it has left.
    notices = Mail.objects.filter(about__startswith="governance.notice:", state=MailState.QUEUED)
    notices.update(state=MailState.SENT, sent_at=called_at)
    roll = list(RollEntry.objects.filter(assembly=assembly, votes=True).order_by("college__rank", "name"))
    ranks: Counter[int] = Counter()
    here = []
    for entry in roll:
        ranks[entry.college_id] += 1
        if ranks[entry.college_id] % 4:
            here.append(entry)
    absent = [entry for entry in roll if entry not in here]
    if absent and (holder := next((each for each in here if each.college_id == absent[0].college_id), None)):
        give_proxy(giver=absent[0], holder=holder, by=by, now=called_at)
    assembly = freeze_roll(assembly=assembly, by=by, now=now)
    for entry in here:
        arrive(entry=entry, by=by, now=now)
    return move_assembly(assembly=assembly, to=AssemblyState.OPEN, by=by)


def _vote(assembly: Assembly, by: Actor, now: dt.datetime) -> None:
    has_weights = assembly.voices.exists()
    for title, text, ballot, counting, threshold in WRITTEN:
        made = write_resolution(
            assembly=assembly, title=title, text=text, ballot=ballot, threshold=threshold, base=MajorityBase.CAST,
            counting=counting if has_weights else Counting.HEADS, quorum=Quorum.WHOLE, scale=None, by=by,
        )  # fmt: skip
        opened = open_resolution(resolution=made, by=by, now=now)
        if ballot == BallotKind.SECRET:
            _drop_ballots(opened)
        else:
            _raise_hands(opened, by)
        close_resolution(resolution=opened, by=by, now=now)
        publish_result(resolution=opened, by=by)


def _raise_hands(resolution: Resolution, by: Actor) -> None:
    voices = voices_here_of(resolution.assembly)
    for rank, college in enumerate(College.objects.filter(pk__in=voices).order_by("rank", "pk")):
        against = 0 if rank else min(2, voices[college.pk] - 1)
        count_hands(
            resolution=resolution, college=college, in_favour=voices[college.pk] - against, against=against,
            abstained=0, by=by,
        )  # fmt: skip


def _drop_ballots(resolution: Resolution) -> None:
    """As the members would: the portal has no voice of its own."""
    roll = roll_of(resolution.assembly).filter(votes=True)
    with connection.cursor() as cursor:
        for rank, entry in enumerate(entry for entry in roll if entry.is_here or entry.is_represented):
            choice = "against" if rank % 5 == 4 else "for"
            cursor.execute("SELECT governance_secret_vote(%s, %s, %s)", [resolution.pk, entry.pk, choice])


def _follow(today: dt.date, by: Actor) -> None:
    """A decision entrusted for next week, and a consultation under way."""
    decision = Decision.objects.order_by("-number").first()
    if decision is not None:
        entrust_decision(decision=decision, who="la coordination", due_on=today + dt.timedelta(days=7), by=by)
    if not Poll.objects.exists():
        now = timezone.now()
        ask_poll(
            title="Ouvrir les ateliers le samedi\u00a0?",
            text="Plusieurs membres le demandent. Il faudrait un roulement de permanences. Qu’en pensez-vous\u00a0?",
            closes_at=now + dt.timedelta(days=10),
            by=by,
            now=now,
        )
