"""How much, if at all? Sizing, heat, limits, correlation, margin, breaker."""
