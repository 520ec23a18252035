"""What the desk costs: each piece of work in a process of its own, beside what others need for it.

`make bench`, or from the root of the checkout `python -m bench --help`. docs/performance.md says
what is measured and how.
"""
