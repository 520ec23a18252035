"""The name an order of ours carries at the venue: 20 characters that say whose it is.

    T  mode  epoch(3)  counter(9)  entropy(4)  role  checksum      all of [A-Z0-9]

The checksum answers "is this ours?" without the journal; the epoch says which owner of the account
sent it; the entropy comes from the run and the counter, so a replay makes the same tag.
"""

from zlib import crc32

from tradego.domain.errors import require
from tradego.domain.orders import Role

LENGTH = 20
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [high + low for high in _DIGITS for low in _DIGITS]  # two digits at a time
_ALL = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLAIN = {character: value for value, character in enumerate(_ALL)}
_DOUBLED = {character: 2 * value // 36 + 2 * value % 36 for character, value in _PLAIN.items()}
_ROLES = {Role.ENTRY: "E", Role.STOP: "S", Role.TARGET: "T", Role.EXIT: "X", Role.FLATTEN: "F"}
MODE_LETTERS = {"backtest": "B", "paper": "P", "shadow": "S", "live": "L"}


def make_tag(mode: str, epoch: int, counter: int, run_id: str, role: Role) -> str:
    """The tag of the `counter`-th order of a run; the same arguments make the same tag."""
    entropy = crc32(f"{run_id}:{counter}".encode())
    body = (
        f"T{MODE_LETTERS[mode]}{_base32(epoch, 3)}{_base32(counter, 9)}"
        f"{_base32(entropy % 32**4, 4)}{_ROLES[role]}"
    )
    return body + _checksum(body)


def is_ours(tag: str) -> bool:
    """Whether the form and the checksum are those of our tags; a changed character is noticed."""
    known = len(tag) == LENGTH and tag[0] == "T" and set(tag) <= _PLAIN.keys()
    return known and tag[-1] == _checksum(tag[:-1])


def _base32(number: int, width: int) -> str:
    require(0 <= number < 32**width, "{} does not fit {} digits", number, width)
    digits = ""
    while number:
        number, pair = divmod(number, 1024)
        digits = _PAIRS[pair] + digits
    return digits.rjust(width, "0")[-width:]


def _checksum(body: str) -> str:
    """Luhn's algorithm over 36 digits: any one changed character is noticed."""
    total = sum(map(_DOUBLED.__getitem__, body[::-2])) + sum(map(_PLAIN.__getitem__, body[-2::-2]))
    return _ALL[-total % 36]
