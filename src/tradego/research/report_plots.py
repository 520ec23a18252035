"""Charts as SVG paths with labels in HTML: the shapes stretch with the page, the letters do not."""

from collections.abc import Iterable, Sequence
from math import floor, isfinite, log10
from typing import NamedTuple

from tradego.research.report_markup import NOTHING, Html, join, tag, text

WIDTH, HEIGHT = 2000, 1000  # of every drawing, whatever its size on the page


class Scale(NamedTuple):
    """From values to the drawing's units; `low` lies at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def within(self, value: float) -> float:
        """`at`, never outside the drawing."""
        first, last = sorted((self.start, self.end))
        return min(last, max(first, self.at(value)))


def across(low: float, high: float) -> Scale:
    return Scale(low, high, 0, WIDTH)


def upwards(low: float, high: float) -> Scale:
    """With a little air above and below."""
    air = (high - low) * 0.06 or abs(high) * 0.01 or 1.0
    return Scale(low - air, high + air, HEIGHT, 0)


def steps(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round values between the two: 1, 2, 2.5 or 5 times a power of ten apart."""
    span = (high - low) / wanted
    if not (isfinite(span) and span > 0):
        return [low]
    power = 10.0 ** floor(log10(span))
    size = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= span * 0.999)
    first = -floor(-low / size)
    return [(first + i) * size for i in range(floor(high / size + 1e-9) - first + 1)]


# ---- shapes --------------------------------------------------------------------------------------


def path(points: Iterable[tuple[float, float]], css: str) -> Html:
    """A line through the points."""
    return Html(f'<path class="{css}" d="M{_through(points)}"/>')


def area(points: Sequence[tuple[float, float]], base: float, css: str) -> Html:
    """The surface between the points and a level."""
    if not points:
        return NOTHING
    around = [(points[0][0], base), *points, (points[-1][0], base)]
    return Html(f'<path class="{css}" d="M{_through(around)}z"/>')


def dots(points: Iterable[tuple[float, float]], css: str) -> Html:
    """Round marks, of one size however the drawing is stretched."""
    return Html(f'<path class="{css}" d="{"".join(f"M{x:.0f} {y:.0f}h0" for x, y in points)}"/>')


def level(y: float, css: str = "grid", start: float = 0, end: float = WIDTH) -> Html:
    return Html(f'<path class="{css}" d="M{start:.0f} {y:.0f}H{end:.0f}"/>')


def upright(x: float, css: str = "grid") -> Html:
    return Html(f'<path class="{css}" d="M{x:.0f} 0V{HEIGHT}"/>')


def box(x: tuple[float, float], y: tuple[float, float], css: str) -> Html:
    left, top, right, bottom = min(x), min(y), max(x), max(y)
    return Html(
        f'<path class="{css}" d="M{left:.0f} {top:.0f}H{right:.0f}V{bottom:.0f}H{left:.0f}z"/>'
    )


def _through(points: Iterable[tuple[float, float]]) -> str:
    return "L".join(f"{x:.0f} {y:.0f}" for x, y in points)


# ---- labels --------------------------------------------------------------------------------------


def beside(y: float, words: str, css: str = "") -> Html:
    """At the right of the drawing, at a height."""
    return tag("i", text(words), f"y {css}".strip(), style=f"top:{y / HEIGHT * 100:.1f}%")


def below(x: float, words: str, css: str = "") -> Html:
    """Under the drawing, at a place."""
    return tag("i", text(words), f"x {css}".strip(), style=f"left:{x / WIDTH * 100:.1f}%")


def upon(x: float, y: float, words: str, css: str) -> Html:
    """On the drawing itself."""
    place = f"left:{x / WIDTH * 100:.1f}%;top:{y / HEIGHT * 100:.1f}%"
    return tag("i", text(words), f"on {css}", style=place)


def drawing(
    height: int, shapes: Iterable[Html], labels: Iterable[Html], says: str, css: str = ""
) -> Html:
    """A figure `height` pixels high; `says` is what it shows, for who cannot see it."""
    svg = Html(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f"{join(*shapes)}</svg>"
    )
    return tag(
        "div",
        join(svg, *labels),
        f"plot {css}".strip(),
        style=f"height:{height}px",
        role="img",
        aria_label=says,
    )
