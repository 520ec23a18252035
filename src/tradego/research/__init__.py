"""Would it have worked? Backtests and their reports."""
