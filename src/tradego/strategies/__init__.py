"""When to trade? One file per strategy."""
