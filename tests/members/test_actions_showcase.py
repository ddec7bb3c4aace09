"""Public pages, pictures and consents: what the actions refuse, what the database holds, what is logged."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from documents.models import StoredFile
from documents.storage import private_storage
from hubs.models import AuditEntry, Mail
from hubs.refusals import NotAllowed
from members import actions
from members.demo_showcase import drawn
from members.enums import PAGE_AFTER, PageState
from members.models import PageContact, PagePicture, PublicPage
from tests.members.factories import (
    FiscalYearFactory,
    MembershipFactory,
    PagePictureFactory,
    PublicPageFactory,
)
from tests.parties.factories import OrganisationFactory

TODAY = timezone.localdate()
LONG_AGO = TODAY - dt.timedelta(days=400)


@pytest.fixture
def ours(hub, nord):
    MembershipFactory(organisation=nord.organisation, fiscal_year=FiscalYearFactory(year=TODAY.year))
    return nord.organisation


def test_writing_keeps_what_is_not_given_and_logs_what_changed(nord, ours):
    by = nord.actor("administrator")
    actions.write_page(organisation=ours, by=by, on=LONG_AGO, tagline="Une", place="Au fond")
    page = actions.write_page(organisation=ours, by=by, on=TODAY, tagline="Deux", place="Au fond")

    entry = AuditEntry.objects.order_by("-pk")[0]
    assert (page.tagline, page.place, page.state, page.confirmed_on) == ("Deux", "Au fond", PageState.DRAFT, TODAY)
    assert (entry.verb, entry.before, entry.after) == (
        "members.page_written", {"tagline": "Une"}, {"tagline": "Deux"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"takes_orders": True}, actions.HowToOrder),
        ({"links": [f"https://x{n}.example" for n in range(7)]}, actions.TooManyLinks),
        ({"tagline": "", "text": "", "offer": ""}, actions.PageSaysNothing),
    ],
)
def test_what_a_published_page_may_not_say_is_refused_and_nothing_is_written(nord, ours, fields, refusal):
    PublicPageFactory(organisation=ours, published=True, place="Ici")

    with pytest.raises(refusal):
        actions.write_page(organisation=ours, by=nord.actor("administrator"), on=TODAY, **{"place": "Là", **fields})

    assert PublicPage.objects.get().place == "Ici"
    assert not AuditEntry.objects.filter(verb="members.page_written").exists()


@pytest.mark.parametrize(
    "values",
    [
        {"state": PageState.PUBLISHED, "tagline": "", "published_on": TODAY, "confirmed_on": TODAY},
        {"state": PageState.PUBLISHED},
        {"state": PageState.HIDDEN},
        {"hidden_reason": "Sans être masquée"},
        {"takes_orders": True, "ordering": ""},
        {"links": [f"https://x{n}.example" for n in range(7)]},
    ],
)
def test_the_database_refuses_what_a_page_may_never_be(ours, values):
    page = PublicPageFactory(organisation=ours)

    with pytest.raises(IntegrityError), transaction.atomic():
        PublicPage.objects.filter(pk=page.pk).update(**values)


@pytest.mark.parametrize("values", [{"rank": 9}, {"rank": 0}, {"alt": ""}])
def test_the_database_refuses_a_ninth_picture_and_one_that_nobody_described(ours, values):
    picture = PagePictureFactory(page__organisation=ours)

    with pytest.raises(IntegrityError), transaction.atomic():
        PagePicture.objects.filter(pk=picture.pk).update(**values)


@pytest.mark.parametrize("state", [state for state in PageState if state != PageState.HIDDEN])
def test_the_hub_hides_a_page_whatever_its_state(nord, ours, state):
    PublicPageFactory(organisation=ours, state=state, published_on=TODAY, confirmed_on=TODAY)

    assert PageState.HIDDEN in PAGE_AFTER[state]
    page = actions.hide_page(organisation=ours, reason="Fermée", by=nord.actor("coordinator"))

    assert (page.state, page.hidden_reason) == (PageState.HIDDEN, "Fermée")
    with pytest.raises(actions.PageHidden):
        actions.publish_page(organisation=ours, by=nord.actor("administrator"), on=TODAY)
    back = actions.publish_page(organisation=ours, by=nord.actor("coordinator"), on=TODAY)
    assert (back.state, back.hidden_reason) == (PageState.PUBLISHED, "")


@pytest.mark.parametrize("who", ["employee", "accountant", "stranger"])
def test_others_write_and_hide_nothing(nord, ours, who):
    by = nord.actor(who)

    for act in (
        lambda: actions.write_page(organisation=ours, by=by, on=TODAY, tagline="x"),
        lambda: actions.publish_page(organisation=ours, by=by, on=TODAY),
        lambda: actions.withdraw_page(organisation=ours, by=by),
        lambda: actions.hide_page(organisation=ours, reason="x", by=by),
        lambda: actions.confirm_page(organisation=ours, by=by, on=TODAY),
        lambda: actions.add_picture(organisation=ours, content=b"", alt="x", by=by),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not PublicPage.objects.exists()


def test_pictures_change_places_and_leave_no_hole(nord, ours):
    page = PublicPageFactory(organisation=ours)
    one, two, three = (PagePictureFactory(page=page, alt=alt) for alt in ("une", "deux", "trois"))
    by = nord.actor("administrator")

    def order():
        return list(page.pictures.order_by("rank").values_list("rank", "alt"))

    actions.move_picture(picture=one, to=2, by=by)
    assert order() == [(1, "deux"), (2, "une"), (3, "trois")]
    actions.move_picture(picture=one, to=99, by=by)
    assert order() == [(1, "deux"), (2, "trois"), (3, "une")]
    actions.remove_picture(picture=two, by=by)
    assert order() == [(1, "trois"), (2, "une")]
    with pytest.raises(actions.PictureGone):
        actions.move_picture(picture=two, to=1, by=by)
    with pytest.raises(actions.PictureUntold):
        actions.describe_picture(picture=three, alt=" ", by=by)
    assert actions.describe_picture(picture=three, alt="3", by=by).alt == "3"


def test_the_same_picture_twice_is_kept_once_in_the_files(nord, ours):
    by = nord.actor("administrator")

    first, second = (
        actions.add_picture(organisation=ours, content=drawn("x", 400, 400), alt=alt, by=by) for alt in ("a", "b")
    )

    assert (first.small_id, first.large_id) == (second.small_id, second.large_id)
    assert first.small_id == first.large_id, "not made larger than it was"


def test_a_picture_taken_off_leaves_no_bytes_unless_another_shows_them(nord, ours, django_capture_on_commit_callbacks):
    by = nord.actor("administrator")
    first, second = (
        actions.add_picture(organisation=ours, content=drawn("x", 400, 400), alt=alt, by=by) for alt in ("a", "b")
    )
    key = first.small.key

    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_picture(picture=first, by=by)
    assert private_storage().exists(key)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_picture(picture=second, by=by)
    assert not private_storage().exists(key)
    assert not StoredFile.objects.exists()


def test_nobody_agrees_for_someone_else(nord, ours):
    now = timezone.now()
    with pytest.raises(actions.WorksElsewhere):
        actions.show_me(organisation=ours, by=nord.actor("coordinator"), now=now)
    for _twice in range(2):
        actions.show_me(organisation=ours, by=nord.actor("employee"), now=now)

    assert [each.person for each in PageContact.objects.all()] == [nord.employee]
    assert AuditEntry.objects.filter(verb="members.named_on_page").count() == 1
    for _twice in range(2):
        actions.hide_me(organisation=ours, by=nord.actor("employee"))
    assert not PageContact.objects.exists()
    assert AuditEntry.objects.filter(verb="members.unnamed_on_page").count() == 1


def test_an_old_page_is_asked_for_once_a_year_at_the_address_that_there_is(ours):
    year = ours.memberships.get().fiscal_year
    alone = MembershipFactory(organisation=OrganisationFactory(email="a@seule.example"), fiscal_year=year).organisation
    mute = MembershipFactory(organisation=OrganisationFactory(email=""), fiscal_year=year).organisation
    gone = OrganisationFactory(email="b@partie.example")
    for organisation in (alone, mute, gone):
        PublicPageFactory(organisation=organisation, published=True, confirmed_on=LONG_AGO)
    PublicPageFactory(organisation=ours, published=True, confirmed_on=TODAY)

    counts = [actions.ask_stale_pages(on=TODAY + dt.timedelta(days=later)) for later in (0, 1, 364)]
    PublicPage.objects.filter(organisation=ours).update(state=PageState.WITHDRAWN)

    assert counts == [1, 0, 0]
    assert [mail.to for mail in Mail.objects.all()] == [["a@seule.example"]]
    assert actions.ask_stale_pages(on=TODAY + dt.timedelta(days=365)) == 1
