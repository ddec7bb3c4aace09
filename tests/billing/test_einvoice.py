"""The electronic invoice: checked for real by the schema and both schematrons, in their own process."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from facturx import get_facturx_xml_from_pdf, parse_ubl_cii_xml
from lxml import etree

from billing import actions
from billing.actions import CreditPart
from billing.einvoice.checker import check_xml, faults_of
from billing.einvoice.cii import cii_xml, treatment
from billing.einvoice.facts import facts_of
from billing.models import Invoice, Issuer, Mandate, VatRule
from documents.queries import document_of
from documents.rendering import Pdf
from documents.storage import read
from hubs.actors import system
from hubs.scope import current_hub_id
from tests.billing.banks import ICS
from tests.billing.factories import (
    AccountFactory,
    BuyerProfileFactory,
    ChargeFactory,
    MandateFactory,
    PaymentFactory,
    VatRuleFactory,
    issued,
    issued_for,
)
from tests.documents.checks import assert_conforms, page_texts

# WeasyPrint's own: the colour profile it leaves open, and the library it will require one day.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*[Hh]arfbuzz:DeprecationWarning"),
]

TODAY = dt.date(2026, 11, 20)
COMPANY = {"organisation__siren": "732829320", "organisation__siret": "73282932000074"}


def rule(**traits: bool) -> VatRule:
    return VatRuleFactory(code=next(iter(traits)), **traits)


def pdf_of(invoice: Invoice) -> Pdf:
    actions.render_invoice(invoice=invoice, today=TODAY)
    return Pdf(content=read(document_of(invoice, "invoice").file.key), sha256="", pages=1)


def text_of(pdf: Pdf) -> str:
    return " ".join(" ".join(page_texts(pdf)).split())


def mixed() -> Invoice:
    account = AccountFactory(**COMPANY)
    return issued_for([
        ChargeFactory(account=account),
        ChargeFactory(account=account, quantity=Decimal(7), unit_price_excl=Decimal("10.03"), vat_rule=rule(reduced=True)),
        ChargeFactory(account=account, vat_rule=VatRule.objects.get(code="formation")),
    ])  # fmt: skip


def under_franchise() -> Invoice:
    Issuer.objects.update(vat_number="")
    return issued_for([ChargeFactory(vat_rule=rule(franchise=True))])


def training() -> Invoice:
    return issued_for([ChargeFactory(vat_rule=VatRule.objects.get(code="formation"))])


def two_exemptions() -> Invoice:
    account = AccountFactory(**COMPANY)
    rules = (VatRule.objects.get(code="formation"), rule(franchise=True))
    return issued_for([ChargeFactory(account=account, vat_rule=each) for each in rules])


def dues() -> Invoice:
    account = AccountFactory(**COMPANY, organisation__vat_number="FR44732829320")
    return issued_for([ChargeFactory(account=account, vat_rule=VatRule.objects.get(code="hors-champ"))])


def of_a_person() -> Invoice:
    return issued(AccountFactory(of_person=True))


def handed_over() -> Invoice:
    return issued(AccountFactory(organisation__email=""))


def credited_by_thirds() -> Invoice:
    """Three notes of 33.33, 33.33 and 33.34: the tax of each is what is left, not its own rounding."""
    invoice = issued(AccountFactory(**COMPANY))
    line = invoice.lines.get()
    by = system(current_hub_id())
    third = [CreditPart(line=line, amount_excl=Decimal("33.33"))]
    for parts in (third, third, None):
        note = actions.credit_invoice(invoice=invoice, by=by, reason="par tiers", today=TODAY, parts=parts)
    return note


def credited() -> Invoice:
    return actions.credit_invoice(invoice=mixed(), by=system(current_hub_id()), reason="erreur", today=TODAY)


def dues_credited() -> Invoice:
    return actions.credit_invoice(invoice=dues(), by=system(current_hub_id()), reason="erreur", today=TODAY)


def discounted() -> Invoice:
    account = AccountFactory(**COMPANY)
    return issued_for([
        ChargeFactory(account=account, quantity=Decimal(3)),
        ChargeFactory(account=account, quantity=Decimal("-0.5"), description="Remise"),
        ChargeFactory(account=account, unit_price_excl=Decimal(0), description="Offert \x0b par le pôle"),
    ])  # fmt: skip


def public() -> Invoice:
    account = AccountFactory(**COMPANY)
    BuyerProfileFactory(account=account, public=True)
    return issued(account)


def paid_in_advance() -> Invoice:
    account = AccountFactory(**COMPANY)
    PaymentFactory(account=account, amount=Decimal(120))
    return issued(account)


def debited() -> Invoice:
    account = AccountFactory(**COMPANY)
    Issuer.objects.update(ics=ICS)
    MandateFactory(account=account, issuer=Issuer.objects.get())
    return issued(account)


def debited_and_paid_in_advance() -> Invoice:
    account = AccountFactory(**COMPANY)
    Issuer.objects.update(ics=ICS)
    MandateFactory(account=account, issuer=Issuer.objects.get())
    PaymentFactory(account=account, amount=Decimal(120))
    return issued(account)


def partly_paid() -> Invoice:
    account = AccountFactory(**COMPANY)
    PaymentFactory(account=account, amount=Decimal(20))
    return issued(account)


def by_an_association_without_siren() -> Invoice:
    Issuer.objects.update(siren="", siret="", vat_number="", rna="W212099001")
    return issued_for([ChargeFactory(vat_rule=rule(franchise=True))])


GOLDEN = (
    mixed, under_franchise, training, two_exemptions, dues, of_a_person, handed_over, credited, credited_by_thirds,
    dues_credited,    discounted, public, paid_in_advance, partly_paid, debited, debited_and_paid_in_advance,
    by_an_association_without_siren,
)  # fmt: skip


@pytest.mark.feature("BI13")
@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.__name__)
def test_an_invoice_passes_the_schema_and_both_schematrons(selling, case):
    invoice = Invoice.objects.select_related("corrects", "account").get(pk=case().pk)
    facts = facts_of(invoice)

    assert faults_of(facts) == []
    data = parse_ubl_cii_xml(cii_xml(facts))
    assert (data["BT-1"], Decimal(str(data["BT-112"]))) == (invoice.number, invoice.total_incl)


@pytest.mark.parametrize(
    ("said", "instead", "rule"),
    [
        ("<ram:DuePayableAmount>", "<ram:DuePayableAmount>9", "BR-CO-16"),
        (">S1<", ">Z9<", "BR-FR-08"),
        (">PMT<", ">AAI<", "BR-FR-05"),
        (">900274184</ram:ID>", ">90027418</ram:ID>", "BR-FR-10"),
        (">S</ram:CategoryCode>", ">O</ram:CategoryCode>", "BR-O-02"),
        ("VATEX-FR-CGI261-4", "VATEX-FR-NOTHING", "FX-SCH-A-000589"),
        ("FA-2026-00001", "FA 2026", "BR-FR-02"),
        ("ram:SellerTradeParty>", "ram:VendorTradeParty>", "XSD"),
        ("</rsm:CrossIndustryInvoice>", "", "XML"),
        ("<rsm:Cross", "<!DOCTYPE x><rsm:Cross", "XML"),
    ],
)
def test_what_is_wrong_in_it_is_caught(selling, said, instead, rule):
    xml = cii_xml(facts_of(mixed())).decode()

    assert said in xml
    assert rule in {fault["rule"] for fault in check_xml(xml.replace(said, instead).encode())}


def test_the_checker_killed_is_started_again(selling):
    from billing.einvoice import checker

    xml = cii_xml(facts_of(mixed()))
    assert check_xml(xml) == []
    checker._process.kill()

    assert check_xml(xml) == []


@pytest.mark.feature("BI13")
@pytest.mark.parametrize("case", [mixed, dues, credited, of_a_person, public], ids=lambda case: case.__name__)
def test_the_pdf_carries_its_xml_and_stays_an_archive_that_a_screen_reader_reads(selling, case):
    invoice = Invoice.objects.select_related("corrects", "account").get(pk=case().pk)

    pdf = pdf_of(invoice)

    assert_conforms(pdf)
    name, xml = get_facturx_xml_from_pdf(io.BytesIO(pdf.content), check_xsd=True, check_schematron=False)
    assert (name, xml) == ("factur-x.xml", cii_xml(facts_of(invoice)))
    assert read(document_of(invoice, "einvoice").file.key) == xml
    packet = etree.fromstring(pdf.content[pdf.content.index(b"<x:xmpmeta") : pdf.content.index(b"<?xpacket end")])
    (level,) = packet.iter("{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}ConformanceLevel")
    assert level.text == "EN 16931"
    assert len(list(packet.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"))) == 1


@pytest.mark.feature("BI15")
def test_a_call_for_dues_says_nothing_of_vat(selling):
    invoice = dues()

    text = text_of(pdf_of(invoice))

    for said in ("Appel de cotisation AC-2026-00001", "hors champ de la TVA", "Net à payer 10,00 €"):
        assert said in text, said
    for unsaid in ("FR57900274184", "FR44732829320", "Total HT", "Base HT", "Total TVA", "Facture", "40 €"):
        assert unsaid not in text, unsaid
    xml = cii_xml(facts_of(invoice)).decode()
    assert "FR57900274184" not in xml
    assert "FR44732829320" not in xml


@pytest.mark.feature("BI14")
def test_a_public_body_reads_its_marks_on_paper_and_in_xml(selling):
    invoice = public()

    data = parse_ubl_cii_xml(cii_xml(facts_of(invoice)))
    text = text_of(pdf_of(invoice))

    assert (data["BT-10"], data["BT-13"]) == ("SERV-12", "BC-7")
    assert data["BG-7"]["identifiers"] == {"0009": "73282932000074"}
    for said in ("SERV-12", "BC-7", "732 829 320 00074", "Chorus Pro"):
        assert said in text, said


@pytest.mark.feature("BI8")
def test_a_debited_invoice_names_its_mandate_in_the_xml_as_on_paper(selling):
    invoice = debited()

    data = parse_ubl_cii_xml(cii_xml(facts_of(invoice)))

    mandate = Mandate.objects.get()
    assert (data["BT-81"], data["BT-89"], data["BT-90"], data["BT-91"]) == (
        "59", mandate.rum, mandate.ics, mandate.iban,
    )  # fmt: skip
    assert "BT-84" not in data
    assert mandate.rum in text_of(pdf_of(invoice))


@pytest.mark.parametrize(
    ("case", "said"),
    [(mixed, "B2B"), (of_a_person, "B2C"), (handed_over, "B2C"), (dues, "OUTOFSCOPE"), (public, "B2B")],
)
def test_the_tax_office_is_told_to_whom_it_was_sold(selling, case, said):
    assert treatment(facts_of(case())) == said


def test_a_person_is_asked_for_no_indemnity_in_the_xml_either(selling):
    xml = cii_xml(facts_of(of_a_person())).decode()

    assert "Aucune indemnité forfaitaire" in xml
    assert "40\u00a0€" not in xml
