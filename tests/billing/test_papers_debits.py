"""What the papers of debits and transfers say, and that they stay readable by people and machines."""

import datetime as dt

import pytest

from billing.models import Invoice, Mandate
from billing.papers import paper_of, title_of
from documents.rendering import Pdf, render_pdf
from tests.billing.banks import ICS
from tests.billing.factories import AccountFactory, MandateFactory, issued
from tests.documents.checks import assert_conforms, page_texts


def paper(invoice: Invoice) -> Pdf:
    return render_pdf(
        template="billing/invoice_pdf.html",
        context=paper_of(invoice),
        issued_at=invoice.issued_at,
        title=title_of(invoice),
        author="Association du pôle",
    )


def said(pdf: Pdf) -> str:
    return " ".join(" ".join(page_texts(pdf)).replace("\u00a0", " ").split())


def test_an_invoice_carries_the_code_of_its_transfer(debiting):
    invoice = issued(AccountFactory())

    pdf = paper(invoice)

    assert_conforms(pdf)
    assert paper_of(invoice)["invoice"]["transfer_code"].startswith("data:image/svg+xml")
    assert "Le code ci-contre remplit le virement" in said(pdf)
    assert pdf.pages == 1


@pytest.mark.feature("BI8")
def test_an_invoice_under_a_mandate_says_when_it_is_collected(debiting):
    mandate = MandateFactory()
    invoice = issued(mandate.account)

    pdf = paper(invoice)

    assert_conforms(pdf)
    assert f"Sera prélevée le 5 novembre 2026 sur le compte FR76 •••• 0189, selon le mandat {mandate.rum}" in said(pdf)
    for words in ("Par virement", "À régler au plus tard", "Le code ci-contre"):
        assert words not in said(pdf)


def test_the_paper_of_a_mandate_says_what_the_law_asks(nord, debiting):
    mandate = MandateFactory(account=AccountFactory(organisation=nord.organisation))
    pdf = render_pdf(
        template="billing/mandate_pdf.html",
        context={"issuer": {"name": "Association du pôle", "legal_form": "", "address_lines": ["9 place Galilée"],
                            "siren": "", "siret": "", "vat_number": "", "rcs_or_rna": "", "email": "", "website": "",
                            "iban": "", "bic": "", "accent": "#0b6e4f", "logo_data_uri": ""},
                 "mandate": Mandate.objects.get(), "account": mandate.account},
        issued_at=dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC),
        title="Mandat",
        author="Association du pôle",
    )  # fmt: skip

    assert_conforms(pdf)
    for words in (mandate.rum, ICS, "FR76 3000 6000 0112 3456 7890 189", "huit semaines", "treize mois", "Iris Roux"):
        assert words in said(pdf), words
