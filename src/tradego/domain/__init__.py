"""What are the words? Instrument, money, bar, signal, order, fill, tranche, events, effects."""
