"""Proxies: given on the portal or from paper, and taken back until the assembly opens."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from documents.actions import store_file
from governance.actions.assemblies import locked_assembly
from governance.models import Proxy, RollEntry
from governance.rules import runs_assemblies, speaks_for
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing


class ToOneself(Refusal):
    message = _("Un pouvoir se donne à quelqu’un d’autre.")
    field = "holder"


class AlreadyGiven(Refusal):
    message = _("Ce membre a déjà donné pouvoir\u00a0: révoquez d’abord le premier.")
    field = "giver"


class OtherCollege(Refusal):
    message = _("Choisissez un membre votant du même collège.")
    field = "holder"


class NoChain(Refusal):
    message = _("Qui donne pouvoir n’en reçoit pas\u00a0: choisissez quelqu’un d’autre.")
    field = "holder"


class CapReached(Refusal):
    message = _(
        "Ce membre a déjà tous les pouvoirs que les statuts lui permettent\u00a0: choisissez quelqu’un d’autre."
    )
    field = "holder"


class TooLate(Refusal):
    message = _("Les pouvoirs se donnent et se révoquent entre la convocation et l’ouverture.")


@dataclass(frozen=True)
class PaperForm:
    """A proxy signed on paper: who brought it, and its scan if there is one."""

    brought_by: str
    scan: bytes = b""
    scan_type: str = ""


REFUSALS = {
    "governance_proxy_cap": CapReached,
    "governance_proxy_given_once": AlreadyGiven,
    "governance_proxy_no_chain": NoChain,
    "governance_proxy_not_to_oneself": ToOneself,
    "governance_proxy_same_college": OtherCollege,
    "governance_proxy_too_late": TooLate,
}


def _check(by: Actor, giver: RollEntry) -> None:
    if not runs_assemblies(by) and not speaks_for(by, giver.membership.organisation_id, giver.membership.person_id):
        raise NotAllowed(_("Qui administre la structure donne son pouvoir."))


@transaction.atomic
def give_proxy(
    *, giver: RollEntry, holder: RollEntry, by: Actor, now: dt.datetime, paper: PaperForm | None = None
) -> Proxy:
    """On the portal, or as the coordination reads it on `paper`.

    Raises ToOneself, AlreadyGiven, OtherCollege, NoChain, CapReached, TooLate.
    """
    _check(by, giver)
    if paper is not None and not runs_assemblies(by):
        raise NotAllowed(_("La coordination note les pouvoirs reçus sur papier."))
    locked_assembly(giver.assembly_id)
    if giver.pk == holder.pk:
        raise ToOneself
    scan = None
    if paper is not None and paper.scan:
        scan = store_file(name=f"pouvoir-{giver.pk}", content_type=paper.scan_type, content=paper.scan)
    brought_by = paper.brought_by if paper is not None else ""
    with refusing(REFUSALS):
        proxy = Proxy.objects.create(giver=giver, holder=holder, given_at=now, brought_by=brought_by, scan=scan)
    after = {"giver": giver.name, "holder": holder.name, "brought_by": brought_by}
    record(by=by, verb="governance.proxy_given", thing=proxy, after=after, concerns=giver.assembly)
    return proxy


@transaction.atomic
def revoke_proxy(*, proxy: Proxy, by: Actor, now: dt.datetime) -> Proxy:
    """Take a proxy back; twice changes nothing. Raises TooLate."""
    _check(by, proxy.giver)
    locked_assembly(proxy.giver.assembly_id)
    kept = Proxy.objects.select_for_update(of=("self",), no_key=True).get(pk=proxy.pk)
    if kept.revoked_at is not None:
        return kept
    kept.revoked_at = now
    with refusing(REFUSALS):
        kept.save(update_fields=["revoked_at"])
    record(by=by, verb="governance.proxy_revoked", thing=kept, concerns=kept.giver.assembly)
    return kept
