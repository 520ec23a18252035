"""The usual position of these tests: 100 INFY bought at 100 under a stop at 98, target 104."""

ENTERED = """
        09:30:00 entry 1 buy 100 limit 100.10
        09:30:00 filled 1 100 @ 100.00
        09:30:00 stop 2 sell 100 trigger 98.00 limit 97.80
"""
HELD = """
        09:30:00 signal INFY buy 100 stop 98 target 104
        09:30:00 ack 1
        09:30:00 fill 1 a 100 @ 100
        09:30:00 ack 2
        09:30:00 working 2
"""


def day(*bars: str, said: str = "09:30 signal INFY buy 100 stop 98 target 104") -> str:
    """A quarter of an hour a bar; entered at 100 when the second one opens."""
    times = ("09:15", "09:30", "09:45", "10:00", "10:15")
    rows = "\n".join(
        f"{time} {bar}" for time, bar in zip(times, ("100 100 100 100", *bars), strict=False)
    )
    return f"bars INFY 15\n{rows}\n{said}"
