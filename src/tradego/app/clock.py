"""The one place that reads the wall clock."""

import time


class WallClock:
    """Durations from a clock that never runs back."""

    def seconds(self) -> float:
        """Since some fixed instant; only differences mean anything."""
        return time.monotonic()

    def now_ns(self) -> int:
        """The time of day; only what a person does is stamped with it."""
        return time.time_ns()

    def wait_until(self, seconds: float) -> None:
        """Return when `seconds()` has reached an instant; at once when it has passed."""
        left = seconds - self.seconds()
        if left > 0:
            time.sleep(left)  # noqa: TID251 - the clock's own
