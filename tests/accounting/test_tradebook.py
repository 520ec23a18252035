"""A broker's tradebook and its own profit report, read and compared."""

from datetime import date
from decimal import Decimal

import pytest

from tradego.accounting.lots import Lot, Term
from tradego.accounting.tradebook import (
    Reconciliation,
    Verdict,
    parse_reported_pnl,
    parse_tradebook,
    reconcile,
)
from tradego.domain.errors import InputError
from tradego.domain.instruments import Exchange
from tradego.domain.signals import Side
from tradego.domain.times import iso

D = Decimal
TRADEBOOK_HEAD = (
    "symbol,isin,trade_date,exchange,segment,series,trade_type,auction,quantity,price,trade_id,"
    "order_id,order_execution_time"
)
REPORT_HEAD = "Symbol,Quantity,Buy Value,Sell Value,Realized P&L,term"


def tradebook(*trades: str, head: str = TRADEBOOK_HEAD) -> str:
    """Trades as "2024-05-02 buy INFY 10 @ 1500 [isin]"; their ids are their line numbers."""
    rows = [head]
    for number, trade in enumerate(trades, 1):
        day, side, symbol, quantity, _, price, *isin = trade.split()
        rows.append(
            f"{symbol},{isin[0] if isin else 'INE000'},{day},NSE,EQ,EQ,{side},False,{quantity},"
            f"{price},{number},{number},{day}T10:{number:02d}:00"
        )
    return "\n".join(rows) + "\n"


def report(*rows: str) -> str:
    return "\n".join((REPORT_HEAD, *rows)) + "\n"


def compared(trades: str, reported: str, **options: dict[str, object]) -> Reconciliation:
    return reconcile(
        parse_tradebook(trades, "tradebook.csv"),
        parse_reported_pnl(reported, "pnl.csv"),
        **options,
    )


# ---- reading -------------------------------------------------------------------------------------


def test_a_tradebook_line_becomes_a_typed_fill():
    (fill,) = parse_tradebook(tradebook("2024-05-02 sell M&M 10.5 @ 2100.05"), "t.csv").fills
    assert (fill.symbol, fill.side, fill.exchange) == ("M&M", Side.SELL, Exchange.NSE)
    assert (fill.quantity.value, fill.price.value) == (D("10.5"), D("2100.05"))
    assert iso(fill.executed_ns) == "2024-05-02T10:01:00+05:30"


def test_fills_are_put_in_the_order_executed():
    text = tradebook("2024-05-03 sell A 1 @ 2", "2024-05-02 buy A 1 @ 1")
    assert [fill.side for fill in parse_tradebook(text, "t.csv").fills] == [Side.BUY, Side.SELL]


def test_a_line_exported_twice_is_counted_once():
    text = tradebook("2024-05-02 buy A 10 @ 100")
    twice = text + text.splitlines()[1] + "\n"
    read = parse_tradebook(twice, "t.csv")
    assert (len(read.fills), read.repeated) == (1, 1)


def test_one_trade_id_for_two_trades_of_a_day_is_refused():
    text = tradebook("2024-05-02 buy A 10 @ 100")
    other = text.splitlines()[1].replace(",10,", ",11,")
    with pytest.raises(InputError, match=r"t.csv, line 3: trade_id 1 of 2024-05-02"):
        parse_tradebook(text + other + "\n", "t.csv")


