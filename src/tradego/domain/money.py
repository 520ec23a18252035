"""Exact numbers that carry their unit. Decimal inside, frozen, checked when made.

The one door from float to money is `Price.nearest_tick` and its directed twins.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum

import msgspec

from tradego.domain.errors import DomainError, InputError

ZERO = Decimal(0)
ONE = Decimal(1)
PAISA = Decimal("0.01")
MOST = Decimal("1e15")  # what is above it is an error, not a price or a quantity
_FINE = Decimal("1e-12")
_MOST = float(MOST)  # a float and a decimal are slow to compare


class Currency(StrEnum):
    INR = "INR"
    USD = "USD"
    USDT = "USDT"
    USDC = "USDC"


class Price(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """Units of an instrument's quote currency for one unit of it; above zero, always finite."""

    value: Decimal

    def __post_init__(self) -> None:
        if not (self.value.is_finite() and ZERO < self.value < MOST):
            raise DomainError(f"price {self.value} is not a positive number")

    @staticmethod
    def of(text: str) -> "Price":
        """A price written by a person or a broker; InputError when it is not one."""
        value = parse_decimal(text, "price")
        if not ZERO < value < MOST:
            raise InputError(f"price {text!r} is not above zero and below {MOST:f}")
        return Price(value)

    @staticmethod
    def nearest_tick(value: float | Decimal, tick: Decimal) -> "Price":
        return Price(_on_grid(value, tick, ROUND_HALF_UP))

    @staticmethod
    def opinion(value: float | Decimal, tick: Decimal) -> "Price | None":
        """The nearest tick to a level somebody wishes for; None where that is no price: not a
        number, out of all measure, or under half a tick.
        """
        if not 0 < value < _MOST:
            return None
        rounded = _on_grid(value, tick, ROUND_HALF_UP)
        return Price(rounded) if ZERO < rounded < MOST else None

    @staticmethod
    def tick_below(value: float | Decimal, tick: Decimal) -> "Price":
        return Price(_on_grid(value, tick, ROUND_FLOOR))

    @staticmethod
    def tick_above(value: float | Decimal, tick: Decimal) -> "Price":
        return Price(_on_grid(value, tick, ROUND_CEILING))

    def is_on(self, tick: Decimal) -> bool:
        return self.value % tick == 0


def _on_grid(value: float | Decimal, tick: Decimal, rounding: str) -> Decimal:
    if not isinstance(value, Decimal):
        # A float such as 1500.1 is meant as its shortest decimal, not as its 50 binary digits.
        value = Decimal(repr(float(value)))
    if not (value.is_finite() and abs(value) < MOST):
        raise DomainError(f"{value} is not a price")
    return (value / tick).quantize(ONE, rounding) * tick


class Quantity(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """Units of an instrument, never negative: direction is said by a side."""

    value: Decimal

    def __post_init__(self) -> None:
        if not (self.value.is_finite() and ZERO <= self.value < MOST):
            raise DomainError(f"quantity {self.value} is not zero or more")

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value + other.value)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value - other.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    @staticmethod
    def of(units: int | str) -> "Quantity":
        return Quantity(Decimal(units))

    def in_lots(self, lot: Decimal) -> "Quantity":
        """Rounded down to whole lots."""
        return Quantity(self.value // lot * lot)


NONE = Quantity(ZERO)


class Money(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An amount of one currency; may be negative. Adding two currencies is a bug."""

    amount: Decimal
    currency: Currency = Currency.INR

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise DomainError(f"amount {self.amount} is not a number")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def times(self, factor: Decimal) -> "Money":
        return Money(self.amount * factor, self.currency)

    def rounded(self, step: Decimal = PAISA) -> "Money":
        """To the paisa, half up, as contract notes do."""
        return Money(self.amount.quantize(step, rounding=ROUND_HALF_UP), self.currency)

    def _same(self, other: "Money") -> Decimal:
        if other.currency is not self.currency:
            raise DomainError(f"{other.currency} met {self.currency}: one currency at a time")
        return other.amount


def parse_decimal(text: str, what: str) -> Decimal:
    """A finite number from text; InputError naming what it should have been."""
    try:
        value = Decimal(text.strip().replace(",", ""))
    except ArithmeticError:
        raise InputError(f"{what} {text!r} is not a number") from None
    if not value.is_finite():
        raise InputError(f"{what} {text!r} is not a finite number")
    return value


def allot(total: Decimal, weights: list[Decimal], step: Decimal = PAISA) -> list[Decimal]:
    """Divide `total` (a multiple of `step`) in proportion to `weights` by largest remainder.

    The parts are multiples of `step` and sum to `total` exactly; equal remainders favour the
    earlier part. Weights are zero or more; when all are zero the parts are as equal as can be.
    """
    return divide(total, proportions(weights), step)


def proportions(weights: list[Decimal]) -> list[Decimal]:
    """The part of the whole that each weight is; equal parts where all weights are zero."""
    if not weights:
        raise DomainError("nothing to allot to")
    whole = sum(weights, ZERO)
    return [w / whole for w in weights] if whole else [ONE / len(weights)] * len(weights)


def divide(total: Decimal, shares: list[Decimal], step: Decimal = PAISA) -> list[Decimal]:
    """As `allot`, by shares that sum to one."""
    units = total / step
    if units != units.to_integral_value():
        raise DomainError(f"{total} is not a multiple of {step}")
    exact = [units * share for share in shares]
    floors = [part.quantize(ONE, ROUND_FLOOR) for part in exact]
    left = int(units - sum(floors, ZERO))
    if left:
        # Dividing may lose the last digit, so compare remainders at a precision far above it.
        remainders = [
            (part - floor).quantize(_FINE, ROUND_HALF_EVEN)
            for part, floor in zip(exact, floors, strict=True)
        ]
        order = sorted(range(len(shares)), key=lambda i: (-remainders[i], i))
        for i in order[:left]:
            floors[i] += ONE
    return [floor * step for floor in floors]
