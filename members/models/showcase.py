import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Deferrable, Func, Q
from django.utils.translation import gettext_lazy as _

from documents.models import StoredFile
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from members.enums import PageState
from parties.models import Organisation, Person, PlainText

# After so long without a word of its structure, a page is asked for again.
STALE_AFTER = dt.timedelta(days=365)
MOST_PICTURES = 8
MOST_LINKS = 6


def _plain(*columns: str) -> PlainText:
    """The columns one after the other, as they are searched."""
    joined = Func(*columns, template="(%(expressions)s)", arg_joiner=" || ' ' || ", output_field=models.TextField())
    return PlainText(joined)


class PublicPageQuerySet(models.QuerySet["PublicPage"]):
    def published(self) -> "PublicPageQuerySet":
        return self.filter(state=PageState.PUBLISHED)

    def stale(self, on: dt.date) -> "PublicPageQuerySet":
        """Published, and confirmed by nobody for a year on that day."""
        return self.published().filter(confirmed_on__lte=on - STALE_AFTER)


class PublicPage(HubModel):
    """What a structure shows of itself in the directory. Its contacts, each by its own choice; people, by theirs."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="public_page", verbose_name=_("structure")
    )
    state = models.CharField(_("situation"), max_length=10, choices=PageState.choices, default=PageState.DRAFT)
    tagline = models.CharField(_("accroche"), max_length=160, blank=True)
    text = models.TextField(_("présentation"), max_length=4000, blank=True)
    skills = models.CharField(_("savoir-faire"), max_length=160, blank=True)
    offer = models.TextField(_("ce qu’elle vend ou propose"), max_length=600, blank=True)
    takes_orders = models.BooleanField(_("prend des commandes"), default=False)
    ordering = models.TextField(_("comment commander"), max_length=600, blank=True)
    opening_times = models.CharField(_("horaires"), max_length=240, blank=True)
    place = models.CharField(_("où la trouver"), max_length=240, blank=True)
    links = ArrayField(models.URLField(max_length=300), verbose_name=_("liens"), default=list, blank=True)
    shows_website = models.BooleanField(_("montre son site"), default=True)
    shows_email = models.BooleanField(_("montre son adresse électronique"), default=False)
    shows_phone = models.BooleanField(_("montre son téléphone"), default=False)
    shows_address = models.BooleanField(_("montre son adresse postale"), default=False)
    published_on = models.DateField(_("publiée le"), null=True, blank=True)
    # The last day on which its structure, or the hub, said that it is right.
    confirmed_on = models.DateField(_("vérifiée le"), null=True, blank=True)
    # The last day on which a mail asked for that.
    asked_on = models.DateField(_("relecture demandée le"), null=True, blank=True)
    hidden_reason = models.CharField(_("motif du masquage"), max_length=300, blank=True)
    # Without accents or capitals: made once, for a search reads them all each time.
    said = models.GeneratedField(
        expression=_plain("tagline", "skills"), output_field=models.TextField(), db_persist=True
    )
    sold = models.GeneratedField(expression=_plain("offer"), output_field=models.TextField(), db_persist=True)

    objects = hub_objects(PublicPageQuerySet)

    class Meta:
        verbose_name = _("page publique")
        constraints = [
            *hub_guards("members_publicpage", "organisation"),
            models.CheckConstraint(
                name="members_publicpage_says_something",
                condition=~Q(state=PageState.PUBLISHED) | ~Q(tagline="", text="", offer=""),
                violation_error_message=_("Écrivez au moins une phrase avant de publier."),
            ),
            models.CheckConstraint(
                name="members_publicpage_published_has_dates",
                condition=~Q(state=PageState.PUBLISHED) | Q(published_on__isnull=False, confirmed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="members_publicpage_hidden_says_why",
                condition=Q(state=PageState.HIDDEN) & ~Q(hidden_reason="")
                | ~Q(state=PageState.HIDDEN) & Q(hidden_reason=""),
                violation_error_message=_("Dites pourquoi\u00a0: la structure lit ce motif."),
            ),
            models.CheckConstraint(
                name="members_publicpage_orders_say_how",
                condition=Q(takes_orders=False) | ~Q(ordering=""),
                violation_error_message=_("Dites comment commander, ou décochez «\u00a0Prend des commandes\u00a0»."),
            ),
            models.CheckConstraint(name="members_publicpage_few_links", condition=Q(links__len__lte=MOST_LINKS)),
        ]

    def __str__(self) -> str:
        return self.organisation.name

    def is_stale(self, on: dt.date) -> bool:
        return self.confirmed_on is not None and self.confirmed_on <= on - STALE_AFTER


class PagePicture(HubModel):
    """A picture of a page, decoded and drawn again in three widths: nothing that the camera wrote is left in it."""

    page = models.ForeignKey(PublicPage, on_delete=models.PROTECT, related_name="pictures", verbose_name=_("page"))
    # The first one is the cover.
    rank = models.PositiveSmallIntegerField(_("rang"))
    # For those who do not see it.
    alt = models.CharField(_("ce que l’image montre"), max_length=240)
    small = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("petite"))
    medium = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("moyenne"))
    large = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("grande"))

    class Meta:
        verbose_name = _("image d’une page publique")
        constraints = [
            *hub_guards("members_pagepicture", "page", "small", "medium", "large"),
            models.UniqueConstraint(
                fields=["hub", "page", "rank"], name="members_pagepicture_rank_once", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="members_pagepicture_few",
                condition=Q(rank__range=(1, MOST_PICTURES)),
                violation_error_message=_("Une page montre huit images au plus."),
            ),
            models.CheckConstraint(
                name="members_pagepicture_told",
                condition=~Q(alt=""),
                violation_error_message=_(
                    "Dites ce que l’image montre\u00a0: c’est ce qu’entendent les personnes qui ne la voient pas."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.alt


class PageContact(HubModel):
    """Someone of the structure who agreed to be named on its page. Taken back, the row is gone."""

    page = models.ForeignKey(PublicPage, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("page"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("personne"))
    consented_at = models.DateTimeField(_("accord donné le"))

    class Meta:
        verbose_name = _("personne nommée sur une page publique")
        constraints = [
            *hub_guards("members_pagecontact", "page", "person"),
            models.UniqueConstraint(fields=["hub", "page", "person"], name="members_pagecontact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.page}"
