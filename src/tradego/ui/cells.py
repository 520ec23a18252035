"""Cells of fixed width, so that nothing moves when a figure changes."""

from decimal import Decimal
from typing import Literal

from rich.text import Text

from tradego.domain import formats
from tradego.domain.formats import MISSING
from tradego.domain.money import ZERO

Align = Literal["left", "right"]
Cell = tuple[str | Text, int, Align]


def row(*cells: Cell) -> Text:
    """One space apart; a cell without width is left out."""
    return Text(" ").join(fit(text, width, align) for text, width, align in cells if width > 0)


def fit(text: str | Text, width: int, align: Align = "left") -> Text:
    """Cut with an ellipsis, or filled with spaces, to exactly `width` columns."""
    fitted = text.copy() if isinstance(text, Text) else Text(text)
    fitted.truncate(max(0, width), overflow="ellipsis")
    fitted.align(align, max(0, width))
    return fitted


def title(name: str, note: str, width: int) -> Text:
    """The head of a part, with a word of what it holds."""
    return fit(Text.assemble((name, "bold"), (f"  {note}", "dim")), width)


def rule(width: int) -> Text:
    """A hairline."""
    return Text("─" * width, "dim")


def gain(
    amount: Decimal | None, *, rupees: bool = False, text: str = "", bold: bool = False
) -> Text:
    """Money won or lost: its sign says which, its colour too. None is said to be unknown."""
    if amount is None:
        return Text("unknown" if rupees else MISSING, "yellow")
    figure = text or (formats.rupees if rupees else formats.plain)(amount, signed=True)
    colour = "green" if amount > ZERO else "red" if amount < ZERO else ""
    return Text(figure, f"{'bold ' if bold else ''}{colour}".strip())
