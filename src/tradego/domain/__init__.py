"""What are the words? Instruments, money, bars, signals, orders, fills, tranches, events, effects, errors."""
