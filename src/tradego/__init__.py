"""One person's trading desk: the same engine from first backtest to live order."""

__version__ = "0.1.0"
