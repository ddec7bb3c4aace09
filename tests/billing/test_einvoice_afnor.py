"""The client of XP Z12-013, at a platform that plays the published exchanges and then misbehaves."""

import datetime as dt
import hashlib
import logging
import time

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from billing.einvoice import afnor
from billing.einvoice.afnor import AfnorPlatform
from billing.einvoice.cdar import NotAStatus, read_status
from billing.einvoice.platforms import (
    Address,
    DocumentRefused,
    NoPlatform,
    PlatformAway,
    PlatformConfused,
    PlatformDenied,
    current_platform,
)
from tests.billing.platform_server import SECRET, PlatformServer, life_cycle

SINCE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
KEY = "4f7a0d6e-3f0c-5a51-9f6e-0d0c35ae0a11"
PDF = b"%PDF-1.7 facture"


@pytest.fixture
def server():
    server = PlatformServer()
    yield server
    server.close()


@pytest.fixture
def platform(server):
    return AfnorPlatform(**server.account)


def send(platform, key: str = KEY) -> str:
    return platform.send(key=key, name="FA-2026-00001.pdf", pdf=PDF)


def test_no_platform_is_called_unless_the_environment_tells_an_account(hub):
    platform = current_platform()

    assert (type(platform), platform.name, platform.lookup("900274184")) == (NoPlatform, "", ())
    with pytest.raises(PlatformAway):
        send(platform)


def test_the_directory_says_where_a_siren_receives(server, platform):
    server.directory = [
        {"siren": "732829320", "addressingIdentifier": "732829320", "directoryLineStatus": "Enabled"},
        {"siren": "732829320", "addressingIdentifier": "732829320_ACHATS", "directoryLineStatus": "Upcoming"},
    ]

    assert platform.lookup("732829320") == [
        Address("732829320", "732829320", is_open=True), Address("732829320", "732829320_ACHATS", is_open=False),
    ]  # fmt: skip
    assert platform.lookup("900274184") == ()
    assert server.tokens == ["jeton-1"]


def test_a_document_is_handed_over_with_its_key_and_its_fingerprint(server, platform):
    reference = send(platform)

    (flow,) = server.sent
    assert (reference, server.files[reference]) == (flow["flowId"], PDF)
    assert (flow["trackingId"], flow["name"], flow["flowSyntax"]) == (KEY, "FA-2026-00001.pdf", "Factur-X")
    assert flow["sha256"] == hashlib.sha256(PDF).hexdigest()


def test_the_same_key_twice_is_one_document_unless_it_was_refused(server, platform):
    first = send(platform)
    assert (send(platform), len(server.sent)) == (first, 1)

    server.refuse(server.sent[0], "InvalidSchema", "XML invalide")

    assert (send(platform) != first, len(server.sent)) == (True, 2)


def test_a_token_withdrawn_is_asked_for_once_more(server, platform):
    send(platform)
    server.tokens.append("un-autre")

    platform.lookup("900274184")

    assert server.tokens == ["jeton-1", "un-autre", "jeton-3"]


@pytest.mark.parametrize(
    ("end", "answer", "refusal"),
    [
        ("/token", (401, b'{"error": "invalid_client"}'), PlatformDenied),
        ("/token", (200, b'{"access_token": "a\\r\\nb"}'), PlatformConfused),
        ("/token", (200, b"[]"), PlatformConfused),
        ("/search", (401, b"{}"), PlatformDenied),
        ("/search", (403, b"{}"), PlatformDenied),
        ("/search", (429, b"{}"), PlatformAway),
        ("/search", (500, b"oups"), PlatformAway),
        ("/search", (503, b""), PlatformAway),
        ("/search", (302, b""), PlatformConfused),
        ("/search", (200, b"<html>bienvenue</html>"), PlatformConfused),
        ("/search", (200, b"[" * 200_000), PlatformConfused),
        ("/search", (200, b'{"results": "rien"}'), PlatformConfused),
        ("/search", (200, b'{"results": [{"flowId": ""}]}'), PlatformConfused),
        ("/search", (200, b'{"results": [{"flowId": "1", "updatedAt": "hier"}]}'), PlatformConfused),
        ("/search", (200, b" " * (2 * 1024 * 1024 + 1)), PlatformConfused),
    ],
)
def test_a_bad_answer_has_a_name(server, platform, end, answer, refusal):
    server.wrong[end] = answer

    with pytest.raises(refusal):
        platform.statuses(SINCE)


def test_a_platform_that_says_nothing_is_left_in_time(server, platform, monkeypatch):
    monkeypatch.setattr(afnor, "SILENCE", 0.1)
    server.wrong["/search"] = 0.5

    with pytest.raises(PlatformAway):
        platform.statuses(SINCE)


def test_a_platform_that_drips_is_left_in_time(server, platform, monkeypatch):
    """Byte by byte, none of them late: the answer would take half a minute."""
    monkeypatch.setattr(afnor, "PATIENCE", 0.2)
    server.wrong["/token"], server.drips = (200, b" " * 600), 0.05
    begun = time.monotonic()

    with pytest.raises(PlatformAway):
        platform.statuses(SINCE)

    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("life", ["1e3", "null", '"3600"', "-" + "9" * 400, "9" * 400, "true"])
def test_the_life_of_a_token_is_not_believed(server, platform, life):
    """A number beyond counting, or none at all: a token of no known life, or an answer that cannot be read."""
    server.wrong["/token"] = 200, f'{{"access_token": "x", "expires_in": {life}}}'.encode()

    with pytest.raises((PlatformDenied, PlatformConfused)):
        platform.statuses(SINCE)


