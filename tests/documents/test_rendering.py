import hashlib
import io
import os
import re
import urllib.request
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest
from pypdf import PdfReader

from documents import rendering
from documents.fonts import FontsMissing, font_paths
from documents.rendering import Attachment, Pdf, render_pdf
from documents.templatetags import document_format as fmt
from tests.documents.checks import assert_conforms, page_texts

# WeasyPrint's own: the colour profile it leaves open, and the library it will require one day.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*[Hh]arfbuzz:DeprecationWarning"),
]

ISSUED_AT = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGM4c+YMAATlAnHd+z/WAAAAAElFTkSuQmCC"
)


def make_issuer(**changes):
    values = {
        "name": "La Coursive",
        "legal_form": "SCIC SA à capital variable de 48 000 €",
        "address_lines": ["14 rue de la Manutention", "21000 Dijon"],
        "siren": "123456782",
        "siret": "12345678200017",
        "vat_number": "FR32123456782",
        "rcs_or_rna": "RCS Dijon",
        "email": "comptabilite@la-coursive.example",
        "website": "la-coursive.example",
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPP",
        "accent": "#b3402a",
        "logo_data_uri": "",
    }
    return SimpleNamespace(**values | changes)


def make_line(**changes):
    values = {
        "description": "Location de salle",
        "detail": "Grande salle, mardi 6 octobre, 9 h à 12 h, réservé par Inès Caron",
        "quantity": Decimal("3.0000"),
        "unit_label": "h",
        "unit_price_excl": Decimal("45.0000"),
        "vat_rate": Decimal(20),
        "vat_label": "20 %",
        "amount_excl": Decimal("135.00"),
    }
    return SimpleNamespace(**values | changes)


def make_invoice(lines=1, **changes):
    base = Decimal("135.00") * lines
    tax = base / 5
    values = {
        "kind": "invoice",
        "number": "FA-2026-00042",
        "issue_date": date(2026, 11, 1),
        "due_date": date(2026, 11, 30),
        "period_label": "octobre 2026",
        "out_of_scope": False,
        "corrects_number": "",
        "corrects_date": None,
        "corrects_dues": False,
        "buyer_name": "Compagnie des Marges",
        "buyer_address_lines": ["8 boulevard de la Trémouille", "21000 Dijon"],
        "delivery_address_lines": [],
        "buyer_siren": "732829320",
        "buyer_siret": "",
        "order_number": "",
        "service_code": "",
        "buyer_vat_number": "FR44732829320",
        "buyer_reference": "BC-2026-118",
        "nature": "Prestation de services",
        "lines": [make_line() for _ in range(lines)],
        "vat_groups": [{"label": "20 %", "base": base, "amount": tax, "exemption_text": ""}],
        "total_excl": base,
        "total_vat": tax,
        "total_incl": base + tax,
        "paid_amount": Decimal(0),
        "due_amount": base + tax,
        "payment_terms": "Par virement, à 30 jours date de facture.",
        "is_debited": False,
        "transfer_code": "",
        "payment_reference": "FA-2026-00042",
        "late_penalty_text": "Pénalités de retard : taux de la BCE majoré de 10 points.",
        "indemnity_text": "Indemnité forfaitaire pour frais de recouvrement : 40 €.",
        "discount_text": "Pas d’escompte pour paiement anticipé.",
        "vat_on_debits": True,
        "legal_mentions": [],
    }
    return SimpleNamespace(**values | changes)


def render_invoice(invoice, *, issuer=None, issued_at=ISSUED_AT, attachments=()) -> Pdf:
    return render_pdf(
        template="billing/invoice_pdf.html",
        context={"issuer": issuer or make_issuer(), "invoice": invoice},
        issued_at=issued_at,
        title=f"Facture {invoice.number}",
        author="La Coursive",
        attachments=attachments,
    )


def make_credit_note():
    return make_invoice(
        kind="credit_note",
        number="AV-2026-00003",
        due_date=None,
        corrects_number="FA-2026-00042",
        corrects_date=date(2026, 10, 31),
        payment_terms="Ce montant est déduit de votre prochaine facture.",
    )


def make_draft():
    return make_invoice(lines=12, number="", issue_date=None, payment_reference="")


