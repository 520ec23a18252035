"""What did it earn? Fills to tranches, positions, trades, charges, P&L, statistics."""
