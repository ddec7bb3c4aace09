"""Hubs themselves: opened, named, and what they are in law."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from hubs import rules
from hubs.actions.audit import record
from hubs.actors import Actor
from hubs.enums import LegalForm, SecondFactor
from hubs.models import Hub, HubAddress, HubSettings
from hubs.parts import hub_apps
from hubs.presets import PRESETS
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub, current_hub_id, open_hub


class SlugTaken(Refusal):
    message = gettext_lazy("Un pôle porte déjà cet identifiant.")
    field = "slug"


class ModuleNeeded(Refusal):
    message = gettext_lazy(
        "Les espaces ont besoin des adhésions pour leurs prix, et de la facturation pour leurs comptes."
    )
    field = "modules"


class MembersNeeded(Refusal):
    message = gettext_lazy("Les assemblées ont besoin des adhésions pour leur liste électorale.")
    field = "modules"


class FrenchNeeded(Refusal):
    message = gettext_lazy("Le français est toujours proposé\u00a0; les autres langues s’y ajoutent.")
    field = "languages"


class SettingsInThePast(Refusal):
    message = gettext_lazy("Des réglages plus récents existent déjà. Choisissez une date après leur début.")
    field = "starts_on"


@transaction.atomic
def create_hub(
    *,
    slug: str,
    preset: str,
    host: str,
    today: dt.date,
    name: str = "",
    coordinator: str = "",
    second_factor: SecondFactor | None = None,
) -> Hub:
    """A new hub, set up by its preset and ready for its first member; `coordinator` is a mail address.

    Raises SlugTaken. `today` dates its settings: they start on the first of January. `second_factor` is that of
    the preset unless given.
    """
    slug = slugify(slug)
    if Hub.objects.filter(slug=slug).exists() or HubAddress.objects.filter(host=host).exists():
        raise SlugTaken
    chosen = PRESETS[preset]
    hub = Hub.objects.create(
        slug=slug,
        name=name or chosen.name,
        tagline=chosen.tagline,
        accent=chosen.accent,
        contact_email=chosen.contact_email or f"contact@{slug}.example",
        modules=list(chosen.modules),
        languages=list(chosen.languages),
        opened_on=today,
        second_factor=second_factor or chosen.second_factor,
    )
    HubAddress.objects.create(hub=hub, host=host, is_main=True)
    with open_hub(hub):
        HubSettings.objects.create(starts_on=dt.date(today.year, 1, 1), legal_form=chosen.legal_form)
        for app in hub_apps(hub):
            app.furnish(preset, today)
        if coordinator:
            for app in hub_apps(hub):
                app.welcome_coordinator(coordinator, today)
    return hub


@transaction.atomic
def change_hub(
    *,
    name: str,
    tagline: str,
    accent: str,
    contact_email: str,
    phone: str,
    modules: Sequence[str],
    languages: Sequence[str],
    by: Actor,
) -> Hub:
    """How the open hub is named, coloured and reached, what it speaks, and which modules have pages; nothing is erased.

    Raises NotAllowed, ModuleNeeded, MembersNeeded, FrenchNeeded.
    """
    _check(by)
    if "spaces" in modules and not {"billing", "members"} <= set(modules):
        raise ModuleNeeded
    if "governance" in modules and "members" not in modules:
        raise MembersNeeded
    if "fr" not in languages:
        raise FrenchNeeded
    hub = Hub.objects.select_for_update(of=("self",)).get(pk=current_hub_id())
    after = {
        "name": name,
        "tagline": tagline,
        "accent": accent,
        "contact_email": contact_email,
        "phone": phone,
        "modules": sorted(modules),
        "languages": [code for code, _name in settings.LANGUAGES if code in languages],
    }
    before = {field: getattr(hub, field) for field in after}
    for field, value in after.items():
        setattr(hub, field, value)
    hub.save(update_fields=list(after))
    record(by=by, verb="hubs.changed", thing=hub, before=before, after=after)
    return hub


@transaction.atomic
def change_security(*, second_factor: SecondFactor, by: Actor) -> Hub:
    """Of whom the open hub asks a second step at sign-in. Raises NotAllowed."""
    _check(by)
    hub = Hub.objects.select_for_update(of=("self",)).get(pk=current_hub_id())
    before, hub.second_factor = hub.second_factor, second_factor
    hub.save(update_fields=["second_factor"])
    record(
        by=by,
        verb="hubs.security_changed",
        thing=hub,
        before={"second_factor": before},
        after={"second_factor": second_factor},
    )
    return hub


@transaction.atomic
def change_settings(
    *, legal_form: LegalForm, fiscal_year_starts_month: int, starts_on: dt.date, by: Actor
) -> HubSettings:
    """What the hub is in law from `starts_on`; what it was before stays on record.

    Raises NotAllowed, SettingsInThePast.
    """
    _check(by)
    current = HubSettings.objects.live(starts_on).select_for_update(of=("self",)).first()
    if current is not None and current.starts_on == starts_on:
        current.delete()
    elif current is not None:
        current.ends_on = starts_on
        current.save(update_fields=["ends_on"])
    with refusing({"hubs_hubsettings_no_overlap": SettingsInThePast}):
        agreed = HubSettings.objects.create(
            starts_on=starts_on, legal_form=legal_form, fiscal_year_starts_month=fiscal_year_starts_month
        )
    after = {"legal_form": legal_form, "fiscal_year_starts_month": fiscal_year_starts_month, "from": starts_on}
    before = {"legal_form": current.legal_form} if current else None
    record(by=by, verb="hubs.settings_changed", thing=agreed, before=before, after=after, concerns=current_hub())
    return agreed


def _check(by: Actor) -> None:
    if not rules.coordinator(by):
        raise NotAllowed