def make_exempt():
    base = Decimal("135.00")
    text = "TVA non applicable, art. 293 B du CGI"
    return make_invoice(
        lines=1,
        vat_groups=[{"label": "Exonéré", "base": base, "amount": Decimal(0), "exemption_text": text}],
        total_vat=Decimal(0),
        total_incl=base,
        paid_amount=base,
        due_amount=Decimal(0),
        legal_mentions=[text],
        vat_on_debits=False,
    )


def metadata_packet(pdf: Pdf) -> bytes:
    return pdf.content.split(b"<?xpacket begin=")[1].split(b"<?xpacket end=")[0]


@pytest.fixture
def raw_html(monkeypatch):
    """Renders a page whose author forgot to escape what a user typed."""
    rendering._get_engine()  # reads our own fonts, which the tests below forbid

    def render(body: str) -> Pdf:
        html = f'<html lang="fr"><title>T</title><body><h1>T</h1>{body}</body></html>'
        monkeypatch.setattr(rendering, "render_to_string", lambda *args: html)
        return render_pdf(template="", context={}, issued_at=ISSUED_AT, title="T", author="A")

    return render


class TestConformance:
    @pytest.mark.parametrize(
        "invoice",
        [make_invoice(), make_invoice(lines=60), make_credit_note(), make_draft(), make_exempt()],
        ids=["invoice", "60 lines", "credit note", "draft", "exempt"],
    )
    def test_invoices_are_archivable_and_accessible(self, invoice):
        assert_conforms(render_invoice(invoice))

    def test_logo_is_archivable_and_has_its_alternative(self):
        assert_conforms(render_invoice(make_invoice(), issuer=make_issuer(logo_data_uri=PIXEL)))

    def test_attachment_is_listed_once(self):
        xml = Attachment("factur-x.xml", b"<invoice/>", "Facture lisible par machine")
        pdf = render_invoice(make_invoice(), attachments=[xml])
        reader = PdfReader(io.BytesIO(pdf.content))
        assert_conforms(pdf)
        assert reader.attachments == {"factur-x.xml": [b"<invoice/>"]}
        assert len(reader.root_object["/AF"]) == 1

    def test_metadata_stands_in_one_block_that_parsers_read(self):
        packet = metadata_packet(render_invoice(make_invoice()))
        assert packet.count(b"<rdf:RDF") == 1
        assert b"<pdfuaid:part>1</pdfuaid:part>" in packet
        assert b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>" in packet
        assert b"2026-11-01T08:30:00+00:00" in packet

    def test_header_cells_say_what_they_head(self):
        reader = PdfReader(io.BytesIO(render_invoice(make_invoice()).content))
        scopes = {
            item["/A"]["/Scope"]
            for number in range(1, len(reader.xref_objStm))
            if isinstance(item := reader.get_object(number), dict) and item.get("/S") == "/TH"
        }
        assert scopes == {"/Column", "/Row"}


class TestReproduction:
    def test_same_bytes_twice_whatever_was_rendered_between(self):
        first = render_invoice(make_invoice())
        render_invoice(make_draft())
        assert render_invoice(make_invoice()) == first
        assert first.sha256 == hashlib.sha256(first.content).hexdigest()

    def test_same_instant_in_another_zone_gives_the_same_bytes(self):
        elsewhere = ISSUED_AT.astimezone(timezone(timedelta(hours=11)))
        assert render_invoice(make_invoice(), issued_at=elsewhere) == render_invoice(make_invoice())

    def test_naive_instant_is_refused(self):
        with pytest.raises(ValueError, match="aware"):
            render_invoice(make_invoice(), issued_at=datetime(2026, 11, 1))  # noqa: DTZ001

    @pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
    def test_forked_worker_gives_the_same_bytes_and_leaves_the_fonts_of_its_parent(self):
        expected = render_invoice(make_invoice()).sha256
        folder = rendering._get_engine().fonts._folder
        reading, writing = os.pipe()
        if (child := os.fork()) == 0:
            try:
                os.write(writing, render_invoice(make_invoice()).sha256.encode())
                rendering.release()
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            assert answer.read() == expected
        os.waitpid(child, 0)
        assert len(list(folder.iterdir())) == 4

    def test_no_stream_ends_with_a_carriage_return(self):
        for lines in range(1, 9):
            attachment = Attachment("factur-x.xml", b"<a/>" * lines, "Factur-X")
            content = render_invoice(make_invoice(lines), attachments=[attachment]).content
            assert b"\r\nendstream" not in content
            assert PdfReader(io.BytesIO(content)).attachments["factur-x.xml"] == [attachment.content]

    def test_missing_fonts_name_the_command_that_makes_them(self, settings, tmp_path):
        settings.ASSETS_ROOT = tmp_path
        with pytest.raises(FontsMissing, match=r"manage\.py assets"):
            font_paths()