def test_a_byte_order_mark_is_not_part_of_the_first_column():
    assert parse_tradebook("\ufeff" + tradebook("2024-05-02 buy A 1 @ 1"), "t.csv").fills


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda text: text.replace("price", "prise", 1), "t.csv: column 'price' is missing"),
        (lambda text: text[:0], "t.csv: column 'symbol' is missing"),
        (lambda text: text.replace(",100.5,", ",,"), "t.csv, line 2: price '' is not a number"),
        (
            lambda text: text.replace(",100.5,", ",nan,"),
            "t.csv, line 2: price 'nan' is not a finite",
        ),
        (lambda text: text.replace(",100.5,", ",-1,"), "t.csv, line 2: price -1 is not above zero"),
        (lambda text: text.replace(",10,", ",0,"), "t.csv, line 2: quantity 0 is not above zero"),
        (lambda text: text.replace("buy", "bought"), "line 2: trade_type 'BOUGHT' is none of BUY"),
        (
            lambda text: text.replace("NSE", "NASDAQ"),
            "line 2: exchange 'NASDAQ' is none of NSE, BSE",
        ),
        (
            lambda text: text.replace("2024-05-02,", "02/05/2024,"),
            "line 2: trade_date '02/05/2024'",
        ),
        (lambda text: text.replace("T10:01:00", "T1001 pm"), "line 2: order_execution_time"),
        (lambda text: text.replace(",False,", ","), "t.csv, line 2: not as many cells as columns"),
        (
            lambda text: text.replace(",False,", ",,,"),
            "t.csv, line 2: not as many cells as columns",
        ),
    ],
)
def test_what_is_not_a_tradebook_is_refused_by_line(spoil, complaint):
    with pytest.raises(InputError, match=complaint) as refused:
        parse_tradebook(spoil(tradebook("2024-05-02 buy A 10 @ 100.5")), "t.csv")
    assert "\n" not in str(refused.value)


def test_a_report_row_becomes_typed():
    (row,) = parse_reported_pnl(report("GET&D,19.0,26335.9,31603.85,5267.95,long_term"), "p.csv")
    assert (row.symbol, row.term, row.realized) == ("GET&D", Term.LONG, D("5267.95"))


def test_a_term_nobody_knows_is_refused():
    with pytest.raises(InputError, match=r"p.csv, line 2: term 'forever' is none of intraday"):
        parse_reported_pnl(report("A,1,1,1,0,forever"), "p.csv")


# ---- reconciling ---------------------------------------------------------------------------------


def test_equal_within_two_paise():
    result = compared(
        tradebook("2024-05-02 buy A 10 @ 100", "2024-06-03 sell A 10 @ 110"),
        report("A,10,1000,1100,100.02,short_term"),
    )
    (check,) = result.checks
    assert (check.verdict, check.ours, check.difference) == (Verdict.EQUAL, 100, D("-0.02"))
    worse = compared(
        tradebook("2024-05-02 buy A 10 @ 100", "2024-06-03 sell A 10 @ 110"),
        report("A,10,1000,1100,100.03,short_term"),
    )
    assert worse.checks[0].verdict is Verdict.DISAGREES


def test_the_brokers_terms_of_one_symbol_are_taken_together():
    result = compared(
        tradebook("2024-05-02 buy A 10 @ 100", "2024-06-03 sell A 10 @ 110"),
        report("A,4,400,440,40,short_term", "A,6,600,660,60,long_term"),
    )
    assert result.with_verdict(Verdict.EQUAL) == ["A"]


def test_missing_opening_lots_are_flagged_and_no_profit_is_invented():
    result = compared(
        tradebook("2024-05-02 buy A 4 @ 100", "2024-06-03 sell A 10 @ 110"),
        report("A,10,500,1100,600,long_term"),
    )
    (check,) = result.checks
    assert (check.verdict, check.ours) == (Verdict.MISSING_OPENING_LOTS, None)
    assert check.reason == "6 of 10 sold were not bought in this tradebook"


def test_opening_lots_given_by_a_person_close_the_gap():
    result = compared(
        tradebook("2024-05-02 buy A 4 @ 100", "2024-06-03 sell A 10 @ 110"),
        report("A,10,700,1100,400,long_term"),
        opening={"A": [Lot(date(2023, 1, 2), D(6), D(50))]},
    )
    assert result.with_verdict(Verdict.EQUAL) == ["A"]


