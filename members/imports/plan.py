"""The import of members (HU11): what each line of a file would do, before anything is done."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from hubs.enums import LegalForm
from hubs.french import day, number
from hubs.refusals import Refusal
from members.enums import MemberKind, Standing
from members.imports.columns import COLUMNS, FIGURES, FORMS, KINDS, PLAIN_FIELDS, TEXTS
from members.models import College, FiscalYear, Membership
from parties.identifiers import clean_identifiers
from parties.imports import values
from parties.imports.columns import Table, recognise
from parties.imports.sheets import read_sheet
from parties.imports.values import Wrong, plain
from parties.imports.writes import Writing
from parties.models import Organisation, Trade, YearFigures

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"


@dataclass(eq=False)
class Known:
    """A structure as it will be once the lines read so far are imported."""

    organisation: Organisation | None
    values: dict[str, Any]
    line: int | None = None
    figures: dict[int, dict[str, Any]] = field(default_factory=dict)
    new_figures: dict[int, dict[str, Any]] = field(default_factory=dict)
    membership: Membership | None = None
    member: tuple[str, College] | None = None
    lines: dict[int | None, int] = field(default_factory=dict)
    touched: bool = False
    # Names and numbers of the sheets that were merged into this one.
    other_words: set[str] = field(default_factory=set)


@dataclass
class Fate:
    """What will become of a line, and why."""

    line: int
    name: str
    outcome: str = UNCHANGED
    changes: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    year: int | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """The dry run of a file: the fate of every line, and what importing it takes."""

    fates: list[Fate]
    notes: list[str]
    header: list[str]
    fiscal_year: FiscalYear
    known: list[Known]
    trades: dict[str, Trade]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(fate.outcome for fate in self.fates)
        return {outcome: counted[outcome] for outcome in (CREATED, UPDATED, UNCHANGED, REFUSED)}

    @property
    def good(self) -> int:
        return len(self.fates) - self.counts[REFUSED]

    @property
    def totals(self) -> dict[int, dict[str, Decimal]]:
        """What the good lines weigh together, by year."""
        totals: dict[int, dict[str, Decimal]] = {}
        for fate in self.fates:
            if fate.outcome != REFUSED and fate.year is not None:
                sums = totals.setdefault(fate.year, dict.fromkeys(FIGURES, Decimal(0)))
                for name, value in fate.figures.items():
                    sums[name] += value
        return dict(sorted(totals.items()))

    def of(self, outcome: str) -> list[Fate]:
        return [fate for fate in self.fates if not outcome or fate.outcome == outcome]


def plan_import(content: bytes, fiscal_year: FiscalYear) -> Plan:
    """Read the file against the base, in a fixed number of queries. Raises a FileRefused."""
    sheet = read_sheet(content)
    table = recognise(sheet, COLUMNS, required="name")
    notes = list(sheet.notes)
    if sheet.empty:
        shown = ", ".join(str(line) for line in sheet.empty[:10]) + ("…" if len(sheet.empty) > 10 else "")
        notes.append(
            _("Ligne vide passée\u00a0: %s.") % shown
            if len(sheet.empty) == 1
            else _("%(count)s lignes vides passées\u00a0: %(lines)s.") % {"count": len(sheet.empty), "lines": shown}
        )
    if table.unread:
        notes.append(_("Colonnes que l’import ne lit pas\u00a0: %s.") % ", ".join(table.unread))
    if "kind" not in table.titles:
        notes.append(
            _(
                "Pas de colonne «\u00a0Lien\u00a0» (installée ou associée)\u00a0: les structures entrent au fichier sans adhésion."
            )
        )
    return _Planner(table, fiscal_year).plan(notes)


class _Planner:
    """Reads the base once, then line after line what each changes."""

    def __init__(self, table: Table, fiscal_year: FiscalYear) -> None:
        self.table = table
        self.fiscal_year = fiscal_year
        self.default_year = fiscal_year.starts_on.year
        self.trades = {plain(trade.name): trade for trade in Trade.objects.order_by("pk")}
        self.colleges = list(College.objects.live(fiscal_year.last_day).by_rank())
        self.known: list[Known] = []
        self.by_siret: dict[str, Known] = {}
        self.by_siren: dict[str, list[Known]] = defaultdict(list)
        self.by_name: dict[str, list[Known]] = defaultdict(list)
        by_pk = self._read_organisations()
        # Those of a sheet that stays count over those of one merged into it.
        for year in YearFigures.objects.order_by(F("organisation__merged_into").asc(nulls_last=True), "pk"):
            by_pk[year.organisation_id].figures[year.year] = {name: getattr(year, name) for name in FIGURES}
        held = Membership.objects.filter(fiscal_year=fiscal_year, person=None).select_related("college")
        for membership in held.order_by(F("organisation__merged_into").asc(nulls_last=True), "pk"):
            known = by_pk[membership.organisation_id]
            known.membership, known.member = membership, (membership.kind, membership.college)
        self.sirets = Counter("".join(row.get("siret", "").split()) for _line, row in table.rows)

    def _read_organisations(self) -> dict[int, Known]:
        by_pk: dict[int, Known] = {}
        for organisation in Organisation.objects.standing().select_related("trade").order_by("pk"):
            kept = {name: getattr(organisation, name) for name in PLAIN_FIELDS} | {"trade": organisation.trade}
            by_pk[organisation.pk] = self._add(Known(organisation=organisation, values=kept))
        for merged in Organisation.objects.exclude(merged_into=None).order_by("pk"):
            # A line that names the sheet which left is about the one that stays.
            by_pk[merged.pk] = known = by_pk[merged.merged_into_id]  # type: ignore[index]
            for names, key in ((self.by_siren, merged.siren), (self.by_name, plain(merged.name))):
                if key and known not in names[key]:
                    names[key].append(known)
            if merged.siret:
                self.by_siret.setdefault(merged.siret, known)
            known.other_words |= {plain(merged.name), merged.siret, merged.siren} - {""}
        for known in self.known:
            known.values["hosted_by"] = by_pk.get(known.organisation.hosted_by_id)  # type: ignore[union-attr]
        return by_pk

    def _add(self, known: Known) -> Known:
        self.known.append(known)
        self._index(known)
        return known

    def _index(self, known: Known) -> None:
        if siret := known.values.get("siret"):
            self.by_siret[siret] = known
        if (siren := known.values.get("siren")) and known not in self.by_siren[siren]:
            self.by_siren[siren].append(known)
        if known not in (same := self.by_name[plain(known.values["name"])]):
            same.append(known)

    def plan(self, notes: list[str]) -> Plan:
        fates = [self._fate(line, row) for line, row in self.table.rows]
        return Plan(
            fates=fates,
            notes=notes,
            header=self.table.header,
            fiscal_year=self.fiscal_year,
            known=[known for known in self.known if known.touched],
            trades=self.trades,
        )

    # --- One line ---

    def _fate(self, line: int, row: Mapping[str, str]) -> Fate:
        fate = Fate(line=line, name=row.get("name", "")[:160], raw=self.table.raw[line])
        given = self._read(row, fate)
        if fate.problems:
            fate.outcome = REFUSED
            return fate
        known = self._match(given, fate)
        if known is not None and not fate.problems:
            self._check_against(known, given, fate)
        if known is None and not fate.problems and not given.get("legal_form"):
            if given.get("hosted_by"):
                given["legal_form"] = LegalForm.CAE
            else:
                self._blame(fate, "legal_form", _("Dites la forme juridique\u00a0: association, SCIC, EURL…"))
        if fate.problems:
            fate.outcome = REFUSED
            return fate
        self._apply(known, given, fate)
        return fate

    def _blame(self, fate: Fate, key: str, text: str) -> None:
        default = next(str(column.title) for column in COLUMNS if column.key == key)
        fate.problems.append((self.table.titles.get(key, default), str(text)))

    def _read(self, row: Mapping[str, str], fate: Fate) -> dict[str, Any]:
        """The values of the line; an empty cell gives none. What is wrong is told next to its column."""
        given: dict[str, Any] = {}
        readers: dict[str, Callable[[str], Any]] = {
            **TEXTS,
            **FIGURES,
            "year": values.year,
            "siret": values.identifier,
            "siren": values.identifier,
            "trade": partial(values.words, longest=80),
            "hosted_by": partial(values.words, longest=160),
            "legal_form": self._legal_form,
            "kind": self._kind,
            "college": self._college,
        }
        for key, text in row.items():
            try:
                value = readers[key](text) if text else None
            except Wrong as error:
                self._blame(fate, key, str(error))
            else:
                if value not in (None, ""):
                    given[key] = value
        if "name" not in given and not any(title == self.table.titles["name"] for title, _text in fate.problems):
            self._blame(fate, "name", _("Le nom manque."))
        self._read_identifiers(given, fate)
        if "college" in given and "kind" not in given:
            self._blame(fate, "kind", _("Dites si la structure est installée ou associée."))
        if "kind" in given and not self.colleges:
            self._blame(fate, "college", _("Le pôle n’a pas encore de collège."))
        fate.figures = {name: given[name] for name in FIGURES if name in given}
        if fate.figures:
            fate.year = given.get("year", self.default_year)
        return given

    def _read_identifiers(self, given: dict[str, Any], fate: Fate) -> None:
        try:
            siret, siren, _vat = clean_identifiers(siret=given.get("siret", ""), siren=given.get("siren", ""))
        except Refusal as refusal:
            self._blame(
                fate, refusal.field or "siret", f"{given.get(refusal.field or 'siret')}\u00a0: {refusal.message}"
            )
        else:
            given |= {name: value for name, value in (("siret", siret), ("siren", siren)) if value}

    def _legal_form(self, text: str) -> str:
        try:
            return FORMS[plain(text)]
        except KeyError:
            raise Wrong(
                _(
                    "«\u00a0%s\u00a0» n’est pas une forme connue\u00a0: association, SCIC, SCOP, SARL, EURL, SA, SAS, EPCC, CAE…"
                )
                % text[:60]
            ) from None

    def _kind(self, text: str) -> MemberKind:
        try:
            return KINDS[plain(text)]
        except KeyError:
            raise Wrong(
                _("«\u00a0%s\u00a0»\u00a0: écrivez «\u00a0installée\u00a0» ou «\u00a0associée\u00a0».") % text[:60]
            ) from None

    def _college(self, text: str) -> College:
        for college in self.colleges:
            if plain(college.name) == plain(text):
                return college
        raise Wrong(
            _("«\u00a0%(text)s\u00a0» n’est pas un collège du pôle\u00a0: %(names)s.")
            % {"text": text[:60], "names": ", ".join(college.name for college in self.colleges)}
        )

    # --- Which structure ---

    def _match(self, given: Mapping[str, Any], fate: Fate) -> Known | None:
        """By SIRET, else by SIREN, else by name."""
        siret, siren = given.get("siret", ""), given.get("siren", "")
        if siret in self.by_siret:
            return self.by_siret[siret]
        # Another line of the file may be the one that holds this SIREN's other establishment.
        same_siren = [
            known
            for known in self.by_siren.get(siren, ())
            if not (siret and known.values.get("siret") and self.sirets[known.values["siret"]])
        ]
        if len(same_siren) == 1:
            return same_siren[0]
        same_name = [known for known in self.by_name.get(plain(given["name"]), ()) if known not in same_siren]
        if siren:
            other = [known for known in same_name if known.values.get("siren") not in ("", siren)]
            if other and len(other) == len(same_name):
                self._blame(
                    fate,
                    "siret",
                    _("«\u00a0%(name)s\u00a0» est déjà connue avec un autre SIRET, %(siret)s. Lequel est le bon\u00a0?")
                    % {"name": given["name"], "siret": other[0].values["siret"] or other[0].values["siren"]},
                )
                return None
            same_name = [known for known in same_name if known.values.get("siren") in ("", siren)]
        if len(same_name) > 1:
            self._blame(fate, "name", _("Plusieurs structures portent ce nom\u00a0: donnez le SIRET."))
            return None
        return same_name[0] if same_name else None

    def _check_against(self, known: Known, given: Mapping[str, Any], fate: Fate) -> None:
        """A structure comes once in the file, or once for each year of its figures."""
        if (line := known.lines.get(fate.year)) is not None:
            by_siret = given.get("siret") and given["siret"] == known.values.get("siret")
            told = _("Même SIRET qu’à la ligne %s.") if by_siret else _("Même structure qu’à la ligne %s.")
            self._blame(fate, "siret" if by_siret else "name", told % line)
        if known.membership and known.membership.standing == Standing.LEFT and "kind" in given:
            left = day(known.membership.left_on, year=True, weekday=False)
            self._blame(fate, "kind", _("Cette structure a quitté le pôle le %s.") % left)

    def _host(self, text: str) -> Known:
        """The body that carries a project: known, or a co-operative to be added with it."""
        if text.replace(" ", "") in self.by_siret:
            return self.by_siret[text.replace(" ", "")]
        if same := self.by_name.get(plain(text)):
            return same[0]
        # An employment co-operative is a SCOP or a SCIC by law: staff will say which.
        return self._add(Known(organisation=None, values={"name": text, "legal_form": LegalForm.SCOP}, touched=True))

    # --- What changes ---

    def _apply(self, known: Known | None, given: dict[str, Any], fate: Fate) -> None:
        wanted = {name: given[name] for name in PLAIN_FIELDS if name in given}
        if known is not None:
            # What a merged sheet was called, and numbered, says which one is meant and changes nothing.
            said = {name: plain(wanted[name]) for name in ("name", "siret", "siren") if name in wanted}
            for name in (name for name, word in said.items() if word in known.other_words):
                del wanted[name]
            # « KINO GRESILLES » says which one is meant, and takes no accent away from the sheet.
            if "name" in wanted and plain(wanted["name"]) == plain(known.values["name"]):
                del wanted["name"]
        if "trade" in given:
            key = plain(given["trade"])
            wanted["trade"] = self.trades.setdefault(key, Trade(name=given["trade"]))
        if known is None:
            known = self._add(Known(organisation=None, values={"name": wanted["name"]}, line=fate.line))
        is_new = known.organisation is None and not known.lines
        if "hosted_by" in given:
            host = self._host(given["hosted_by"])
            if host is known:
                self._blame(fate, "hosted_by", _("Une structure ne se porte pas elle-même."))
                fate.outcome = REFUSED
                return
            wanted["hosted_by"] = host
            if host.organisation is None and not host.lines:
                fate.changes.append(
                    _("«\u00a0%s\u00a0» qui la porte sera créée aussi, sans adhésion") % host.values["name"]
                )
        changed = self._change_values(known, wanted, fate, is_new)
        changed |= self._change_figures(known, fate, is_new)
        changed |= self._change_membership(known, given, fate, is_new)
        known.lines[fate.year] = fate.line
        known.touched |= changed or is_new
        self._index(known)
        fate.outcome = CREATED if is_new else UPDATED if changed else UNCHANGED

    def _change_values(self, known: Known, wanted: Mapping[str, Any], fate: Fate, is_new: bool) -> bool:
        changes = {name: value for name, value in wanted.items() if known.values.get(name) != value}
        if not is_new:
            for name, value in changes.items():
                fate.changes.append(self._change(name, known.values.get(name), value))
        known.values |= changes
        return bool(changes)

    def _change_figures(self, known: Known, fate: Fate, is_new: bool) -> bool:
        if fate.year is None:
            return False
        kept = known.figures.setdefault(fate.year, {})
        changes = {name: value for name, value in fate.figures.items() if kept.get(name) != value}
        if not is_new:
            for name, value in changes.items():
                fate.changes.append(self._change(name, kept.get(name), value, fate.year))
        kept |= changes
        if changes:
            known.new_figures.setdefault(fate.year, {}).update(changes)
        return bool(changes)

    def _change_membership(self, known: Known, given: Mapping[str, Any], fate: Fate, is_new: bool) -> bool:
        if "kind" not in given:
            return False
        college = given.get("college") or (known.member[1] if known.member else self.colleges[0])
        if known.member == (given["kind"], college):
            return False
        told = f"{given['kind'].label}, {college.name}"
        if known.member is None:
            fate.changes.append(_("adhésion %(year)s\u00a0: %(told)s") % {"year": self.fiscal_year.label, "told": told})
        else:
            was = f"{MemberKind(known.member[0]).label}, {known.member[1].name}"
            fate.changes.append(_("adhésion\u00a0: %(was)s → %(told)s") % {"was": was, "told": told})
        known.member = (given["kind"], college)
        return True

    def _change(self, name: str, before: Any, after: Any, year: int | None = None) -> str:
        title = next(str(column.title) for column in COLUMNS if column.key == name)
        was = _said(name, before)
        label = f"{title} {year}" if year else title
        return f"{label}\u00a0: {was} → {_said(name, after)}" if was else f"{label}\u00a0: {_said(name, after)}"


def _said(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, Known):
        return str(value.values["name"])
    if isinstance(value, Decimal | int):
        return number(value.normalize() if isinstance(value, Decimal) else value)
    return str(LegalForm(value).label) if name == "legal_form" else str(value)


def writings_of(plan: Plan) -> dict[Known, Writing]:
    """What the plan writes about each structure that it changes."""
    writings: dict[Known, Writing] = {}
    for known in plan.known:
        writings[known] = Writing(organisation=known.organisation or Organisation())
    for known, writing in writings.items():
        organisation = writing.organisation
        for name, value in known.values.items():
            if name == "hosted_by" and isinstance(value, Known):
                value = writings[value].organisation if value in writings else value.organisation
            if (before := getattr(organisation, name)) != value or (writing.is_new and value not in (None, "")):
                writing.before[name] = before
                writing.after[name] = value
                setattr(organisation, name, value)
        writing.figures = known.new_figures
    return writings


def rejected(plan: Plan) -> Sequence[Sequence[str]]:
    """The lines refused, as they were, each with what to mend: to correct and drop again."""
    width = len(plan.header)
    return [
        [*fate.raw, *[""] * (width - len(fate.raw)), " ".join(f"{title} : {text}" for title, text in fate.problems)]
        for fate in plan.of(REFUSED)
    ]
