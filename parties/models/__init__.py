"""Who the hub knows: structures, people, their links, and what is said of them."""

from parties.models.erasure import ErasureRequest
from parties.models.figures import YearFigures
from parties.models.imports import ImportDraft, ImportDraftQuerySet
from parties.models.invitations import Invitation, InvitationQuerySet
from parties.models.merges import Merge
from parties.models.own_fields import OwnField, OwnFieldQuerySet, OwnValue
from parties.models.papers import Paper, PaperKind, PaperQuerySet
from parties.models.people import Link, LinkQuerySet, Person, PersonQuerySet
from parties.models.relations import OtherTrade, Relation
from parties.models.structures import Organisation, OrganisationQuerySet, PlainText, Trade

__all__ = [
    "ErasureRequest",
    "ImportDraft",
    "ImportDraftQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "Link",
    "LinkQuerySet",
    "Merge",
    "Organisation",
    "OrganisationQuerySet",
    "OtherTrade",
    "OwnField",
    "OwnFieldQuerySet",
    "OwnValue",
    "Paper",
    "PaperKind",
    "PaperQuerySet",
    "Person",
    "PersonQuerySet",
    "PlainText",
    "Relation",
    "Trade",
    "YearFigures",
]
