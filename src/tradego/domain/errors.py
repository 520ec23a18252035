"""The three kinds of "no".

1. Expected, part of trading        a value with a reason enum (Refusal, OrderState.REJECTED)
2. The outside world failed         VenueError, caught once, in the loop, turned into an event
3. Our own bug                      DomainError; nobody catches it but the journal's quarantine

TradeGoError
├── InputError         what a person or a file gave us is wrong: names the thing and the remedy
├── VenueError         a broker, exchange or feed failed
└── DomainError        an invariant does not hold
"""

from typing import NoReturn, TypeVar

T = TypeVar("T")


class TradeGoError(Exception):
    """Root of everything we raise on purpose."""


class InputError(TradeGoError):
    """Bad input from a person or a file: one clear line, exit code 2, nothing changed."""


class VenueError(TradeGoError):
    """The outside world failed.

    `retryable` says whether asking again may help (reads only; writes are never repeated);
    `outcome_known` is False when the request may have taken effect.
    """

    def __init__(self, message: str, *, retryable: bool, outcome_known: bool) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.outcome_known = outcome_known


class DomainError(TradeGoError):
    """An invariant is broken: the process stops, is restarted, replays and reconciles."""


def require(holds: bool, fact: str, *about: object) -> None:
    """Check an invariant, in production too; DomainError names the fact that does not hold.

    `about` fills the braces in `fact`, where the check is made so often that an f-string, which is
    put together each time, would cost more than the check.
    """
    if not holds:
        raise DomainError(fact.format(*about) if about else fact)


def present(value: T | None, fact: str, *about: object) -> T:
    """The value; DomainError, as with `require`, where there is none."""
    if value is None:
        raise DomainError(fact.format(*about) if about else fact)
    return value


def refuse(message: str) -> NoReturn:
    """Raise InputError; for expressions that need a value."""
    raise InputError(message)
