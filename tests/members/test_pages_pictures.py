"""The pictures of a public page: what is taken, what is refused and why, who sees them and until when."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageFile

from hubs.scope import open_hub
from members import actions, pictures
from members.demo_showcase import drawn
from members.models import PagePicture
from tests.members.factories import FiscalYearFactory, MembershipFactory
from tests.members.test_pages_showcase import WRITTEN, edit_of, words


@pytest.fixture
def ours(nord):
    """The structure of nord's people, a member."""
    with open_hub(nord.hub):
        year = FiscalYearFactory(year=timezone.localdate().year)
        MembershipFactory(organisation=nord.organisation, fiscal_year=year)
    return nord.organisation


def photo(kind="JPEG", size=(1800, 1200), **saved):
    file = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(file, kind, **saved)
    return file.getvalue()


def with_gps():
    exif = Image.Exif()
    exif[0x010F] = "Marque"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (47.0, 19.0, 12.0)
    return photo(exif=exif)


def sent(content, name="photo.jpg"):
    return {"file": SimpleUploadedFile(name, content, "image/jpeg"), "alt": "Deux menuisières"}


@pytest.mark.feature("ME12")
def test_a_picture_is_resized_stripped_and_seen_while_the_page_is_public(nord, ours, sign_in):
    browser, visitor = sign_in(nord, "administrator"), sign_in(nord)
    browser.post(edit_of(ours), WRITTEN)
    browser.post(edit_of(ours, "images/"), sent(with_gps()))
    with open_hub(nord.hub):
        picture = PagePicture.objects.get()
    url = f"/annuaire/images/{picture.pk}/960.webp"

    draft = (visitor.get(url).status_code, browser.get(url)["Cache-Control"])
    browser.post(edit_of(ours, "publier/"))
    public = visitor.get(url)
    again = visitor.get(url, headers={"if-none-match": public["ETag"]})

    assert draft == (404, "private, no-store")
    assert (public["Content-Type"], public["Cache-Control"]) == ("image/webp", "public, max-age=31536000, immutable")
    assert again.status_code == 304
    assert visitor.get(url.replace("960", "961")).status_code == 404
    shown = Image.open(io.BytesIO(public.content))
    assert (shown.format, shown.size, dict(shown.getexif())) == ("WEBP", (960, 640), {})
    assert b"Marque" not in public.content
    browser.post(edit_of(ours, "retirer/"))
    assert visitor.get(url).status_code == 404


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 pas une image", "n’est pas une image JPEG, PNG ou WebP"),
        (SVG, "n’est pas une image JPEG, PNG ou WebP"),
        (photo("GIF"), "n’est pas une image JPEG, PNG ou WebP"),
        (photo()[:20_000], "incomplète ou abîmée"),
        (photo(size=(200, 900)), "trop petite"),
    ],
    ids=["renamed", "svg", "gif", "truncated", "small"],
)
def test_what_is_not_a_good_picture_is_refused_with_its_reason(nord, ours, sign_in, monkeypatch, content, message):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as WeasyPrint leaves it
    answer = sign_in(nord, "administrator").post(edit_of(ours, "images/"), sent(content))

    assert answer.status_code == 422
    assert message in words(answer)
    assert 'value="Deux menuisières"' in answer.text
    with open_hub(nord.hub):
        assert not PagePicture.objects.exists()


def test_a_bomb_and_a_file_of_sixty_megabytes_are_refused(nord, ours, sign_in):
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    browser = sign_in(nord, "administrator")

    wide = browser.post(edit_of(ours, "images/"), sent(bomb.getvalue(), "photo.png"))
    heavy = browser.post(edit_of(ours, "images/"), sent(b"\xff\xd8" + bytes(60 * 1024 * 1024)))

    assert (wide.status_code, heavy.status_code) == (422, 422)
    assert "40 millions de pixels" in words(wide)
    assert "plus de 10 Mo" in words(heavy)
    with pytest.raises(pictures.PictureTooBig):
        pictures.resize(bytes(pictures.MAX_BYTES + 1))


def test_a_picture_says_what_it_shows(nord, ours, sign_in):
    answer = sign_in(nord, "administrator").post(edit_of(ours, "images/"), {**sent(photo()), "alt": " "})

    assert answer.status_code == 422
    assert "alt" in answer.context["adding"].errors


def test_pictures_are_ordered_and_taken_off(nord, ours, sign_in):
    browser = sign_in(nord, "administrator")
    with open_hub(nord.hub):
        by = nord.actor("administrator")
        first, second = (
            actions.add_picture(organisation=ours, content=drawn(alt), alt=alt, by=by) for alt in ("une", "deux")
        )

    browser.post(edit_of(ours, f"images/{second.pk}/"), {"action": "first"})
    with open_hub(nord.hub):
        assert list(PagePicture.objects.order_by("rank").values_list("alt", flat=True)) == ["deux", "une"]
    browser.post(edit_of(ours, f"images/{first.pk}/"), {"action": "remove"})
    with open_hub(nord.hub):
        assert list(PagePicture.objects.values_list("alt", flat=True)) == ["deux"]


def test_words_that_no_database_takes_are_refused_and_the_picture_keeps_its_own(nord, ours, sign_in):
    browser = sign_in(nord, "administrator")
    browser.post(edit_of(ours, "images/"), sent(photo()))
    with open_hub(nord.hub):
        picture = PagePicture.objects.get()

    answer = browser.post(edit_of(ours, f"images/{picture.pk}/"), {"action": "describe", "alt": "\x00"}, follow=True)

    assert answer.status_code == 200
    with open_hub(nord.hub):
        picture.refresh_from_db()
    assert picture.alt == "Deux menuisières"


def test_a_page_holds_eight_pictures(hub, nord, ours):
    by = nord.actor("administrator")
    for number in range(8):
        actions.add_picture(organisation=ours, content=drawn(str(number)), alt="x", by=by)

    with pytest.raises(actions.TooManyPictures):
        actions.add_picture(organisation=ours, content=drawn("9"), alt="x", by=by)
