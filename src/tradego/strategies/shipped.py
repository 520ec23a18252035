"""The strategies that come with the desk, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from tradego.domain.errors import InputError
from tradego.strategies.mean_reversion import MeanReversion
from tradego.strategies.news_momentum import NewsMomentum
from tradego.strategies.strategy import Strategy
from tradego.strategies.technical_breakout import TechnicalBreakout

SHIPPED: Mapping[str, type[Strategy]] = MappingProxyType(
    {cls.name: cls for cls in (NewsMomentum, TechnicalBreakout, MeanReversion)}
)


def shipped(name: str) -> type[Strategy]:
    """A shipped strategy's class; InputError naming those there are."""
    if name not in SHIPPED:
        raise InputError(f"no strategy {name!r}; there are {', '.join(SHIPPED)}")
    return SHIPPED[name]