def test_a_changed_isin_is_named():
    result = compared(
        tradebook("2024-05-02 buy A 5 @ 100 INE01", "2024-06-03 sell A 10 @ 55 INE02"),
        report("A,10,500,550,50,short_term"),
    )
    assert "the ISIN changed (INE01 to INE02)" in result.checks[0].reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,9,900,990,90,short_term", "sold 10 by the tradebook, 9 by the broker"),
        ("A,10,1000,1200,200,short_term", "the values sold differ"),
        ("A,10,400,1100,700,long_term", "the broker sold older lots, bought before this"),
        ("A,10,400,1100,700,short_term", "lots from before this tradebook, or a split"),
    ],
)
def test_a_disagreement_says_where_it_lies(row, reason):
    result = compared(
        tradebook("2024-05-02 buy A 10 @ 100", "2024-06-03 sell A 10 @ 110"), report(row)
    )
    assert result.checks[0].verdict is Verdict.DISAGREES
    assert reason in result.checks[0].reason


def test_a_share_of_another_series_is_joined_only_when_a_person_says_so():
    trades = tradebook("2024-05-02 buy A-BE 10 @ 100", "2024-06-03 sell A-BE 10 @ 110")
    reported = report("A,10,1000,1100,100,short_term")
    alone = compared(trades, reported)
    assert alone.checks[0].verdict is Verdict.ABSENT
    assert "it has A-BE" in alone.checks[0].reason
    assert alone.unreported == ("A-BE",)
    joined = compared(trades, reported, aliases={"A-BE": "A"})
    assert joined.checks[0].verdict is Verdict.EQUAL
    assert joined.unreported == ()


def test_a_reported_sale_the_tradebook_never_saw_is_absent():
    result = compared(tradebook("2024-05-02 buy A 10 @ 100"), report("A,10,1,2,1,short_term"))
    (check,) = result.checks
    assert (check.verdict, check.ours) == (Verdict.ABSENT, None)
    assert check.reason == "the broker reports a sale, the tradebook has none of A"


def test_what_was_only_bought_needs_no_report():
    result = compared(tradebook("2024-05-02 buy A 10 @ 100"), report())
    assert (result.checks, result.unreported) == ((), ())


@pytest.mark.shared_data
def test_a_real_year_agrees_where_it_can_and_invents_nothing(shared_data):
    folder = shared_data / "broker_exports"
    result = compared(
        (folder / "zerodha_tradebook_fy2024-25.csv").read_text("utf-8"),
        (folder / "zerodha_tax_pnl_fy2024-25.csv").read_text("utf-8"),
    )
    status = (folder / "zerodha_fy2024-25_reconciliation_status.csv").read_text("utf-8")
    expected = dict(line.split(",") for line in status.split()[1:])
    explained = {symbol for symbol, verdict in expected.items() if verdict.startswith("fifo")}
    counts = {verdict: len(result.with_verdict(verdict)) for verdict in Verdict}
    assert counts == {
        Verdict.EQUAL: 25,
        Verdict.MISSING_OPENING_LOTS: 25,
        Verdict.DISAGREES: 6,
        Verdict.ABSENT: 4,
    }
    assert set(result.with_verdict(Verdict.EQUAL)) == explained
    assert {check.symbol for check in result.checks} == set(expected)
    for check in result.checks:
        if check.verdict is Verdict.EQUAL:
            assert abs(check.difference) <= D("0.02")
        if check.verdict in {Verdict.MISSING_OPENING_LOTS, Verdict.ABSENT}:
            assert check.ours is None


@pytest.mark.shared_data
def test_three_more_symbols_agree_once_their_other_names_are_told(shared_data):
    folder = shared_data / "broker_exports"
    result = compared(
        (folder / "zerodha_tradebook_fy2024-25.csv").read_text("utf-8"),
        (folder / "zerodha_tax_pnl_fy2024-25.csv").read_text("utf-8"),
        aliases={
            "SHAKTIPUMP-BE": "SHAKTIPUMP",
            "SCHNEIDER-BE": "SCHNEIDER",
            "GET&D-BE": "GET&D",
            "GVT&D": "GET&D",
        },
    )
    assert len(result.with_verdict(Verdict.EQUAL)) == 28