@pytest.mark.parametrize("details", [5, True, "non", {"level": "Error"}, [5, None]])
def test_a_refusal_with_odd_details_is_a_refusal_without_a_word(server, platform, details):
    flow = server.add("CustomerInvoice", "Out", PDF, trackingId=KEY)
    flow |= {"updatedAt": server.tick(), "acknowledgement": {"status": "Error", "details": details}}

    assert [(each.key, each.text) for each in platform.statuses(SINCE).items] == [(KEY, "?")]


def test_nobody_there(server, platform):
    server.close()

    with pytest.raises(PlatformAway):
        platform.lookup("900274184")


def test_what_the_platform_says_of_a_document_it_will_not_take_is_told(server, platform):
    server.wrong["/v1/flows"] = (422, b'{"errorCode": "UNPROCESSABLE_ENTITY", "errorMessage": "SIREN inconnu"}')

    with pytest.raises(DocumentRefused, match="SIREN inconnu"):
        send(platform)


def test_statuses_are_read_in_order_and_one_that_nobody_can_read_hides_no_other(server, platform):
    flow = server.add("CustomerInvoice", "Out", PDF, trackingId=KEY)
    server.refuse(flow, "InvalidSchema", "XML invalide")
    server.tell(life_cycle("FA-2026-00001", "200"))
    server.tell(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>")
    server.add("CustomerInvoiceLC", "Out", life_cycle("FA-2026-00001", "212"))
    server.tell(life_cycle("FA-2026-00002", "210", reason="MONTANTTOTAL_ERR", note="Le devis disait 80 €"))

    told = platform.statuses(SINCE)

    paris = dt.timezone(dt.timedelta(hours=1))
    at = dt.datetime(2026, 11, 3, 10, 15, tzinfo=paris)
    assert [(each.code, each.key, each.number, each.seller, each.text) for each in told.items] == [
        ("501", KEY, "", "", "XML invalide"), ("200", "", "FA-2026-00001", "900274184", ""),
        ("210", "", "FA-2026-00002", "900274184", "MONTANTTOTAL_ERR ; Le devis disait 80 €"),
    ]  # fmt: skip
    assert (told.items[1].at, told.is_whole) == (at, True)
    assert platform.statuses(told.until).items == []


def test_what_cannot_be_written_down_is_left_out(server, platform):
    flow = server.add("CustomerInvoice", "Out", PDF, trackingId=KEY)
    server.refuse(flow, "InvalidSchema", "nul\x00 et\n moitié\ud800 de caractère")

    assert [each.text for each in platform.statuses(SINCE).items] == ["nul et moitié de caractère"]


def test_many_arrivals_are_read_by_pages_and_none_is_lost(server, platform):
    for number in range(250):
        server.supply(b"<x/>", name=f"{number}.xml")
    # Those of one millisecond stand across two pages.
    for flow in server.flows[50:140]:
        flow["updatedAt"] = server.flows[50]["updatedAt"]

    first = platform.arrivals(SINCE)
    names, batch = {each.name for each in first.items}, first
    while not batch.is_whole:
        batch = platform.arrivals(batch.until)
        names |= {each.name for each in batch.items}

    assert (first.is_whole, len(names)) == (False, 250)


def test_more_than_a_page_of_one_millisecond_does_not_hold_the_reading_up(server, platform):
    """The norm pages by date alone."""
    for _number in range(150):
        server.supply(b"<x/>")["updatedAt"] = "2026-11-02T07:00:00.000Z"
    server.supply(b"<x/>", name="suivante.xml")

    first = platform.arrivals(SINCE)
    second = platform.arrivals(first.until)

    assert (first.is_whole, [each.name for each in second.items]) == (False, ["suivante.xml"])


def test_the_file_of_an_arrival_is_bounded(server, platform, monkeypatch):
    flow = server.supply(b"<x/>" * 10)
    assert platform.document(flow["flowId"]) == b"<x/>" * 10
    monkeypatch.setattr(afnor, "MAX_FILE", 10)

    with pytest.raises(PlatformConfused):
        platform.document(flow["flowId"])
    with pytest.raises(PlatformConfused):
        platform.document("inconnu")


@pytest.mark.parametrize("address", ["http://plateforme.example", "ftp://127.0.0.1", "plateforme.example"])
def test_nothing_travels_without_tls(server, address):
    with pytest.raises(ImproperlyConfigured):
        AfnorPlatform(**(server.account | {"flows": address}))


@pytest.mark.parametrize("account", [{}, {"name": "Sans adresse"}, {"address": "https://plateforme.example"}])
def test_an_account_that_no_platform_can_use_stops_the_start(settings, account):
    settings.EINVOICE_ACCOUNTS = {"nord": account}

    with pytest.raises(ImproperlyConfigured, match="EINVOICE_ACCOUNTS"):
        apps.get_app_config("billing").ready()


def test_neither_token_nor_secret_is_logged(server, platform, caplog):
    caplog.set_level(logging.DEBUG)
    send(platform)
    server.wrong["/search"] = (500, b"{}")

    with pytest.raises(PlatformAway) as raised:
        platform.statuses(SINCE)

    told = caplog.text + repr(raised.value) + repr(platform)
    assert [word for word in (SECRET, *server.tokens) if word in told] == []


@pytest.mark.parametrize(
    "content",
    [
        b"", b"%PDF-1.7", b"<x/>", life_cycle("FA-1", "refusé"), life_cycle("", "200"),
        life_cycle("FA-1", "200", at="hier"),
        life_cycle("FA-1", "200", at="00010101000000"), b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
    ],
)  # fmt: skip
def test_what_is_no_status_is_refused(content):
    with pytest.raises(NotAStatus):
        read_status(content)
