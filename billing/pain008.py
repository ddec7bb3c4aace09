"""The file of direct debits that a bank takes: pain.008.001.08, SEPA Core, recurrent throughout.

An address is sent for nobody: domestic debits need none, and half of one is refused.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import sepaxml
from lxml import etree
from sepaxml import SepaDD

from billing.banking import plain

SCHEMA = "pain.008.001.08"


@dataclass(frozen=True)
class Creditor:
    name: str
    iban: str
    bic: str
    ics: str


@dataclass(frozen=True)
class Collection:
    """One transaction of the file."""

    debtor_name: str
    iban: str
    bic: str
    amount: Decimal
    rum: str
    signed_on: dt.date
    end_to_end: str
    description: str


class InvalidFile(Exception):
    """What was written is not what the schema allows: no bank would take it."""


def write(creditor: Creditor, collect_on: dt.date, collections: Iterable[Collection]) -> tuple[str, bytes]:
    """The identifier of the message, and its bytes, checked against the schema. Raises InvalidFile.

    Identifiers are drawn at random: written twice, the file is another. Keep the bytes.
    """
    config = {
        "name": plain(creditor.name, 70),
        "IBAN": creditor.iban,
        "batch": True,
        "creditor_id": creditor.ics,
        "currency": "EUR",
    }
    if creditor.bic:
        config["BIC"] = creditor.bic
    message = SepaDD(config, schema=SCHEMA, clean=False)
    for each in collections:
        payment = {
            "name": plain(each.debtor_name, 70),
            "IBAN": each.iban,
            "amount": int(each.amount * 100),
            "type": "RCUR",
            "collection_date": collect_on,
            "mandate_id": each.rum,
            "mandate_date": each.signed_on,
            "description": plain(each.description, 140),
            "endtoend_id": each.end_to_end,
        }
        if each.bic:
            payment["BIC"] = each.bic
        message.add_payment(payment)
    content: bytes = message.export(validate=False)
    check(content)
    return message.msg_id, content


def check(content: bytes) -> None:
    """Raises InvalidFile unless the bytes are what the schema allows."""
    schema = _schema()
    if not schema.validate(etree.fromstring(content)):
        raise InvalidFile(str(schema.error_log.last_error))


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(Path(sepaxml.__file__).parent / "schemas" / f"{SCHEMA}.xsd"))
