from members.models.application import Application, ApplicationDecision, ApplicationQuerySet
from members.models.certificate import Certificate, CertificateQuerySet, MemberCard, in_groups
from members.models.checklist import (
    Charter,
    Checklist,
    ChecklistItem,
    ChecklistQuerySet,
    ChecklistStep,
    ChecklistTemplate,
)
from members.models.college import College, CollegeQuerySet
from members.models.departures import DepartureTerms, Resignation, ResignationQuerySet, StrikeOff, StrikeOffQuerySet
from members.models.dues import DuesBracket, DuesCall, DuesScale, DuesScaleQuerySet, DuesTerms
from members.models.fiscal_year import FiscalYear, FiscalYearQuerySet
from members.models.letters import Letter, LetterQuerySet
from members.models.membership import Membership, MembershipQuerySet
from members.models.renewal import DatesRequest, DatesRequestQuerySet, RenewalPolicy, RenewalReminder
from members.models.showcase import PageContact, PagePicture, PublicPage, PublicPageQuerySet

__all__ = [
    "Application",
    "ApplicationDecision",
    "ApplicationQuerySet",
    "Certificate",
    "CertificateQuerySet",
    "Charter",
    "Checklist",
    "ChecklistItem",
    "ChecklistQuerySet",
    "ChecklistStep",
    "ChecklistTemplate",
    "College",
    "CollegeQuerySet",
    "DatesRequest",
    "DatesRequestQuerySet",
    "DepartureTerms",
    "DuesBracket",
    "DuesCall",
    "DuesScale",
    "DuesScaleQuerySet",
    "DuesTerms",
    "FiscalYear",
    "FiscalYearQuerySet",
    "Letter",
    "LetterQuerySet",
    "MemberCard",
    "Membership",
    "MembershipQuerySet",
    "PageContact",
    "PagePicture",
    "PublicPage",
    "PublicPageQuerySet",
    "RenewalPolicy",
    "RenewalReminder",
    "Resignation",
    "ResignationQuerySet",
    "StrikeOff",
    "StrikeOffQuerySet",
    "in_groups",
]
