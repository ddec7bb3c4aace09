"""The pictures of a public page: added, described, put in order, taken off."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from documents.actions import forget_files, store_file
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal
from members import pictures
from members.actions.showcase import check_keeps_page, locked_page
from members.models import PagePicture, PublicPage
from members.models.showcase import MOST_PICTURES
from parties.models import Organisation


class TooManyPictures(Refusal):
    message = _("Une page montre huit images au plus. Retirez-en une d’abord.")
    field = "file"


class PictureUntold(Refusal):
    message = _("Dites ce que l’image montre\u00a0: c’est ce qu’entendent les personnes qui ne la voient pas.")
    field = "alt"


class PictureGone(Refusal):
    message = _("Cette image n’est plus sur la page.")


@transaction.atomic
def add_picture(*, organisation: Organisation, content: bytes, alt: str, by: Actor) -> PagePicture:
    """Draw the picture again in three widths, without its metadata, and put it last; the first one is the cover.

    Raises PictureUntold, TooManyPictures, and the refusals of `pictures.resize`.
    """
    check_keeps_page(by, organisation)
    if not alt.strip():
        raise PictureUntold
    drawn = pictures.resize(content)
    page = locked_page(organisation)
    rank = page.pictures.count() + 1
    if rank > MOST_PICTURES:
        raise TooManyPictures
    small, medium, large = (
        store_file(name=f"image-{width}.webp", content_type=pictures.CONTENT_TYPE, content=drawn[width])
        for width in pictures.WIDTHS
    )
    picture = PagePicture.objects.create(page=page, rank=rank, alt=alt.strip(), small=small, medium=medium, large=large)
    record(by=by, verb="members.picture_added", thing=page, after={"alt": picture.alt}, concerns=organisation)
    return picture


@transaction.atomic
def describe_picture(*, picture: PagePicture, alt: str, by: Actor) -> PagePicture:
    """Say otherwise what it shows. Raises PictureUntold, PictureGone."""
    page, held = _held(picture, by)
    if not alt.strip():
        raise PictureUntold
    kept = next(each for each in held if each.pk == picture.pk)
    before, kept.alt = kept.alt, alt.strip()
    kept.save(update_fields=["alt"])
    record(
        by=by, verb="members.picture_described", thing=page, before={"alt": before}, after={"alt": kept.alt},
        concerns=page.organisation,
    )  # fmt: skip
    return kept


@transaction.atomic
def move_picture(*, picture: PagePicture, to: int, by: Actor) -> None:
    """Put it at this rank, from 1; beyond the last, it is last. Raises PictureGone."""
    page, held = _held(picture, by)
    others = [each for each in held if each.pk != picture.pk]
    others.insert(max(to, 1) - 1, next(each for each in held if each.pk == picture.pk))
    _rank(others)
    record(by=by, verb="members.picture_moved", thing=page, after={"alt": picture.alt}, concerns=page.organisation)


@transaction.atomic
def remove_picture(*, picture: PagePicture, by: Actor) -> None:
    """Take it off the page: its bytes go too, unless another page shows the same. Raises PictureGone."""
    page, held = _held(picture, by)
    files = {picture.small, picture.medium, picture.large}
    PagePicture.objects.filter(pk=picture.pk).delete()
    forget_files(file.pk for file in files)
    _rank([each for each in held if each.pk != picture.pk])
    record(by=by, verb="members.picture_removed", thing=page, before={"alt": picture.alt}, concerns=page.organisation)


def _held(picture: PagePicture, by: Actor) -> tuple[PublicPage, list[PagePicture]]:
    """The page, locked, and its pictures in order."""
    organisation = picture.page.organisation
    check_keeps_page(by, organisation)
    page = locked_page(organisation)
    held = list(page.pictures.order_by("rank"))
    if picture.pk not in {each.pk for each in held}:
        raise PictureGone
    return page, held


def _rank(pictures_in_order: list[PagePicture]) -> None:
    for rank, each in enumerate(pictures_in_order, start=1):
        if each.rank != rank:
            each.rank = rank
            each.save(update_fields=["rank"])
