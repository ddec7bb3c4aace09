"""Every write of the ground: the audit log, the outbox, hubs themselves."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from hubs import rules
from hubs.actors import Actor
from hubs.enums import LegalForm, Role
from hubs.models import AuditEntry, Hub, HubAddress, HubModel, HubSettings, Mail, Run, RunItem, Session, StaffRole, User
from hubs.parts import hub_apps
from hubs.presets import PRESETS
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub_id, open_hub


class SlugTaken(Refusal):
    message = "Un pôle porte déjà cet identifiant."
    field = "slug"


class ModuleNeeded(Refusal):
    message = gettext_lazy(
        "Les espaces ont besoin des adhésions pour leurs prix, et de la facturation pour leurs comptes."
    )
    field = "modules"


class SettingsInThePast(Refusal):
    message = gettext_lazy("Des réglages plus récents existent déjà. Choisissez une date après leur début.")
    field = "starts_on"


def name_of(thing: models.Model) -> str:
    """How the log, the outbox and the charges name a row: `spaces.booking:12`."""
    return f"{thing._meta.label_lower}:{thing.pk}"


def record(
    *,
    by: Actor,
    verb: str,
    thing: models.Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Add a line to the audit log, in the transaction of what it tells."""
    return AuditEntry.objects.create(
        user_id=by.user_id,
        who=by.name,
        verb=verb,
        thing=name_of(thing),
        label=str(thing)[:240],
        before=before,
        after=after,
        reason=reason,
    )


def send_mail(
    *,
    to: Sequence[str],
    subject: str,
    text: str,
    html: str = "",
    attachments: Iterable[Mapping[str, str]] = (),
    about: models.Model | None = None,
) -> Mail:
    """Queue a message. It leaves after the commit, or with the next sweep."""
    from hubs import tasks

    mail = Mail.objects.create(
        to=list(to),
        subject=" ".join(subject.split())[:240],
        text=text,
        html=html,
        attachments=list(attachments),
        about=name_of(about) if about else "",
        next_try_at=timezone.now(),
    )
    _after_commit(tasks.nudge_mail, mail)
    return mail


def _after_commit(nudge: Callable[[int, int], None], row: HubModel) -> None:
    """Nudge a worker about this row once it is there. A broker that is away fails nothing."""
    hub_id = current_hub_id()

    # Not a partial: to log that one failed, Django asks for a name that partials do not have, and fails.
    def nudge_of_row() -> None:
        nudge(hub_id, row.pk)

    transaction.on_commit(nudge_of_row, robust=True)


def start_run(*, title: str, by: Actor, about: models.Model | None = None) -> Run:
    """Open a run; `add_item` gives it its work."""
    return Run.objects.create(title=title, started_by=by.name, about=name_of(about) if about else "")


def add_item(*, run: Run, job: str, label: str, **kwargs: Any) -> RunItem:
    """Give a run one unit of work, named by the `jobs` of an AppConfig; handed over after the commit."""
    from hubs import tasks

    item = RunItem.objects.create(run=run, job=job, label=label[:200], kwargs=kwargs, handed_at=timezone.now())
    _after_commit(tasks.nudge_item, item)
    return item


@transaction.atomic
def create_hub(*, slug: str, preset: str, host: str, today: dt.date, name: str = "", coordinator: str = "") -> Hub:
    """A new hub, set up by its preset and ready for its first member; `coordinator` is a mail address.

    Raises SlugTaken. `today` dates its settings: they start on the first of January.
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
        opened_on=today,
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
    *, name: str, tagline: str, accent: str, contact_email: str, phone: str, modules: Sequence[str], by: Actor
) -> Hub:
    """How the open hub is named, coloured and reached, and which modules have pages; nothing is erased.

    Raises NotAllowed, ModuleNeeded.
    """
    _check(by)
    if "spaces" in modules and not {"billing", "members"} <= set(modules):
        raise ModuleNeeded
    hub = Hub.objects.select_for_update(of=("self",)).get(pk=current_hub_id())
    after = {
        "name": name,
        "tagline": tagline,
        "accent": accent,
        "contact_email": contact_email,
        "phone": phone,
        "modules": sorted(modules),
    }
    before = {field: getattr(hub, field) for field in after}
    for field, value in after.items():
        setattr(hub, field, value)
    hub.save(update_fields=list(after))
    record(by=by, verb="hubs.changed", thing=hub, before=before, after=after)
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
        settings = HubSettings.objects.create(
            starts_on=starts_on, legal_form=legal_form, fiscal_year_starts_month=fiscal_year_starts_month
        )
    after = {"legal_form": legal_form, "fiscal_year_starts_month": fiscal_year_starts_month, "from": starts_on}
    before = {"legal_form": current.legal_form} if current else None
    record(by=by, verb="hubs.settings_changed", thing=settings, before=before, after=after)
    return settings


def _check(by: Actor) -> None:
    if not rules.coordinator(by):
        raise NotAllowed


@transaction.atomic
def give_role(*, user: User, role: Role, by: Actor, on: dt.date) -> StaffRole:
    """Give a user a role for the hub from `on`; giving it twice changes nothing."""
    held, is_new = StaffRole.objects.get_or_create(user=user, role=role, ends_on=None, defaults={"starts_on": on})
    if is_new:
        record(by=by, verb="hubs.role_given", thing=held, after={"role": role, "email": user.email})
    return held


def forget_sessions(*, now: dt.datetime) -> None:
    """Delete the sessions of the open hub that have expired."""
    Session.objects.filter(hub=current_hub_id(), expire_date__lt=now).delete()