class TestIsolation:
    @pytest.mark.parametrize(
        "body",
        [
            '<link rel="attachment" href="{url}">',
            '<a rel="attachment" href="{url}">x</a>',
            '<img alt="x" src="{url}">',
            '<link rel="stylesheet" href="{url}">',
            "<style>@import url({url}); p {{ background: url({url}) }}</style><p>x</p>",
            "<style>@font-face {{ font-family: x; src: url({url}) }}</style><p>x</p>",
            '<object data="{url}">x</object>',
            '<svg><title>x</title><image href="{url}" width="9" height="9"/></svg>',
            '<base href="{url}"><img alt="x" src="x.png">',
        ],
    )
    def test_page_reaches_no_file_and_no_host(self, body, raw_html, tmp_path, monkeypatch):
        secret = tmp_path / "secret.txt"
        secret.write_text("the keys of the house")
        opened = []
        monkeypatch.setattr(urllib.request.OpenerDirector, "open", lambda self, url, *args, **kw: opened.append(url))
        for url in (secret.as_uri(), "http://127.0.0.1:9/x.png", "ftp://127.0.0.1/x"):
            pdf = raw_html(body.format(url=url))
            assert b"/EmbeddedFile" not in pdf.content
        assert opened == []

    def test_page_embeds_no_file_written_in_a_link(self, raw_html):
        pdf = raw_html('<link rel="attachment" href="data:image/png;base64,AAAA">')
        assert b"/EmbeddedFile" not in pdf.content

    def test_fonts_are_no_door_for_a_page(self, raw_html):
        face = next(iter(font_paths().values())).as_uri()
        pdf = raw_html(f'<link rel="attachment" href="{face}"><a rel="attachment" href="{face}">x</a>')
        assert b"/EmbeddedFile" not in pdf.content

    def test_what_a_user_typed_is_text(self):
        invoice = make_invoice(buyer_name="<i>Marges</i>")
        invoice.lines[0].detail = '<link rel="attachment" href="file:///etc/passwd"><b>Salle</b>'
        pdf = render_invoice(invoice)
        text = re.sub(r"\s+", " ", page_texts(pdf)[0])
        assert "<i>Marges</i>" in text
        assert "<b>Salle</b>" in text

    def test_accent_is_a_colour_or_nothing(self):
        issuer = make_issuer(accent="#fff } body { display: none }")
        assert "FA-2026-00042" in page_texts(render_invoice(make_invoice(), issuer=issuer))[0]


