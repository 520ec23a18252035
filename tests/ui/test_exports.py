"""What leaves the desk as a file: the filtered rows, numbers as numbers, text as text."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sample_trades import ENTRY_FILL, ENTRY_ORDER, HDFCBANK, INFY
from tradego.domain.effects import FillBooked, OrderChanged, SubmitOrder
from tradego.domain.errors import InputError
from tradego.domain.events import TimerFired, TimerKind
from tradego.domain.lives import order_lives
from tradego.domain.money import Price, Quantity
from tradego.domain.positions import ExitReason, Trade
from tradego.domain.signals import Condition, Product
from tradego.domain.times import at
from tradego.research.results import (
    ExecutionRow,
    OrderRow,
    TradeRow,
    execution_row,
    order_row,
    trade_row,
)
from tradego.ui.exports import ExportFormat, exported
from tradego.ui.trade_filter import TradeFilter, TradeOutcome, selected

D = Decimal
CSV, XLSX, JSON = ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.JSON
TRADES = [INFY, HDFCBANK]


def as_csv(rows: list[TradeRow]) -> list[dict[str, str]]:
    text = exported(rows, TradeRow, CSV).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_sheet(rows: list[TradeRow]) -> tuple[Worksheet, dict[str, int]]:
    sheet = load_workbook(io.BytesIO(exported(rows, TradeRow, XLSX))).active
    assert isinstance(sheet, Worksheet)
    return sheet, {str(cell.value): cell.column for cell in sheet[1]}


def with_symbol(text: str) -> TradeRow:
    return trade_row(msgspec.structs.replace(INFY, symbol=text))


# ---- formats -------------------------------------------------------------------------------------


def test_numbers_stay_numbers_in_csv() -> None:  # S1-ui-5 S1-ui-6
    row = as_csv([trade_row(HDFCBANK)])[0]
    assert (row["net_pnl"], row["entry_price"], row["quantity"]) == ("-1966.80", "1004.2875", "96")
    assert (row["charges_stt"], row["charges_total"]) == ("191.00", "220.80")
    assert (row["target"], row["reward_risk"], row["target_order_id"]) == ("", "", "")
    assert row["exit_time"] == "2025-03-07T09:15:00+05:30"


def test_numbers_and_times_stay_what_they_are_in_excel() -> None:  # S1-ui-5
    sheet, at_column = as_sheet([trade_row(trade) for trade in TRADES])
    net = sheet.cell(3, at_column["net_pnl"])
    assert (net.data_type, net.value, net.number_format) == ("n", -1966.8, "0.00")
    assert sheet.cell(2, at_column["quantity"]).value == 40
    assert sheet.cell(2, at_column["exit_time (IST)"]).value == datetime(2025, 3, 3, 11, 7, 1)  # noqa: DTZ001
    assert sheet.cell(3, at_column["target"]).value is None
    assert sheet.cell(2, at_column["symbol"]).data_type == "s"
    assert (sheet.max_row, sheet.freeze_panes) == (3, "A2")


def test_numbers_stay_numbers_in_json_with_all_their_digits() -> None:  # S1-ui-5
    text = exported([trade_row(HDFCBANK)], TradeRow, JSON).decode()
    assert '"net_pnl": -1966.80,' in text
    (row,) = json.loads(text, parse_float=D)
    assert row["entry_price"] == D("1004.2875")
    assert row["charges"]["total"] == D("220.80")
    assert row["exit_time"] == "2025-03-07T09:15:00+05:30"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_kept_as_text(start: str) -> None:  # Z17
    text = f"{start}HYPERLINK(A1)"
    assert as_csv([with_symbol(text)])[0]["symbol"] == f"'{text}"
    sheet, at_column = as_sheet([with_symbol(text)])
    cell = sheet.cell(2, at_column["symbol"])
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert str(cell.value).startswith(text[0] if start != "\r" else "_x000D_")
    assert json.loads(exported([with_symbol(text)], TradeRow, JSON))[0]["symbol"] == text


def test_a_negative_number_is_not_taken_for_a_formula() -> None:  # Z17
    sheet, at_column = as_sheet([trade_row(HDFCBANK)])
    assert as_csv([trade_row(HDFCBANK)])[0]["gross_pnl"] == "-1746.00"
    assert not sheet.cell(2, at_column["gross_pnl"]).quotePrefix


@pytest.mark.parametrize("text", ["M&M", 'say "no"', "a,b\nc", "₹ नमस्ते"])
def test_any_other_text_comes_back_as_it_was(text: str) -> None:
    assert as_csv([with_symbol(text)])[0]["symbol"] == text
    sheet, at_column = as_sheet([with_symbol(text)])
    cell = sheet.cell(2, at_column["symbol"])
    assert (cell.value, bool(cell.quotePrefix)) == (text, False)


def test_conditions_become_one_text() -> None:  # S1-pnl-7
    two = (Condition("on_volume", 2.6, 2.0, passed=True), Condition("rsi", 31.25, 30, passed=False))
    row = as_csv([trade_row(msgspec.structs.replace(INFY, conditions=two))])[0]
    assert row["conditions"] == "on_volume 2.6 vs 2 passed; rsi 31.25 vs 30 failed"


def test_a_score_that_is_not_a_number_is_an_empty_cell() -> None:
    row = trade_row(msgspec.structs.replace(INFY, news_score=float("nan")))
    assert as_csv([row])[0]["news_score"] == ""
    sheet, at_column = as_sheet([row])
    assert sheet.cell(2, at_column["news_score"]).value is None


def test_no_rows_leave_a_file_with_its_head() -> None:
    head = exported([], TradeRow, CSV).decode("utf-8-sig").strip().split(",")
    assert head[:3] == ["trade_id", "symbol", "strategy"]
    sheet, at_column = as_sheet([])
    assert (sheet.max_row, at_column["trade_id"]) == (1, 1)
    assert exported([], TradeRow, JSON) == b"[]\n"


@pytest.mark.parametrize("to", ExportFormat)
def test_the_same_rows_make_the_same_bytes(to: ExportFormat) -> None:
    rows = [trade_row(trade) for trade in TRADES]
    assert exported(rows, TradeRow, to) == exported(rows, TradeRow, to)


def test_orders_and_fills_are_exported_too() -> None:  # S1-ui-5
    event = TimerFired(ts_ns=at(date(2025, 3, 3), "10:15"), timer=TimerKind.EXIT_RETRY)
    cheaper = msgspec.structs.replace(ENTRY_ORDER, limit=Price(D("1500.1")))
    effects = [
        SubmitOrder(order=ENTRY_ORDER),
        OrderChanged(order=cheaper),
        FillBooked(fill=ENTRY_FILL),
    ]
    orders = [order_row(life) for life in order_lives([(event, effects)])]
    text = exported(orders, OrderRow, CSV).decode("utf-8-sig")
    (order,) = csv.DictReader(io.StringIO(text))
    assert (order["role"], order["price"], order["trigger"]) == ("ENTRY", "1501.60", "")
    assert order["states"].startswith("PLANNED 2025-03-03T10:15:00+05:30; SENDING")
    assert order["fills"] == "40 at 1500.10 2025-03-03T10:15:01+05:30"
    assert order["moves"] == "limit 1500.10 trigger None 2025-03-03T10:15:00+05:30"
    text = exported([execution_row(ENTRY_FILL)], ExecutionRow, CSV).decode("utf-8-sig")
    (fill,) = csv.DictReader(io.StringIO(text))
    assert fill == {
        "fill_id": "X1",
        "time": "2025-03-03T10:15:01+05:30",
        "symbol": "INFY",
        "side": "BUY",
        "quantity": "40",
        "price": "1500.10",
        "order_id": "BO0000001",
        "trade_id": "BT000001",
    }


# ---- the filter ----------------------------------------------------------------------------------


def trade(name: str, net: str, exit_day: int = 3, **changes: object) -> Trade:
    """A trade without charges that nets `net` and is left on a day of March 2025 at noon."""
    base = msgspec.structs.replace(
        HDFCBANK,
        trade_id=name,
        gross_pnl=D(net) + HDFCBANK.charges.total,
        exit_ns=at(date(2025, 3, exit_day), "12:00"),
    )
    return msgspec.structs.replace(base, **changes)


BOOK = [
    trade("A", "100", 3, symbol="INFY", product=Product.INTRADAY),
    trade("B", "-50", 4, symbol="TCS", strategy="mean_reversion"),
    trade("C", "0", 5, symbol="INFY", exit_reason=ExitReason.TARGET),
    trade("D", "2", 6, symbol="TCS", target=Price(D(1100))),
    trade("E", "-2", 7, symbol="INFY", target=Price(D(1050)), quantity=Quantity(D(7))),
]


def names(**wanted: object) -> str:
    return "".join(row.trade_id for row in selected(BOOK, TradeFilter(**wanted)))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "ABCDE"),
        ({"symbol": "INFY"}, "ACE"),
        ({"strategy": "mean_reversion"}, "B"),
        ({"product": Product.INTRADAY}, "A"),
        ({"exit_reason": ExitReason.TARGET}, "C"),
        ({"since": date(2025, 3, 4)}, "BCDE"),
        ({"until": date(2025, 3, 4)}, "AB"),
        ({"since": date(2025, 3, 5), "until": date(2025, 3, 5)}, "C"),
        ({"outcome": TradeOutcome.WINNER}, "AD"),
        ({"outcome": TradeOutcome.LOSER}, "BE"),
        ({"outcome": TradeOutcome.BREAKEVEN}, "C"),
        ({"outcome": TradeOutcome.BREAKEVEN, "band": D(2)}, "CDE"),
        ({"outcome": TradeOutcome.WINNER, "band": D(2)}, "A"),
        ({"symbol": "INFY", "outcome": TradeOutcome.LOSER, "since": date(2025, 3, 4)}, "E"),
        ({"sort": "net_pnl"}, "BECDA"),
        ({"sort": "net_pnl", "descending": True, "limit": 2}, "AD"),
        ({"sort": "symbol"}, "ACEBD"),
        ({"sort": "symbol", "descending": True}, "BDACE"),
        ({"sort": "target"}, "EDABC"),
        ({"sort": "target", "descending": True}, "DEABC"),
        ({"sort": "quantity", "limit": 1}, "E"),
    ],
)
def test_the_filter_gives_exactly_the_rows_asked_for(
    wanted: dict[str, object], found: str
) -> None:  # S1-ui-4 S1-ui-5
    assert names(**wanted) == found


def test_a_session_ends_at_midnight_in_india() -> None:  # S1-ui-4
    late = trade("L", "1", exit_ns=at(date(2025, 3, 4), "00:00") - 1)
    wanted = TradeFilter(until=date(2025, 3, 3))
    assert selected([late], wanted) == [late]


@pytest.mark.parametrize("column", ["entry_time", "charges", "pnl_percent", "mae", "number"])
def test_every_column_can_be_sorted_by(column: str) -> None:  # S1-ui-4
    assert sorted(names(sort=column)) == list("ABCDE")


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"sort": "colour"}, "cannot sort by 'colour'; columns: .*net_pnl"),
        ({"limit": 0}, "limit 0 shows nothing"),
        ({"band": D(-1)}, "band -1 is below zero"),
        ({"since": date(2025, 3, 5), "until": date(2025, 3, 4)}, "2025-03-05 is after"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(wanted: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        names(**wanted)
