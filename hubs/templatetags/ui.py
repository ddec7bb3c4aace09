"""The components, as tags: docs/components.md shows each, /composants/ draws each in all its states.

A tag only prepares what its file of templates/components/ draws. Words given to a tag are
translated by the caller: {% button _("Réserver") %}.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from json import dumps
from typing import Any

from django import forms, template
from django.core.paginator import Page, Paginator
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.template import engines
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from heroicons.templatetags import heroicons

from hubs import french
from hubs.actions import name_of
from hubs.parts import Card

register = template.Library()

TONE_ICONS = {
    "done": "check-circle",
    "waiting": "clock",
    "wrong": "exclamation-triangle",
    "information": "information-circle",
}
LEVEL_TONES = {"success": "done", "warning": "waiting", "error": "wrong", "info": "information"}


def draw(name: str, **context: Any) -> SafeString:
    """A component, without the file's last line feed, which would put a space between an amount and its full stop.

    Straight from the engine: a page draws two hundred, and render_to_string costs each as much again.
    """
    component = engines["django"].engine.get_template(f"components/{name}.html")
    return mark_safe(component.render(Context(context)).strip())


def _attributes(attrs: dict[str, Any]) -> SafeString:
    """hx_get="/x/" → hx-get="/x/"; None and False leave the attribute out, True gives it no value."""
    return flatatt({name.rstrip("_").replace("_", "-"): value for name, value in attrs.items() if value is not None})


# --- Words ---------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: int = 20, kind: str = "mini") -> SafeString:
    """A heroicon beside a word; it says nothing by itself. Kinds: mini, outline, solid, micro."""
    return _icon(str(name), size, kind)


@lru_cache(maxsize=256)
def _icon(name: str, size: int, kind: str) -> SafeString:
    draw = getattr(heroicons, f"heroicon_{kind}")
    return mark_safe(draw(name, size=size, **{"class": "icon", "aria-hidden": "true"}))


@register.filter
def json(value: Any) -> str:
    """What a script of ours reads from a data- attribute."""
    return dumps(value)


@register.filter
def euros(amount: Decimal | int | str | None) -> str:
    return "" if amount in (None, "") else french.euros(amount)


@register.filter
def number(value: Decimal | int | str | None) -> str:
    return "" if value in (None, "") else french.number(value)


@register.filter
def day_fr(moment: dt.date | None) -> str:
    """« mardi 24 novembre »"""
    return "" if not moment else french.day(moment)


@register.filter
def day_year_fr(moment: dt.date | None) -> str:
    """« mardi 24 novembre 2026 »"""
    return "" if not moment else french.day(moment, year=True)


@register.filter
def date_fr(moment: dt.date | None) -> str:
    """« 24 novembre 2026 »"""
    return "" if not moment else french.day(moment, year=True, weekday=False)


@register.filter
def hour_fr(moment: dt.datetime | dt.time | None) -> str:
    """« 9 h », « 12 h 30 »"""
    return "" if moment is None or moment == "" else french.hour(moment)


@register.filter
def slot_fr(start: dt.datetime | None, end: dt.datetime) -> str:
    """« mardi 24 novembre, 9 h à 12 h 30 »"""
    return "" if not start else french.slot(start, end)


@register.filter
def period_fr(first: dt.date | None, last: dt.date) -> str:
    """« du 1er au 30 novembre 2026 inclus », both ends in"""
    return "" if not first else french.period(first, last)


@register.simple_tag
def money(amount: Decimal | int | str, tax: str = "", net: Decimal | int | str | None = None) -> SafeString:
    """An amount that never breaks. With `net`: with tax first, without tax beside."""
    return _money(french.euros(amount), tax, None if net is None else french.euros(net))


@lru_cache(maxsize=1024)
def _money(amount: str, tax: str, net: str | None) -> SafeString:
    return draw("money", amount=amount, tax=tax, net=net)


# --- Doing ---------------------------------------------------------------------------------------


@register.simple_tag
def button(
    label: str,
    href: str = "",
    kind: str = "primary",
    icon: str = "",
    size: str = "",
    type: str = "submit",
    full: bool = False,
    disabled: bool = False,
    **attrs: Any,
) -> SafeString:
    """A verb. Kinds: primary, secondary, quiet, danger. Sizes: small, large."""
    classes = f"button {kind}" + (f" {size}" if size else "") + (" full" if full else "")
    if extra := attrs.pop("class", None) or attrs.pop("class_", None):
        classes += f" {extra}"
    return draw(
        "button",
        label=label,
        href=href,
        classes=classes,
        icon=icon,
        type=type,
        disabled=disabled,
        attributes=_attributes(attrs),
    )


@register.simple_tag
def link(label: str, href: str, icon: str = "", arrow: bool = False, **attrs: Any) -> SafeString:
    return draw("link", label=label, href=href, icon=icon, arrow=arrow, attributes=_attributes(attrs))


@register.simple_block_tag
def menu(content: str, label: str, icon: str = "ellipsis-horizontal", kind: str = "secondary") -> SafeString:
    """{% menu _("Autres actions") %}<a href=…>…</a>{% endmenu %}: links and buttons, one per line."""
    return draw("menu", content=content, label=label, icon=icon, kind=kind)


@register.simple_block_tag
def dialog(
    content: str,
    id: str,
    title: str,
    trigger: str = "",
    href: str = "",
    kind: str = "secondary",
    icon: str = "",
    **attrs: Any,
) -> SafeString:
    """A question on top of the page. `href` is the same question as a page; without it and without
    scripts the dialog opens in the page by its address. `attrs` go to the trigger."""
    return draw(
        "dialog",
        content=content,
        id=id,
        title=title,
        trigger=trigger,
        href=href or f"#{id}",
        kind=kind,
        icon=icon,
        attributes=_attributes(attrs),
    )


# --- Forms ---------------------------------------------------------------------------------------

NATIVE_INPUTS = {
    forms.DateInput: ("date", "%Y-%m-%d"),
    forms.TimeInput: ("time", "%H:%M"),
    forms.DateTimeInput: ("datetime-local", "%Y-%m-%dT%H:%M"),
}


def _use_native_input(widget: forms.Widget) -> None:
    """The phone's own date and hour pickers, which only take ISO values."""
    for kind, (input_type, style) in NATIVE_INPUTS.items():
        if type(widget) is kind and widget.input_type == "text":
            widget.input_type = input_type
            widget.format = style