class TestInvoice:
    def test_mentions_required_by_law_are_there(self):
        [text] = page_texts(render_invoice(make_invoice(delivery_address_lines=["3 quai Nord", "Lyon"])))
        text = re.sub(r"\s+", " ", text)
        for mention in (
            "La Coursive, SCIC SA à capital variable de 48 000 €",
            "SIREN 123 456 782",
            "SIRET 123 456 782 00017",
            "RCS Dijon",
            "TVA FR32123456782",
            "Facture FA-2026-00042",
            "1er novembre 2026",
            "30 novembre 2026",
            "octobre 2026",
            "Prestation de services",
            "Compagnie des Marges",
            "8 boulevard de la Trémouille",
            "732 829 320",
            "FR44732829320",
            "BC-2026-118",
            "3 quai Nord, Lyon",
            "réservé par Inès Caron",
            "45,00 €",
            "20 %",
            "135,00 €",
            "27,00 €",
            "162,00 €",
            "FR76 3000 6000 0112 3456 7890 189",
            "AGRIFRPP",
            "Pénalités de retard",
            "40 €",
            "Pas d’escompte",
            "d’après les débits",
        ):
            assert mention in text

    def test_draft_says_on_each_page_that_it_is_worth_nothing(self):
        texts = page_texts(render_invoice(make_draft()))
        assert len(texts) == 2
        assert all("Projet – sans valeur comptable" in text for text in texts)
        assert "Projet de facture" in texts[0]

    def test_credit_note_cites_the_invoice_and_asks_for_no_payment(self):
        [text] = page_texts(render_invoice(make_credit_note()))
        assert "Cet avoir corrige la facture FA-2026-00042 du 31 octobre 2026." in text
        assert "À votre crédit" in text
        assert "IBAN" not in text

    def test_paid_invoice_gives_no_account_to_pay_to(self):
        [text] = page_texts(render_invoice(make_exempt()))
        assert "Déjà réglé" in text
        assert "Cette facture est réglée." in text
        assert "IBAN" not in text
        assert "TVA non applicable, art. 293 B du CGI" in text

    @pytest.mark.parametrize("lines", [1, 2, 5, 6, 11, 12, 13, 60])
    def test_totals_never_stand_without_the_last_lines(self, lines):
        pdf = render_invoice(make_invoice(lines))
        texts = page_texts(pdf)
        rows = [text.count("Location de salle") for text in texts]
        assert len(texts) == pdf.pages
        assert sum(rows) == lines
        assert rows[-1] >= min(2, lines)
        assert all(word in texts[-1] for word in ("Total HT", "Net à payer", "IBAN", "recouvrement"))
        for number, text in enumerate(texts, start=1):
            assert "Désignation" in text
            assert f"page {number} sur {pdf.pages}" in text
            assert "SIREN 123 456 782" in text

    def test_month_of_four_lines_holds_on_one_page(self):
        assert render_invoice(make_invoice(lines=4)).pages == 1


class TestFormats:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (Decimal("1234.5"), "1\u202f234,50\u00a0€"),
            (Decimal("0.125"), "0,13\u00a0€"),
            (Decimal("-1234567"), "\u22121\u202f234\u202f567,00\u00a0€"),
            (0, "0,00\u00a0€"),
        ],
    )
    def test_euros(self, value, text):
        assert fmt.euros(value) == text

    def test_money_is_never_a_float(self):
        with pytest.raises(TypeError, match="Decimal"):
            fmt.euros(1.1)

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("45.0000", "45,00"),
            ("0.1250", "0,125"),
            ("0.3333", "0,3333"),
            ("1200", "1\u202f200,00"),
        ],
    )
    def test_unit_price_keeps_the_decimals_it_has(self, value, text):
        assert fmt.unit_euros(Decimal(value)) == f"{text}\u00a0€"

    @pytest.mark.parametrize(
        ("value", "text"),
        [("3.0000", "3"), ("2.5000", "2,5"), ("1200", "1\u202f200"), ("-1", "\u22121"), ("0", "0")],
    )
    def test_quantity_drops_useless_zeros(self, value, text):
        assert fmt.quantity(Decimal(value)) == text

    def test_first_of_the_month(self):
        assert fmt.french_date(date(2026, 10, 1)) == "1er\u00a0octobre\u00a02026"
        assert fmt.french_date(date(2026, 10, 31)) == "31\u00a0octobre\u00a02026"

    def test_numbers_are_grouped_as_banks_and_registers_do(self):
        assert (
            fmt.iban("fr76 30006000011234567890189")
            == "FR76\u00a03000\u00a06000\u00a00112\u00a03456\u00a07890\u00a0189"
        )
        assert fmt.siren("12345678200017") == "123\u00a0456\u00a0782\u00a000017"
        assert fmt.siren("123456782") == "123\u00a0456\u00a0782"

    @pytest.mark.parametrize("value", ["red", "", "#fff", "#12345g", "#000000;x:url(y)", "#1f3a5f\n"])
    def test_what_is_no_colour_gives_the_default_accent(self, value):
        assert fmt.document_accent(value) == fmt.DEFAULT_ACCENT

    def test_pale_accent_is_darkened_and_a_dark_one_is_kept(self):
        assert fmt.document_accent("#b3402a") == "#b3402a"
        pale = bytes.fromhex(fmt.document_accent("#ffcc00")[1:])
        assert fmt._contrast_on_white(tuple(pale)) >= 4.5
