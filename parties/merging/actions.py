"""Merge two sheets of the same structure or person, and part them again."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing
from parties.actions.people import change_person
from parties.actions.structures import CONTACT_FIELDS, SiretTaken, change_organisation, check_keeps
from parties.models import Merge, Organisation, Person, Trade
from parties.own_fields.queries import about_of

Thing = Organisation | Person

# The columns that one sheet may take from the other; `trade` by its name, as the log tells it.
COLUMNS: Mapping[type, tuple[str, ...]] = {
    Organisation: ("name", "legal_form", "siret", "siren", "vat_number", "trade", "founded_on", *CONTACT_FIELDS),
    Person: ("given_name", "family_name", "email", "phone"),
}
_NUMBERS = ("siret", "siren", "vat_number")


class SameSheet(Refusal):
    message = _("C’est la même fiche\u00a0: choisissez-en une autre.")


class MergedAlready(Refusal):
    message = _("L’une de ces fiches vient d’être fusionnée. Rechargez la page pour voir où elles en sont.")


class HasMerged(Refusal):
    message = _("La fiche qui part en a déjà reçu une autre\u00a0: gardez celle-là, ou défaites d’abord cette fusion.")


class SignsInToo(Refusal):
    message = _(
        "Ces deux personnes ont chacune un accès au portail. Retirez d’abord l’accès de celle dont la fiche part."
    )


class KeepWhoSignsIn(Refusal):
    message = _("Gardez la fiche de la personne qui se connecte\u00a0: l’autre ne peut plus servir à entrer.")


class OneHostsTheOther(Refusal):
    message = _("L’une de ces structures porte l’autre\u00a0: ce sont bien deux structures.")


class Gone(Refusal):
    message = _("Cette fiche a été effacée\u00a0: elle ne se fusionne pas et ne se sépare plus.")


class NotMerged(Refusal):
    message = _("Cette fusion est déjà défaite.")


def values_of_sheet(thing: Thing) -> dict[str, Any]:
    """The columns that a merge may carry over, as plain values."""
    values = {name: getattr(thing, name) for name in COLUMNS[type(thing)]}
    return {name: value.name if isinstance(value, Trade) else value for name, value in values.items()}


@transaction.atomic
def merge(*, kept: Thing, gone: Thing, taken: Mapping[str, Any], by: Actor, now: dt.datetime) -> Merge:
    """Read `gone` on the sheet of `kept` from now on, and give `kept` the values taken from it.

    No row of the one is pointed at the other: links, memberships and accounts of both stay whose they are.
    Raises SameSheet, MergedAlready, HasMerged, SignsInToo, KeepWhoSignsIn, OneHostsTheOther, Gone, and those of
    `change_organisation` and `change_person`.
    """
    check_keeps(by)
    kept, gone = _locked(kept, gone)
    _check(kept, gone)
    before = values_of_sheet(kept)
    gone.merged_into = kept
    with refusing({"parties_merged_once": MergedAlready}):
        gone.save(update_fields=["merged_into"])
    _write(kept, taken, by)
    kept.refresh_from_db()
    after = values_of_sheet(kept)
    changed = [name for name in before if before[name] != after[name]]
    made = Merge.objects.create(
        **{about_of(gone): gone},
        merged_at=now,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    record(by=by, verb="parties.merged", thing=kept, after={"merged": str(gone)}, concerns=gone)
    return made


def _locked(one: Thing, two: Thing) -> tuple[Any, Any]:
    """Both rows, in the order of their ids, as they are now."""
    if type(one) is not type(two) or one.pk == two.pk:
        raise SameSheet
    rows = type(one).objects.select_for_update(of=("self",)).filter(pk__in=(one.pk, two.pk)).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise SameSheet
    return found[one.pk], found[two.pk]


def _check(kept: Any, gone: Any) -> None:
    if kept.merged_into_id is not None or gone.merged_into_id is not None:
        raise MergedAlready
    if gone.merged.exists():
        raise HasMerged
    if isinstance(gone, Person):
        if kept.erased_at is not None or gone.erased_at is not None:
            raise Gone
        if gone.user_id is not None:
            raise SignsInToo if kept.user_id is not None else KeepWhoSignsIn
    elif kept.hosted_by_id == gone.pk or gone.hosted_by_id == kept.pk:
        raise OneHostsTheOther


def _write(kept: Any, values: Mapping[str, Any], by: Actor) -> None:
    given = {name: value for name, value in values.items() if name in COLUMNS[type(kept)]}
    if not given:
        return
    if isinstance(kept, Person):
        change_person(person=kept, by=by, **given)
        return
    if set(given) & set(_NUMBERS):
        # The three are checked together: those not taken stay.
        given = {name: getattr(kept, name) for name in _NUMBERS} | given
    change_organisation(organisation=kept, by=by, **given)


@transaction.atomic
def part(*, gone: Thing, by: Actor, now: dt.datetime) -> Merge:
    """Undo a merge: `gone` is a sheet again, and what the other took from it and has kept as it was is given back.

    Raises NotMerged, Gone, SiretTaken, and those of `change_organisation` and `change_person`.
    """
    check_keeps(by)
    current = type(gone).objects.get(pk=gone.pk)
    if current.merged_into is None:
        raise NotMerged
    kept, gone = _locked(current.merged_into, current)
    done = Merge.objects.select_for_update(of=("self",)).filter(**{about_of(gone): gone}, undone_at=None).first()
    if gone.merged_into_id is None or done is None:
        raise NotMerged
    if isinstance(gone, Person) and gone.erased_at is not None:
        raise Gone
    now_values = values_of_sheet(kept)
    same = {name for name, value in done.after.items() if _as_kept(now_values[name]) == value}
    _write(kept, {name: _given_back(name, done.before[name]) for name in same}, by)
    gone.merged_into = None
    with refusing({"parties_organisation_siret_once": SiretTaken}):
        gone.save(update_fields=["merged_into"])
    done.undone_at = now
    done.save(update_fields=["undone_at"])
    record(by=by, verb="parties.parted", thing=kept, after={"merged": str(gone)}, concerns=gone)
    return done


def _as_kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _given_back(name: str, value: Any) -> Any:
    return dt.date.fromisoformat(value) if name == "founded_on" and value else value