@register.simple_tag
def field(
    bound: BoundField,
    label: str = "",
    help: str = "",
    choices: str = "",
    descriptions: dict[Any, str] | None = None,
    suffix: str = "",
    hide_label: bool = False,
    **attrs: Any,
) -> SafeString:
    """A field with its label, its help and its errors tied to it.

    `choices` draws radios or checkboxes as "list" (large lines), "cards" or "segmented".
    """
    if bound.is_hidden:
        return bound.as_widget()
    widget = bound.field.widget
    _use_native_input(widget)
    help_text = help or bound.help_text
    described = []
    if help_text:
        described.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    attrs = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
    as_choices = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    is_group = as_choices or widget.use_fieldset
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors and not is_group:
        attrs["aria-invalid"] = "true"
    if hide_label:
        attrs.setdefault("aria-label", str(label or bound.label))
    kind = {True: "checkbox"}.get(type(widget) is forms.CheckboxInput, "group" if is_group else "control")
    current_file = None
    if isinstance(widget, forms.FileInput):
        kind = "file"
        current_file = bound.initial if bound.initial and hasattr(bound.initial, "url") else None
    return draw(
        "field",
        bound=bound,
        kind=kind,
        label=label or bound.label,
        help=help_text,
        errors=bound.errors,
        described=" ".join(described),
        optional=not bound.field.required and not hide_label and kind != "checkbox",
        suffix=suffix,
        hide_label=hide_label,
        options=_options(bound, descriptions or {}, attrs) if as_choices else None,
        choices=choices or "list",
        control="" if as_choices else _control(bound, kind, attrs),
        file=current_file,
        multiple=kind == "file" and getattr(widget, "allow_multiple_selected", False),
        accept=widget.attrs.get("accept", ""),
        clear_name=f"{bound.html_name}-clear" if current_file and not bound.field.required else "",
    )


