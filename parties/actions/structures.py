"""Structures, and what they weigh each year."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import models, transaction
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from parties.enums import FiguresSource
from parties.identifiers import clean_identifiers
from parties.models import Organisation, OtherTrade, OwnField, Person, PlainText, Trade, YearFigures
from parties.own_fields.actions import answer_fields
from parties.own_fields.queries import Value as OwnAnswer
from parties.rules import keeps_contact, keeps_structures


class SiretTaken(Refusal):
    message = _("Une structure du pôle porte déjà ce SIRET.")
    field = "siret"


class OwnHost(Refusal):
    message = _("Une structure ne se porte pas elle-même.")
    field = "hosted_by"


class MergedAway(Refusal):
    message = _("Cette fiche a été fusionnée dans une autre\u00a0: ouvrez celle qui reste, et recommencez.")


class NegativeFigures(Refusal):
    message = _("Les ETP, le budget et les surfaces ne sont pas négatifs.")


class NoSuchYear(Refusal):
    message = _("Les chiffres sont ceux d’une année entre 1950 et 2100.")
    field = "year"


class OrganisationFields(TypedDict, total=False):
    name: str
    legal_form: str
    siren: str
    siret: str
    vat_number: str
    hosted_by: Organisation | None
    # A name finds its trade, or makes it.
    trade: Trade | str | None
    # Beside that one, by their names.
    other_trades: Sequence[str]
    email: str
    invoice_email: str
    phone: str
    address: str
    postcode: str
    town: str
    website: str
    founded_on: dt.date | None
    closed_on: dt.date | None


class Figures(TypedDict, total=False):
    fte: Decimal | None
    permanent: int | None
    budget: Decimal | None
    turnover: Decimal | None
    equity: Decimal | None
    area: Decimal | None


CONTACT_FIELDS = ("email", "invoice_email", "phone", "address", "postcode", "town", "website")
_IDENTIFIERS = ("siret", "siren", "vat_number")
_REFUSALS = {
    "parties_organisation_siret_once": SiretTaken,
    "parties_organisation_not_own_host": OwnHost,
}


def _told(value: Any) -> Any:
    """How the log keeps a value: what is read, not a key."""
    return str(value) if isinstance(value, models.Model) else value


def check_keeps(by: Actor) -> None:
    if not keeps_structures(by):
        raise NotAllowed(_("La coordination tient le fichier des structures."))


def check_stands(*things: Organisation | Person) -> None:
    """Raises MergedAway when one of these sheets is read on another."""
    if any(type(thing).objects.filter(pk=thing.pk).exclude(merged_into=None).exists() for thing in things):
        raise MergedAway


def trade_named(name: str) -> Trade:
    """The trade of that name, accents and capitals forgiven; made if there is none."""
    found = Trade.objects.annotate(plain=PlainText("name")).filter(plain=PlainText(Value(name))).first()
    return found or Trade.objects.create(name=name)


def _find_trade(fields: OrganisationFields) -> None:
    if isinstance(name := fields.get("trade"), str):
        fields["trade"] = trade_named(name) if name else None


def _write_other_trades(organisation: Organisation, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """What they were and are, by name; the main trade is not told twice."""
    main = organisation.trade_id
    wanted = {trade.pk: trade for trade in (trade_named(name) for name in names if name) if trade.pk != main}
    held = OtherTrade.objects.filter(organisation=organisation).select_related("trade")
    before = sorted(each.trade.name for each in held)
    held.exclude(trade__in=wanted).delete()
    for trade in wanted.values():
        OtherTrade.objects.get_or_create(organisation=organisation, trade=trade)
    return before, sorted(trade.name for trade in wanted.values())


def _clean_identifiers(fields: OrganisationFields, kept: Organisation) -> None:
    """Check the three together, those not given being the ones kept; a new SIRET brings its own SIREN."""
    siren = "" if "siret" in fields else kept.siren
    fields["siret"], fields["siren"], fields["vat_number"] = clean_identifiers(
        siret=fields.get("siret", kept.siret),
        siren=fields.get("siren", siren),
        vat_number=fields.get("vat_number", kept.vat_number),
    )


@transaction.atomic
def create_organisation(
    *, by: Actor, own: Mapping[OwnField, OwnAnswer] | None = None, **fields: Unpack[OrganisationFields]
) -> Organisation:
    """A structure that the hub deals with, with its answers to the hub's own fields.

    Raises SiretTaken, and those of `clean_identifiers` and `answer_fields`.
    """
    check_keeps(by)
    _find_trade(fields)
    _clean_identifiers(fields, Organisation())
    other_trades = fields.pop("other_trades", ())
    with refusing(_REFUSALS):
        organisation = Organisation.objects.create(**fields)
    _before, told = _write_other_trades(organisation, other_trades)
    after = {name: _told(value) for name, value in fields.items() if value not in ("", None)}
    if told:
        after["other_trades"] = told
    record(by=by, verb="parties.structure_added", thing=organisation, after=after)
    answer_fields(thing=organisation, answers=own or {}, by=by)
    return organisation


@transaction.atomic
def change_organisation(
    *,
    organisation: Organisation,
    by: Actor,
    own: Mapping[OwnField, OwnAnswer] | None = None,
    **fields: Unpack[OrganisationFields],
) -> Organisation:
    """Change what is given, and log what did change; those who administer it change its addresses only, and the
    own fields that the hub opens to them.

    Raises SiretTaken, OwnHost, MergedAway, and those of `clean_identifiers` and `answer_fields`.
    """
    if not keeps_structures(by) and not (keeps_contact(by, organisation) and set(fields) <= set(CONTACT_FIELDS)):
        raise NotAllowed(_("Vous ne pouvez pas modifier cette structure."))
    _find_trade(fields)
    kept = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    check_stands(kept)
    if set(fields) & set(_IDENTIFIERS):
        _clean_identifiers(fields, kept)
    answer_fields(thing=kept, answers=own or {}, by=by)
    other_trades = fields.pop("other_trades", None)
    changes = {name: value for name, value in fields.items() if getattr(kept, name) != value}
    before = {name: _told(getattr(kept, name)) for name in changes}
    for name, value in changes.items():
        setattr(kept, name, value)
    if changes:
        with refusing(_REFUSALS):
            kept.save(update_fields=list(changes))
    after = {name: _told(value) for name, value in changes.items()}
    if other_trades is not None:
        had, has = _write_other_trades(kept, other_trades)
        if had != has:
            before["other_trades"], after["other_trades"] = had, has
    if not after:
        return kept
    record(by=by, verb="parties.structure_changed", thing=kept, before=before, after=after)
    return kept


@transaction.atomic
def record_figures(
    *,
    organisation: Organisation,
    year: int,
    by: Actor,
    source: FiguresSource = FiguresSource.TYPED,
    **figures: Unpack[Figures],
) -> YearFigures:
    """Write what the structure weighed that year; figures not given stay. Raises NegativeFigures, NoSuchYear, MergedAway."""
    check_keeps(by)
    check_stands(organisation)
    with refusing({"parties_yearfigures_not_negative": NegativeFigures, "parties_yearfigures_year": NoSuchYear}):
        kept, is_new = YearFigures.objects.select_for_update(of=("self",)).get_or_create(
            organisation=organisation, year=year, defaults={"source": source, **figures}
        )
        changes = figures if is_new else {name: new for name, new in figures.items() if getattr(kept, name) != new}
        if not changes:
            return kept
        before = None if is_new else {"year": year} | {name: getattr(kept, name) for name in changes}
        if not is_new:
            for name, value in changes.items():
                setattr(kept, name, value)
            kept.source = source
            kept.save(update_fields=[*changes, "source"])
    record(
        by=by, verb="parties.figures_recorded", thing=organisation, before=before, after={"year": year} | {**changes}
    )
    return kept
