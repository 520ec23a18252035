"""How numbers and times are written for a person: on the screen, in the terminal, in messages.

Never in files: there a number stays a number. Rounding is half up, as on a contract note. What is
not known (None, or a statistic that is not finite) is shown as a dash, never as zero.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tradego.domain.money import ZERO, Currency, Money
from tradego.domain.times import DAY, HOUR, IST_OFFSET, MILLISECOND, MINUTE, SECOND, session_date

MINUS = "\u2212"
THIN = "\u202f"  # narrow no-break space: between a figure and its unit
MISSING = "–"

Number = Decimal | float | int

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


# ---- amounts -------------------------------------------------------------------------------------


def rupees(amount: Number | None, *, signed: bool = False) -> str:
    """`₹12,34,567.89`, `−₹20,000.00`; with `signed` a gain has its plus; zero has no sign."""
    return _written(amount, places=2, signed=signed, before="₹")


def plain(amount: Number | None, *, signed: bool = False, places: int = 2) -> str:
    """The form for a table whose head names the unit: `12,34,567.89`, `−517.60`."""
    return _written(amount, places=places, signed=signed)


def money(value: Money, *, signed: bool = False) -> str:
    """Rupees as `rupees` writes them; other currencies `1,204.50 USDT`, in groups of three."""
    if value.currency is Currency.INR:
        return rupees(value.amount, signed=signed)
    places = max(2, _places(value.amount))
    figure = _written(value.amount, places=places, signed=signed, by_lakh=False)
    return f"{figure}{THIN}{value.currency.value}"


def lakhs(amount: Number) -> str:
    """For the axis of a chart only: `95,000`, `10.8 lakh`, `1.25 crore`."""
    exact = _exact(amount)
    for unit, size in (("crore", Decimal(10_000_000)), ("lakh", Decimal(100_000))):
        if abs(exact) >= size:
            scaled = (exact / size).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            figure = f"{abs(scaled):f}".rstrip("0").rstrip(".")
            return f"{MINUS if scaled < 0 else ''}{figure} {unit}"
    return plain(exact, places=0)


def price(value: Number | None, tick: Decimal = Decimal("0.01")) -> str:
    """With as many decimals as the instrument's tick has: `1,538.60`."""
    return _written(value, places=_places(tick))


def quantity(units: Number) -> str:
    """Whole with lakh grouping, `1,25,000`; a fraction keeps its decimals."""
    exact = _exact(units)
    return _written(exact, places=_places(exact))


def percent(value: Number | None, *, signed: bool = False) -> str:
    """`0.58 %`, with `signed` `+0.60 %`; `value` is already in percent."""
    figure = _written(value, places=2, signed=signed)
    return figure if figure == MISSING else f"{figure}{THIN}%"


def multiple(value: Number | None) -> str:
    """A result in units of the risk taken: `+1.33 R`."""
    figure = _written(value, places=2, signed=True)
    return figure if figure == MISSING else f"{figure}{THIN}R"


def ratio(value: Number | None) -> str:
    """`1.84`; of what, the label says."""
    return _written(value, places=2)


def counted(count: int, thing: str) -> str:
    """`1 trade`, `1,482 trades`."""
    return f"{quantity(count)} {thing}{'' if count == 1 else 's'}"


def _written(
    value: Number | None,
    *,
    places: int,
    signed: bool = False,
    before: str = "",
    by_lakh: bool = True,
) -> str:
    if value is None:
        return MISSING
    exact = _exact(value)
    if not exact.is_finite():
        return MISSING
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    sign = MINUS if rounded < ZERO else "+" if signed and rounded > ZERO else ""
    digits = _in_lakhs(whole) if by_lakh else f"{int(whole):,}"
    return f"{sign}{before}{digits}{'.' + fraction if fraction else ''}"


def _exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _places(value: Decimal) -> int:
    """Decimals that say something: 2 of 0.05, none of 40.0 or 1E+2."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0:
        return 0
    whole = value == value.to_integral_value()
    return 0 if whole else -exponent


def _in_lakhs(whole: str) -> str:
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])


# ---- times ---------------------------------------------------------------------------------------


def clock(ts_ns: int, *, zone: bool = False, seconds: bool = True) -> str:
    """Indian wall time, `13:41:07`; `zone` adds ` IST`, without `seconds` `13:41`."""
    whole = (ts_ns + IST_OFFSET) % DAY // SECOND
    text = f"{whole // 3600:02d}:{whole // 60 % 60:02d}"
    return text + (f":{whole % 60:02d}" if seconds else "") + (" IST" if zone else "")


def instant(ts_ns: int) -> str:
    """To the millisecond, for the steps of one order: `13:41:07.215`."""
    return f"{clock(ts_ns)}.{ts_ns % SECOND // MILLISECOND:03d}"


def day(on: date, *, year: bool = False, weekday: bool = False) -> str:
    """`20 Nov`; `20 Nov 2026`; `Fri 20 Nov 2026`."""
    name = f"{_WEEKDAYS[on.weekday()]} " if weekday else ""
    return f"{name}{on.day} {_MONTHS[on.month - 1]}{f' {on.year}' if year else ''}"


def moment(ts_ns: int, *, year: bool = False) -> str:
    """`20 Nov 13:41`; the zone is Indian and said once, in the head of the table."""
    return f"{day(session_date(ts_ns), year=year)} {clock(ts_ns, seconds=False)}"


def month(year: int, number: int) -> str:
    """`Nov 2026`."""
    return f"{_MONTHS[number - 1]} {year}"


def age(span_ns: int) -> str:
    """How long ago or how long: `0.6 s`, `14 s`, `48 min`, `2 h 51 min`, `6 days`."""
    if span_ns < 10 * SECOND:
        return f"{span_ns // (100 * MILLISECOND) / 10:.1f} s"
    if span_ns < MINUTE:
        return f"{span_ns // SECOND} s"
    if span_ns < HOUR:
        return f"{span_ns // MINUTE} min"
    if span_ns < DAY:
        hours, minutes = divmod(span_ns // MINUTE, 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return counted(span_ns // DAY, "day")


def since(span_ns: int) -> str:
    """The time between two steps of one order: `+94 ms`, `+1.2 s`, `+52 min`."""
    return f"+{f'{span_ns // MILLISECOND} ms' if span_ns < SECOND else age(span_ns)}"
