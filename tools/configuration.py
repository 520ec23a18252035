"""Writes the file of `tradego init` into docs/configuration.md, below its last heading."""

from pathlib import Path

from tradego.app.config_text import commented

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
HEADING = "## Every setting\n"


def page(text: str) -> str:
    """The page with the block under the heading made anew."""
    head, heading, _ = text.partition(HEADING)
    return f"{head}{heading}\n```toml\n{commented().rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