def _control(bound: BoundField, kind: str, attrs: dict[str, Any]) -> SafeString:
    if kind == "file":
        # The plain input: the current file and its removal are drawn by our template.
        plain = forms.FileInput(attrs=bound.field.widget.attrs)
        plain.allow_multiple_selected = getattr(bound.field.widget, "allow_multiple_selected", False)
        plain.is_required = bound.field.widget.is_required and not bound.initial
        return bound.as_widget(plain, attrs=attrs)
    return bound.as_widget(attrs=attrs)


def _options(bound: BoundField, descriptions: dict[Any, str], attrs: dict[str, Any]) -> list[dict[str, Any]]:
    own = {name: value for name, value in attrs.items() if not name.startswith("aria-")}
    options = []
    for widget in bound.subwidgets:
        widget.data["attrs"] = {**widget.data["attrs"], **own}
        value = widget.data["value"]
        options.append(
            {
                "tag": widget.tag(),
                "id": widget.id_for_label,
                "label": widget.choice_label,
                "description": descriptions.get(value, descriptions.get(str(value), "")),
            }
        )
    return options


@register.simple_tag
def fields(form: forms.BaseForm, only: str = "", exclude: str = "") -> SafeString:
    """Every field of a form, or those named (comma-separated), after the errors of the whole form."""
    names = [name.strip() for name in only.split(",")] if only else list(form.fields)
    left_out = {name.strip() for name in exclude.split(",")}
    drawn = [field(form[name]) for name in names if name not in left_out]
    return mark_safe(form_errors(form) + "".join(drawn))


@register.simple_tag
def form_errors(form: forms.BaseForm) -> SafeString:
    """What is wrong, at the top: the errors of the whole form and a link to each field to mend."""
    wrong = [bound for bound in form if bound.errors] if form.is_bound else []
    if not wrong and not (form.is_bound and form.non_field_errors()):
        return mark_safe("")
    return draw("form_errors", wrong=wrong, whole=form.non_field_errors())


@register.simple_tag
def journal(thing: Model) -> SafeString:
    """The link of a thing's page to what the log tells of it; for staff."""
    return button(
        gettext("Journal"), href=f"{reverse('hubs:journal')}?sur={name_of(thing)}", kind="quiet", icon="book-open"
    )


@register.simple_block_tag(takes_context=True)
def filters(context: Context, content: str, form: forms.BaseForm | None = None, target: str = "") -> SafeString:
    """A bar of filters sent by GET as they change; `target` is the selector of the list htmx swaps.
    The body holds what stands beside: an export link, a search."""
    request = context.get("request")
    return draw(
        "filters",
        content=content,
        form=form,
        target=target,
        path=request.path if request else "",
        active=bool(form is not None and form.is_bound and any(form.data.values())),
    )


# --- Showing -------------------------------------------------------------------------------------


@register.simple_tag
def badge(label: str, tone: str = "") -> SafeString:
    """A state in a word. Tones: done, waiting, wrong, information, or none."""
    return _badge(str(label), tone)


@lru_cache(maxsize=1024)
def _badge(label: str, tone: str) -> SafeString:
    return draw("badge", label=label, tone=tone, icon=TONE_ICONS.get(tone, ""))


@register.simple_tag
def message(text: str, tone: str = "information", title: str = "") -> SafeString:
    return draw("message", text=text, tone=tone, title=title, icon=TONE_ICONS[tone])


@register.simple_tag(takes_context=True)
def messages_list(context: Context, swap: bool = False) -> SafeString:
    """The messages that actions left. `swap` sends them beside an htmx answer."""
    found = [
        (str(note), LEVEL_TONES.get(note.level_tag, "information")) for note in context.get("messages") or () if note
    ]
    return draw("messages", notes=[(text, tone, TONE_ICONS[tone]) for text, tone in found], swap=swap)


@register.simple_tag
def empty(
    title: str, text: str = "", action_label: str = "", action_url: str = "", icon: str = "sparkles"
) -> SafeString:
    """Nothing yet: why, and what starts something."""
    return draw("empty", title=title, text=text, action_label=action_label, action_url=action_url, icon=icon)


