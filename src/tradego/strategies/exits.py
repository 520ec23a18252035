"""Rules for leaving, switchable on any strategy; judged when a bar closes, for open positions.

A rule speaks of the market alone; what depends on the position is compared by the engine, which
moves a stop only in its favour. Of several rules that hold the first wins: exits before reductions
before stops, each in the order declared.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from tradego.domain.errors import InputError
from tradego.domain.signals import TIME_RULE, Action
from tradego.strategies import operations as op
from tradego.strategies import vocabulary as words
from tradego.strategies.expressions import Condition, Number, Param, compared
from tradego.strategies.vocabulary import Length, close


class ExitRule(msgspec.Struct, frozen=True, eq=False):
    """What to do with an open position when a condition holds.

    `level` is where MOVE_STOP would have the stop, `fraction` what REDUCE gives back, (0..1].
    """

    name: str
    when: Condition
    action: Action = Action.EXIT
    level: Number | None = None
    fraction: float = 1.0


def vwap_break(direction: str = "below") -> ExitRule:
    """The close is below (above) the session's VWAP."""
    return ExitRule("vwap_break", _passed(close, words.vwap(), direction))


def ema_cross(period: Length = 9, direction: str = "below") -> ExitRule:
    """The close crosses below (above) its EMA."""
    crossed = {"below": words.crossed_below, "above": words.crossed_above}
    _known_direction(direction)
    when = crossed[direction](close, words.ema(close, period))
    return ExitRule(f"ema{_digits(period)}_cross", when)


def rsi_exit(level: float = 50, direction: str = "above", period: Length = 14) -> ExitRule:
    """The RSI is at the level or above (below) it."""
    when = _reached(words.rsi(period), level, direction)
    return ExitRule(f"rsi{level:g}", when)


def middle_band_exit(direction: str = "above") -> ExitRule:
    """The close is at the middle Bollinger band or above (below) it."""
    return ExitRule("middle_band", _reached(close, words.middle_band(), direction))


def time_exit(time: str) -> ExitRule:
    """A bar closes at or after this Indian wall-clock time, "HH:MM"."""
    return ExitRule(TIME_RULE, words.minute >= words.clock(time))


def swing_trail(confirm: Length = 5, direction: str = "below") -> ExitRule:
    """The stop follows the last swing low below (swing high above) the close."""
    _known_direction(direction)
    level = words.swing_low(confirm) if direction == "below" else words.swing_high(confirm)
    return ExitRule("swing_trail", _passed(level, close, direction), Action.MOVE_STOP, level)


def reduce(rule: ExitRule, fraction: float) -> ExitRule:
    """The same rule, giving back only a part of the position, once each time it begins to hold."""
    if not 0 < fraction <= 1:
        raise InputError(f"{rule.name}: fraction {fraction:g} is not above 0 and at most 1")
    when = rule.when.begins()
    return msgspec.structs.replace(rule, when=when, action=Action.REDUCE, fraction=fraction)


EXITS: Mapping[str, Callable[..., ExitRule]] = MappingProxyType(
    {
        "vwap_break": vwap_break,
        "ema_cross": ema_cross,
        "rsi_exit": rsi_exit,
        "middle_band_exit": middle_band_exit,
        "time_exit": time_exit,
        "swing_trail": swing_trail,
    }
)
_CALL = re.compile(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*(?:,|$)")


def exit_rules(text: str) -> tuple[ExitRule, ...]:
    """Rules as a configuration spells them: "vwap_break, ema_cross(9, above)"; "" is none."""
    rules = []
    position = 0
    while position < len(text.rstrip()):
        call = _CALL.match(text, position)
        if call is None:
            raise InputError(f"exits: cannot read {text[position:]!r}; write {_usage()}")
        rules.append(_called(call[1], call[2] or ""))
        position = call.end()
    return tuple(rules)


def _called(name: str, arguments: str) -> ExitRule:
    make = EXITS.get(name)
    if make is None:
        raise InputError(f"exits: no rule {name!r}; there are {', '.join(EXITS)}")
    values = [_argument(part.strip()) for part in arguments.split(",") if part.strip()]
    try:
        return make(*values)
    except TypeError:
        raise InputError(f"exits: {name}({arguments}) does not fit; write {_usage()}") from None


def _argument(word: str) -> int | float | str:
    try:
        return int(word) if word.isdigit() else float(word)
    except ValueError:
        return word


def _usage() -> str:
    return (
        "vwap_break(below), ema_cross(9, below), rsi_exit(50, above), middle_band_exit(above),"
        " time_exit(15:00), swing_trail(5, below)"
    )


def _digits(period: Length) -> str:
    return f"{period.default if isinstance(period, Param) else period:g}"


def _known_direction(direction: str) -> None:
    if direction not in ("above", "below"):
        raise InputError(f"exits: direction {direction!r} is neither above nor below")


def _passed(value: Number, level: Number, direction: str) -> Condition:
    _known_direction(direction)
    return compared(op.BELOW if direction == "below" else op.ABOVE, value, level)


def _reached(value: Number, level: Number | float, direction: str) -> Condition:
    _known_direction(direction)
    return compared(op.AT_MOST if direction == "below" else op.AT_LEAST, value, level)
