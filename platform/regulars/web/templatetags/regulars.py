"""The small tags of every page: money, phones, dates, icons, badges. See docs/components.md."""

import zlib
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any
from uuid import uuid4

from django import template
from django.forms import BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from regulars.web import charts, dates, navigation, phones, toasts
from regulars.web import money as amounts
from regulars.web.billing import banner

register = template.Library()

NOTHING = "—"
TONES = ("quiet", "good", "warning", "bad", "info", "accent")
_AVATAR_COLOURS = 8
_CURSORS = ("after", "before", "page")


@register.simple_tag(takes_context=True)
def money(
    context: Context, minor: int | str | None, currency: str = "", *, dense: bool = False
) -> str:
    """Write minor units; the currency is the chain's unless given. Nothing is a dash."""
    if minor is None or minor == "":
        return NOTHING
    code = currency or _currency(context)
    if dense:
        return amounts.money_dense(int(minor), code, language=_language())
    return amounts.money(int(minor), code)


@register.simple_tag
def phone(number: str | None, *, masked: bool = False) -> str:
    """Write an E.164 number for reading, in full or masked."""
    if not number:
        return NOTHING
    return phones.masked(number) if masked else phones.revealed(number)


@register.simple_tag(takes_context=True)
def near(context: Context, at: datetime | None) -> SafeString | str:
    """Write a moment relative to now, as ``<time>`` with the exact one in its title."""
    if at is None:
        return NOTHING
    zone = timezone.get_current_timezone()
    text = dates.near(at, now=_now(context), zone=zone, language=_language())
    exact = at.astimezone(zone).isoformat(timespec="seconds")
    title = f"{exact[:10]} {exact[11:16]}"
    return SafeString(f'<time datetime="{exact}" title="{title}">{escape(text)}</time>')


@register.simple_tag(takes_context=True)
def day(context: Context, on: date | None) -> SafeString | str:
    """Write a day as ``<time>``: ``11月21日 周六``, with its year when that is not this one."""
    if on is None:
        return NOTHING
    today = timezone.localdate(_now(context))
    plain = on.date() if isinstance(on, datetime) else on
    text = dates.day(plain, today=today, language=_language())
    return format_html('<time datetime="{}">{}</time>', plain.isoformat(), text)


@register.simple_tag
def lunar(on: date | None) -> str:
    """Write the lunar date of a solar day."""
    return dates.lunar(on, language=_language()) if on else NOTHING


@register.simple_tag
def count(number: int | str | None, *, dense: bool = False) -> str:
    """Write a whole number with its thousands apart."""
    if number is None or number == "":
        return NOTHING
    if dense:
        return amounts.count_dense(int(number), language=_language())
    return amounts.count(int(number))


@register.simple_tag
def linked(number: int | None, href: str, *, dense: bool = False) -> SafeString | str:
    """Write a whole number that leads to its rows; zero, or one without rows, leads nowhere."""
    text = count(number, dense=dense)
    if not (href and number):
        return text
    return SafeString(f'<a class="number-link" href="{escape(href)}">{escape(text)}</a>')


@register.simple_tag
def options(choices: Iterable[tuple[Any, Any]], chosen: Any = "") -> SafeString:
    """Write the options of a select from (value, words); there may be hundreds."""
    return SafeString(
        "".join(
            f'<option value="{escape(str(value))}"{" selected" if value == chosen else ""}>'
            f"{escape(str(words))}</option>"
            for value, words in choices
        )
    )


@register.simple_tag
def percent(part: float | None, whole: float = 1, *, places: int = 1) -> str:
    """Write a share; a share of nothing is a dash."""
    return NOTHING if part is None else amounts.percent(part, whole, places=places)


@register.simple_tag
def change(now: float | None, before: float | None) -> str:
    """Write a change against an earlier value; empty when there is nothing to compare."""
    return "" if now is None else amounts.change(now, before)


@register.simple_tag
@lru_cache(maxsize=1_000)  # a page has dozens, and the sprite's address stays the same
def icon(name: str, *, label: str = "") -> SafeString:
    """Draw an icon of the sprite; with a label it speaks, without it is decoration."""
    href = f"{static('vendor/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.simple_tag
def badge(text: str, tone: str = "quiet", *, icon: str = "") -> SafeString:
    """Draw a status: one word, one tone, and an icon where colour alone would have to say it."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"A badge's tone is one of {TONES}, not {tone!r}.")
    picture = globals()["icon"](icon) if icon else ""
    return format_html('<span class="tag tag-{}">{}{}</span>', tone, picture, text)


@register.simple_tag
def avatar(name: str | None, *, size: str = "") -> SafeString:
    """Draw a person's initial on a colour that stays theirs."""
    known = (name or "").strip()
    colour = zlib.crc32(known.encode()) % _AVATAR_COLOURS
    classes = f"face face-{colour} face-{escape(size)}" if size else f"face face-{colour}"
    return SafeString(
        f'<span class="{classes}" aria-hidden="true">{escape(_initials(known))}</span>'
    )


@register.simple_tag
def bar(value: float | None, largest: float | None) -> SafeString:
    """Draw a bar in a cell: the share of the largest value. Decoration beside the number."""
    width = 0.0 if not value or not largest else max(0.0, min(1.0, float(value) / float(largest)))
    return SafeString(
        '<svg class="cell-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="cell-bar-track" width="100" height="4"/>'
        f'<rect width="{width * 100:.1f}" height="4"/></svg>'
    )


@register.simple_tag
def progress_bar(done: float, total: float, label: str = "") -> SafeString:
    """Draw how far something is."""
    return format_html(
        '<progress class="progress" max="{}" value="{}" aria-label="{}"></progress>',
        total or 1,
        done,
        label,
    )