@register.simple_block_tag
def card(content: str, title: str = "", href: str = "", level: int = 3, tone: str = "") -> SafeString:
    """{% card title=… href=… %}…{% endcard %}; with `href` the title is the link and the card its target."""
    return draw("card", content=content, title=title, href=href, level=level, tone=tone)


@register.simple_tag(takes_context=True)
def draw_card(context: Context, card: Card) -> SafeString:
    """A piece that an app adds to a shared page (`hubs.parts.Card`)."""
    return render_to_string(card.template, dict(card.context), request=context.get("request"))


@register.simple_block_tag
def head(content: str, title: str, lead: str = "", kicker: str = "") -> SafeString:
    """The head of a page: its h1, a sentence, and in the body the buttons of the page."""
    return draw("head", content=mark_safe(content.strip()), title=title, lead=lead, kicker=kicker)


@register.simple_tag
def figure(value: str, label: str, note: str = "", href: str = "", tone: str = "") -> SafeString:
    """A big number and what it counts."""
    return draw("figure", value=value, label=label, note=note, href=href, tone=tone)


@register.simple_tag
def progress(value: int, max: int, label: str, id: str = "", poll: str = "", every: str = "2s") -> SafeString:
    """How far a long work is. With `poll` (a URL that answers this tag again) htmx asks until the
    answer comes without `poll`."""
    return draw("progress", value=value, max=max, label=label, id=id or "progression", poll=poll, every=every)


@register.simple_tag
def stepper(steps: Sequence[str | tuple[str, str]], current: int) -> SafeString:
    """Labels, or (label, url) for steps one may go back to; `current` counts from 1."""
    pairs = [(step, "") if isinstance(step, str) else step for step in steps]
    lines = [
        {
            "number": number,
            "label": label,
            "url": url if number < current else "",
            "state": "done" if number < current else "current" if number == current else "",
        }
        for number, (label, url) in enumerate(pairs, 1)
    ]
    return draw("stepper", steps=lines, current=current, total=len(lines), label=lines[current - 1]["label"])


@register.simple_tag
def breadcrumb(*labels_and_urls: str) -> SafeString:
    """Label and URL of each page above, then where we are: {% breadcrumb _("Espaces") list_url pool.name %}."""
    *above, here = labels_and_urls
    return draw("breadcrumb", crumbs=list(zip(above[::2], above[1::2], strict=True)), here=here)


@register.simple_tag
def timeline(moments: Iterable[Any]) -> SafeString:
    """`hubs.pieces.Moment`s, in the order given."""
    lines = [
        {
            "moment": moment,
            "machine": moment.when.isoformat(),
            "day": french.day(moment.when, year=True),
            "hour": french.hour(moment.when) if isinstance(moment.when, dt.datetime) else "",
            "icon": TONE_ICONS.get(moment.tone, ""),
        }
        for moment in moments
    ]
    return draw("timeline", lines=lines)


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """Initials; the name stands beside it, so it says nothing by itself. Sizes: small, large."""
    words = [word for word in str(name).replace("-", " ").split() if word[0].isalnum()]
    initials = (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"
    return format_html('<span class="avatar{}" aria-hidden="true">{}</span>', f" {size}" if size else "", initials)


@register.simple_tag(takes_context=True)
def pager(context: Context, page: Page, parameter: str = "page", label: str = "") -> SafeString:
    """Pages of a list; the other parameters of the address are kept. Two on a page each need their `label`."""
    request = context.get("request")
    asked = dict(request.GET.lists()) if request else {}

    def address(number: int) -> str:
        return f"?{urlencode({**asked, parameter: number}, doseq=True)}"

    pages = [
        {"number": number, "url": "" if number == Paginator.ELLIPSIS else address(int(number))}
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return draw(
        "pager",
        label=label,
        page=page,
        pages=pages,
        previous=address(page.previous_page_number()) if page.has_previous() else "",
        next=address(page.next_page_number()) if page.has_next() else "",
    )
