"""What runs? Command line, configuration, wiring, clock, loop, supervision."""
