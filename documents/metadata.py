"""The XMP packet of a PDF: one rdf:RDF, in which each extension schema is described.

PDF/A accepts a property that it does not define only if the packet describes the schema
of that property. WeasyPrint appends extra RDF as a second rdf:RDF, which the usual XMP
parsers never read: everything is merged into the first one here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
PROPERTY = "http://www.aiim.org/pdfa/ns/property#"

# The PDF/A rule names these prefixes: a parser may refuse others.
PREFIXES = {
    "x": "adobe:ns:meta/",
    "rdf": RDF,
    "pdfaExtension": EXTENSION,
    "pdfaSchema": SCHEMA,
    "pdfaProperty": PROPERTY,
}

HEADER = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
TRAILER = b'\n<?xpacket end="r"?>'


@dataclass(frozen=True)
class Property:
    name: str
    value: str
    value_type: str
    description: str


@dataclass(frozen=True)
class ExtensionSchema:
    """Properties outside the PDF/A schemas, with what a reader needs to understand them."""

    title: str
    namespace: str
    prefix: str
    properties: tuple[Property, ...]


PDF_UA_1 = ExtensionSchema(
    title="PDF/UA identification schema",
    namespace="http://www.aiim.org/pdfua/ns/id/",
    prefix="pdfuaid",
    properties=(Property("part", "1", "Integer", "Part of ISO 14289 this file conforms to"),),
)


def merge_xmp(packet: bytes, schemas: Sequence[ExtensionSchema]) -> bytes:
    for prefix, namespace in PREFIXES.items():
        ET.register_namespace(prefix, namespace)
    root = ET.fromstring(packet)  # noqa: S314 what WeasyPrint just wrote
    rdf, *others = root.findall(f"{{{RDF}}}RDF")
    for other in others:
        rdf.extend(other)
        root.remove(other)
    for schema in schemas:
        ET.register_namespace(schema.prefix, schema.namespace)
        _add_values(rdf, schema)
    _describe(rdf, schemas)
    body: bytes = ET.tostring(root, encoding="utf-8")
    return HEADER + body + TRAILER


def _add_values(rdf: ET.Element, schema: ExtensionSchema) -> None:
    description = ET.SubElement(rdf, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    for prop in schema.properties:
        ET.SubElement(description, f"{{{schema.namespace}}}{prop.name}").text = prop.value


def _describe(rdf: ET.Element, schemas: Sequence[ExtensionSchema]) -> None:
    description = ET.SubElement(rdf, f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    container = ET.SubElement(description, f"{{{EXTENSION}}}schemas")
    bag = ET.SubElement(container, f"{{{RDF}}}Bag")
    for schema in schemas:
        item = _resource(bag)
        ET.SubElement(item, f"{{{SCHEMA}}}schema").text = schema.title
        ET.SubElement(item, f"{{{SCHEMA}}}namespaceURI").text = schema.namespace
        ET.SubElement(item, f"{{{SCHEMA}}}prefix").text = schema.prefix
        sequence = ET.SubElement(ET.SubElement(item, f"{{{SCHEMA}}}property"), f"{{{RDF}}}Seq")
        for prop in schema.properties:
            entry = _resource(sequence)
            ET.SubElement(entry, f"{{{PROPERTY}}}name").text = prop.name
            ET.SubElement(entry, f"{{{PROPERTY}}}valueType").text = prop.value_type
            ET.SubElement(entry, f"{{{PROPERTY}}}category").text = "external"
            ET.SubElement(entry, f"{{{PROPERTY}}}description").text = prop.description


def _resource(parent: ET.Element) -> ET.Element:
    return ET.SubElement(parent, f"{{{RDF}}}li", {f"{{{RDF}}}parseType": "Resource"})