@register.simple_tag
def sparkline(values: Iterable[float]) -> SafeString:
    """Draw a line of values without axes. Decoration: the figure beside it says the number."""
    points = charts.spark_points(list(values), width=100, height=28)
    if not points:
        return mark_safe("")
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return format_html(
        '<svg class="spark" viewBox="0 -2 100 32" preserveAspectRatio="none" aria-hidden="true">'
        '<polygon points="0,30 {} 100,30"/><polyline points="{}"/></svg>',
        line,
        line,
    )


@register.simple_tag(takes_context=True)
def sort_header(context: Context, key: str, label: str, *, align: str = "") -> SafeString:
    """Write a column header that sorts by ``?sort=key`` and turns round with ``?sort=-key``."""
    query = context["request"].GET.copy()
    current = query.get("sort", "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    for name in _CURSORS:
        query.pop(name, None)
    query["sort"] = key if direction == "descending" else f"-{key}"
    arrow = {"ascending": "arrow-up", "descending": "arrow-down"}.get(direction)
    return format_html(
        '<th scope="col" aria-sort="{}"{}><a class="sort" href="?{}">{}{}</a></th>',
        direction,
        mark_safe(' class="text-end"') if align == "end" else "",
        query.urlencode(),
        label,
        icon(arrow) if arrow else "",
    )


@register.simple_tag
def once_key() -> SafeString:
    """Write a hidden field ``once`` with a fresh UUID, for services with an idempotency key."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid4())


@register.simple_tag
def asset(name: str) -> SafeString:
    """Load one of our own built modules, such as ``charts.js``."""
    return format_html('<script type="module" src="{}"></script>', static(f"vendor/{name}"))


@register.simple_tag
def chart_parts(data: dict[str, Any], unit: str = "count", currency: str = "") -> charts.Parts:
    """Split a chart's dict into what the script draws and what the table behind it reads."""
    return charts.parts(data, unit=unit, currency=currency, language=_language())


@register.simple_tag
def chart_script() -> SafeString:
    """Load what draws charts; a browser runs one module once, however often a page names it."""
    return asset("charts.js")


@register.simple_tag(takes_context=True)
def places(context: Context) -> list[navigation.Link]:
    """Return the places of the rail this person sees; `place` in the context is the current."""
    role = getattr(context.get("person"), "role", "")
    return navigation.links(role=role, current=str(context.get("place") or ""))


@register.simple_tag(takes_context=True)
def billing_banner(context: Context) -> banner.Banner | None:
    """Return what is to be said of the subscription on every page, if anything; asks nobody."""
    chain, person = context.get("chain"), context.get("person")
    if chain is None or person is None:
        return None
    return banner.words(chain, role=getattr(person, "role", ""), now=_now(context))


@register.simple_tag
def unique_id(prefix: str, given: str = "") -> str:
    """Return the id that was given, or one nobody else on the page has."""
    return given or f"{prefix}-{uuid4().hex[:8]}"


@register.simple_tag
def field_control(field: BoundField, **attributes: str) -> SafeString:
    """Render a form field's widget with what assistive technology must know of it."""
    described = [f"{field.auto_id}_help"] if field.help_text else []
    extra: dict[str, Any] = {k.replace("_", "-"): v for k, v in attributes.items() if v}
    if field.errors:
        described.append(f"{field.auto_id}_error")
        extra["aria-invalid"] = "true"
    if described:
        extra["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=extra)


@register.filter
def widget_kind(field: BoundField) -> str:
    """Return ``check``, ``choices``, ``file`` or ``line``: how label and control stand."""
    kind = getattr(field.field.widget, "input_type", "")
    if kind == "checkbox" and not getattr(field.field.widget, "allow_multiple_selected", False):
        return "check"
    if kind in ("radio", "checkbox"):
        return "choices"
    return "file" if kind == "file" else "line"


@register.filter
def to_int(value: Any) -> int:
    """Read a component's argument, which may be text, as a whole number."""
    return int(value)


@register.filter
def to_float(value: Any) -> float:
    """Read a component's argument, which may be text, as a number."""
    return float(value)


@register.simple_tag
def delta(change: str) -> SafeString:
    """Write a change that was put into words in its tone; nothing is a dash."""
    return SafeString(f'<span class="delta delta-{delta_tone(change)}">{change or NOTHING}</span>')


@register.filter
def delta_tone(delta: str) -> str:
    """Return the tone of a written change: more is good unless the page says otherwise."""
    return {"+": "good", amounts.MINUS: "bad"}.get(delta[:1], "quiet")


@register.filter
def toast_tone(message: object) -> str:
    """Return the tone of one of Django's messages."""
    return toasts.tone(message)


@register.filter
def undo_address(message: object) -> str:
    """Return the address that undoes what a message tells of, or nothing."""
    return toasts.undo_address(message)


@register.simple_tag
def error_list(errors: Iterable[str]) -> SafeString:
    """Join a field's errors into one sentence list."""
    return format_html_join(" ", "{}", ((error,) for error in errors))


def _initials(name: str) -> str:
    if not name:
        return "?"
    if name[0].isascii():
        words = name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    return name[0]


def _language() -> str:
    return get_language() or "zh-hans"


def _now(context: Context) -> datetime:
    given = context.get("now")
    return given if isinstance(given, datetime) else timezone.now()


def _currency(context: Context) -> str:
    chain = context.get("chain")
    return str(context.get("currency") or getattr(chain, "currency", "") or "CNY")
