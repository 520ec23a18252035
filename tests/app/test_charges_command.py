"""`tradego charges` as a person and as a program use it."""

import json

import pytest
import typer
from typer.testing import CliRunner

from tradego.app.commands.charges import charges
from tradego.domain.errors import InputError

APP = typer.Typer()
APP.command()(charges)


def run(words: str) -> str:
    result = CliRunner().invoke(APP, words.split())
    if result.exception is not None:
        raise result.exception
    return result.stdout


C1 = "--broker zerodha --segment equity_intraday --exchange NSE --date 2026-03-02"
TRIP = "--buy 500@1000 --sell 500@1000"


def test_json_has_all_eight_lines_total_breakeven_and_sources():  # A-tax-1
    document = json.loads(run(f"{C1} {TRIP} --json"))
    lines = document.pop("lines")
    sources = document.pop("sources")
    assert document == {
        "brokerage": "40.00",
        "stt": "125.00",
        "exchange": "29.70",
        "ipft": "1.00",
        "sebi": "1.00",
        "stamp": "15.00",
        "gst": "12.91",
        "dp": "0.00",
        "total": "224.61",
        "breakeven_points": "0.45",
    }
    assert {"name", "basis", "rate", "amount", "source"} <= lines[0].keys()
    assert sorted(sources) == sorted({line["source"] for line in lines})


def test_every_buy_and_sell_is_one_executed_order():
    document = json.loads(run(f"{C1} --buy 20@1000 --buy 80@1000 --json"))
    assert document["brokerage"] == "26.00"


def test_a_plan_by_the_lot_takes_the_lot_size():
    words = "--broker sharekhan --segment options --date 2026-03-02 --buy 150@20"
    assert json.loads(run(f"{words} --lot 75 --json"))["brokerage"] == "78.00"
    with pytest.raises(InputError, match="the lot size is needed"):
        run(words)


def test_words_for_a_person_end_with_the_move_that_pays():
    text = run(f"--broker zerodha --segment equity_delivery --date 2026-03-02 {TRIP}")
    assert "1,127.75" in text
    assert text.splitlines()[-1] == "The price must move 2.26 a unit to pay for this."


def test_a_traders_own_rates_are_laid_over_the_shipped_ones(tmp_path):
    own = tmp_path / "mine.toml"
    own.write_text(
        '[[brokerage]]\nplan = "zerodha"\nsegments = ["equity_intraday"]\nflat = 5\n'
        'valid_from = 2026-01-01\nsource = "my agreement"\n'
    )
    document = json.loads(run(f"{C1} {TRIP} --tariff {own} --json"))
    assert document["brokerage"] == "10.00"
    assert "my agreement" in document["sources"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (C1, "nothing to charge"),
        (f"{C1} --buy 500", "--buy '500' is not QTY@PRICE"),
        (f"{C1} --sell ten@5", "the quantity of --sell 'ten' is not a number"),
        (f"{C1} --buy 0@5", "--buy '0@5': quantity and price must be above zero"),
        (f"{C1} {TRIP} --date 03/02/2026", "--date '03/02/2026' is not a day"),
        (f"{C1} {TRIP} --date 1999-01-04", "no rate for 1999-01-04, the first holds from"),
        (f"{C1} {TRIP} --broker x", "no brokerage plan 'x'; known are kotak_neo"),
        (f"{C1} {TRIP} --tariff absent.toml", "--tariff absent.toml cannot be read"),
        (f"{C1} {TRIP} --lot 0", "--lot 0 is not above zero"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(words, complaint):
    with pytest.raises(InputError, match=complaint) as refused:
        run(words)
    assert "\n" not in str(refused.value)
