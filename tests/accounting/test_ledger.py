"""Fills into tranches, tranches into trades, to the paisa: S1-plan-1, S1-pnl-2..6."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tradego.accounting.ledger import cash_flow, enter, leave, stretched, trade_of
from tradego.domain.charges import NO_CHARGES, Charges
from tradego.domain.errors import DomainError
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Fill
from tradego.domain.positions import ExitReason, Tranche, TrancheState
from tradego.domain.signals import Product, Side
from tradego.domain.times import MINUTE

D = Decimal


def tranche(side: Side = Side.BUY, stop: str = "98") -> Tranche:
    return Tranche(
        tranche_id="BT000001",
        number=0,
        symbol="INFY",
        product=Product.INTRADAY,
        direction=side,
        strategy="plan",
        signal_id="s",
        signal_ns=0,
        initial_stop=Price.of(stop),
        stop=Price.of(stop),
    )


def fill(side: Side, units: int, price: str, ts_ns: int = 0) -> Fill:
    return Fill(
        fill_id="f",
        order_id="o",
        tranche_id="BT000001",
        symbol="INFY",
        side=side,
        price=Price.of(price),
        quantity=Quantity.of(units),
        ts_ns=ts_ns,
    )


def buy(units: int, price: str, ts_ns: int = 0) -> Fill:
    return fill(Side.BUY, units, price, ts_ns)


def sell(units: int, price: str, ts_ns: int = 0) -> Fill:
    return fill(Side.SELL, units, price, ts_ns)


def closed(held: Tranche, reason: ExitReason = ExitReason.SIGNAL) -> Tranche:
    return replace(held, state=TrancheState.CLOSED, exit_reason=reason)


def test_entry_fills_average_by_quantity() -> None:  # S1-exec-4
    held = enter(enter(tranche(), buy(30, "100", 5)), buy(70, "101", 9))
    assert held.entry_price == D("100.7")
    assert (held.entered, held.opened_ns, held.state) == (Quantity.of(100), 5, TrancheState.OPEN)
    assert (held.high, held.low) == (D(101), D(100))


def test_the_first_of_several_exits_realizes_its_part_and_the_rest_stays_open() -> None:
    held = leave(enter(tranche(), buy(100, "100")), sell(40, "101"))
    assert (held.quantity, held.open_cost) == (Quantity.of(60), D(6000))
    assert (held.realized_gross, held.unrealized_gross(D(99))) == (D(40), D(-60))


def test_what_is_at_risk_is_down_to_the_stop_and_never_less_than_nothing() -> None:  # S1-pnl-11
    held = enter(tranche(), buy(100, "100"))
    assert held.risk_at_stop == D(200)
    assert replace(held, stop=Price.of("103")).risk_at_stop == 0
    short = enter(tranche(Side.SELL, "102"), sell(100, "100"))
    assert short.risk_at_stop == D(200)
    assert leave(short, buy(75, "99")).risk_at_stop == D(50)


def test_before_the_first_fill_there_is_no_price_and_nothing_at_stake() -> None:
    new = tranche()
    assert (new.open_cost, new.realized_gross, new.risk_at_stop) == (0, 0, 0)
    with pytest.raises(DomainError, match="no entry price"):
        assert new.entry_price


def test_a_long_trade() -> None:
    held = enter(tranche(), buy(100, "100", 10 * MINUTE))
    held = stretched(held, D("105.50"), D("99.25"))
    held = leave(held, sell(40, "104", 30 * MINUTE))
    held = leave(held, sell(60, "105", 45 * MINUTE))
    charges = Charges(brokerage=D("6.27"), stt=D(3))
    trade = trade_of(closed(held, ExitReason.TARGET), charges, D(2000))
    assert (trade.entry_price, trade.exit_price) == (D(100), D("104.6"))
    assert (trade.gross_pnl, trade.net_pnl) == (D(460), D("450.73"))
    assert trade.pnl_percent == D("22.5365")  # of 2,000 of margin
    assert (trade.mae, trade.mfe) == (D("0.75"), D("5.50"))
    assert (trade.risk_amount, trade.r_multiple) == (D(200), D("2.25365"))
    assert trade.holding_minutes == 35
    assert trade.turnover == D(20_460)


def test_a_short_trade_is_the_mirror_image() -> None:
    held = enter(tranche(Side.SELL, "102"), sell(100, "100"))
    held = stretched(held, D("101.50"), D("96.25"))
    trade = trade_of(closed(leave(held, buy(100, "97"))), NO_CHARGES, D(10_000))
    assert (trade.gross_pnl, trade.risk_amount) == (D(300), D(200))
    assert (trade.mae, trade.mfe) == (D("1.50"), D("3.75"))


def test_a_trade_that_gained_nothing_gained_nothing_and_not_minus_nothing() -> None:
    for side, opened, left in ((Side.BUY, buy, sell), (Side.SELL, sell, buy)):
        held = leave(enter(tranche(side, "98"), opened(10, "100")), left(10, "100"))
        gross = trade_of(closed(held), NO_CHARGES, D(1)).gross_pnl
        assert str(gross).lstrip("0.") == ""


def test_a_stop_on_the_winning_side_leaves_no_risk_and_no_multiple() -> None:
    held = enter(tranche(stop="101"), buy(10, "100"))
    trade = trade_of(closed(leave(held, sell(10, "102"))), NO_CHARGES, D(1000))
    assert (trade.risk_amount, trade.r_multiple) == (0, 0)


def test_extremes_only_widen() -> None:
    held = enter(tranche(), buy(10, "100"))
    wide = stretched(held, D(103), D(97))
    assert stretched(wide, D(102), D(98)) is wide
    assert (stretched(wide, D(104), D(98)).high, stretched(wide, D(102), D(96)).low) == (104, 96)


def test_the_fills_of_entry_and_exit_count_among_the_extremes() -> None:
    held = leave(enter(tranche(), buy(10, "100")), sell(10, "94"))
    trade = trade_of(closed(held), NO_CHARGES, D(1))
    assert (trade.mae, trade.mfe) == (D(6), D(0))


def test_cash_moves_against_the_goods() -> None:
    assert cash_flow(buy(10, "100.05")) == D("-1000.50")
    assert cash_flow(sell(10, "100.05")) == D("1000.50")


def test_no_fill_enters_backwards_or_gives_back_more_than_there_is() -> None:  # I3, I7
    held = enter(tranche(), buy(10, "100"))
    with pytest.raises(DomainError, match="does not enter"):
        enter(held, sell(5, "100"))
    with pytest.raises(DomainError, match="adds to"):
        leave(held, buy(5, "100"))
    with pytest.raises(DomainError, match="exited"):
        leave(held, sell(11, "100"))


def test_only_what_is_flat_and_has_a_reason_is_a_trade() -> None:
    held = enter(tranche(), buy(10, "100"))
    with pytest.raises(DomainError, match="is not flat"):
        trade_of(closed(held), NO_CHARGES, D(1))
    with pytest.raises(DomainError, match="flat without a reason"):
        trade_of(leave(held, sell(10, "100")), NO_CHARGES, D(1))
