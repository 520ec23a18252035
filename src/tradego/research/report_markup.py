"""HTML as a type of its own: text becomes part of a page only through `text`, which escapes it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from typing import NamedTuple, NewType

import msgspec

from tradego.domain import formats
from tradego.domain.formats import Number

Html = NewType("Html", str)

NOTHING = Html("")


def text(words: str) -> Html:
    """Words as they are, whatever they hold."""
    return Html(escape(words))


def join(*parts: Html) -> Html:
    return Html("".join(parts))


def tag(name: str, content: Html = NOTHING, css: str = "", **attributes: str) -> Html:
    """One element; attribute values are escaped, `_` in their names stands for `-`."""
    pairs = {"class": css, **{key.replace("_", "-"): value for key, value in attributes.items()}}
    written = "".join(f' {key}="{escape(value)}"' for key, value in pairs.items() if value)
    return Html(f"<{name}{written}>{content}</{name}>")


def data_block(name: str, data: msgspec.Struct) -> Html:
    """JSON for the script of the page. It cannot end early: no `<` is left in it."""
    inert = msgspec.json.encode(data).decode().replace("<", "\\u003c")
    return Html(f'<script type="application/json" id="{name}">{inert}</script>')


def signed(amount: Number | None, *, figure: str = "") -> Html:
    """An amount of money won or lost, in its colour; `figure` where it is written otherwise."""
    shown = figure or formats.plain(amount, signed=True)
    if amount is None or shown == formats.MISSING or not any(c in "123456789" for c in shown):
        return text(shown)
    return tag("b", text(shown), "up" if amount > 0 else "down")


def big_rupees(amount: Decimal, *, sign: bool = False) -> Html:
    """A figure to be read across the room, its paise smaller."""
    whole, _, paise = formats.rupees(amount, signed=sign).partition(".")
    colour = "" if not sign or not amount else "up" if amount > 0 else "down"
    return tag("span", join(text(whole), tag("small", text(f".{paise}"))), f"big {colour}".strip())


class Column(NamedTuple):
    """A column of a table; figures stand to the right, words to the left."""

    head: str
    css: str = "n"


def table(columns: Sequence[Column], rows: Iterable[Sequence[Html]], css: str = "") -> Html:
    """A real table, that scrolls sideways where it must. The first cell of a row names it."""
    head = [tag("th", text(column.head), column.css, scope="col") for column in columns]
    body = []
    for row in rows:
        cells = [
            tag("td", cell, column.css) if at else tag("th", cell, column.css, scope="row")
            for at, (cell, column) in enumerate(zip(row, columns, strict=True))
        ]
        body.append(tag("tr", join(*cells)))
    inner = join(tag("thead", tag("tr", join(*head))), tag("tbody", join(*body)))
    return tag("div", tag("table", inner, css), "wide", tabindex="0")


def section(anchor: str, title: str, note: str, *parts: Html) -> Html:
    """A part of the page under its heading; the note says in what unit or by what rule."""
    heading = tag("h2", join(text(title), tag("small", text(note)) if note else NOTHING))
    return tag("section", join(heading, *parts), id=anchor)


def columns_of(*parts: Html, css: str = "") -> Html:
    """Side by side where there is room."""
    return tag("div", join(*(tag("div", part) for part in parts)), f"side {css}".strip())


def para(words: str, css: str = "") -> Html:
    return tag("p", text(words), css)


def share_bar(share: float, css: str = "") -> Html:
    """A bar of `share` (0..1) of its cell; the figure stands beside it."""
    width = f"width:{max(0.0, min(1.0, share)) * 100:.1f}%"
    return tag("i", tag("i", NOTHING, css, style=width), "bar")


def two_sided(value: float, largest: float) -> Html:
    """A bar to the right of the middle for a gain, to the left for a loss."""
    if not largest or not value:
        return tag("i", NOTHING, "bar both")
    width = abs(value) / largest * 50
    side = "left:50%" if value > 0 else f"left:{50 - width:.1f}%"
    fill = tag("i", NOTHING, "up" if value > 0 else "down", style=f"{side};width:{width:.1f}%")
    return tag("i", fill, "bar both")
