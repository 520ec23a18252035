"""The files of a backtest, against JSON written by hand from the trades of sample_trades.py."""

import json
from decimal import Decimal

import msgspec
import pytest

from sample_trades import ENTRY_FILL, ENTRY_ORDER, FRIDAY, HDFCBANK, INFY, MONDAY, SUNPHARMA
from tradego.domain.charges import Charges
from tradego.domain.effects import FillBooked, OrderChanged, Refusal, SubmitOrder
from tradego.domain.errors import DomainError
from tradego.domain.events import SendAnswered, TimerFired, TimerKind
from tradego.domain.lives import order_lives
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import OrderState
from tradego.domain.times import SECOND, at
from tradego.research.results import AccountPoint, OpenTranche, exact, order_row, trade_row, units
from tradego.research.summary import RunFacts, RunResult, result_files

D = Decimal

INFY_JSON = """{
  "trade_id": "BT000001", "symbol": "INFY", "strategy": "technical_breakout", "product": "I",
  "direction": "BUY", "quantity": 40, "signal_time": "2025-03-03T10:15:00+05:30",
  "entry_time": "2025-03-03T10:15:01+05:30", "entry_price": "1500.10",
  "exit_time": "2025-03-03T11:07:01+05:30", "exit_price": "1515.10", "exit_reason": "TARGET",
  "stop_loss": "1500.10", "target": "1515.10", "risk_amount": "360.00", "confidence": 0.78,
  "gross_pnl": "600.00",
  "charges": {"brokerage": "18.18", "stt": "15.00", "exchange": "3.58", "ipft": "0.12",
              "sebi": "0.12", "stamp": "1.80", "gst": "3.96", "dp": "4.53", "total": "47.29"},
  "net_pnl": "552.71", "pnl_percent": 4.60561, "news_score": 0.0, "tech_score": 0.8,
  "entry_order_id": "BO0000001", "target_order_id": "BO0000003", "sl_order_id": "BO0000002",
  "initial_stop_loss": "1491.10", "r_multiple": 1.535306, "mae": "3.60", "mfe": "15.00",
  "holding_minutes": 52.0, "number": 0, "exit_rule": "target", "exit_order_id": "BO0000003",
  "capital_used": "12000.80", "reward_risk": 1.666667, "reward_risk_net": 1.25,
  "conditions": [{"name": "on_volume", "left": 2.6, "right": 2.0, "passed": true}]
}"""
HDFCBANK_JSON = """{
  "trade_id": "BT000002", "symbol": "HDFCBANK", "strategy": "news_momentum", "product": "D",
  "direction": "BUY", "quantity": 96, "signal_time": "2025-03-03T10:30:00+05:30",
  "entry_time": "2025-03-03T10:30:02+05:30", "entry_price": "1004.2875",
  "exit_time": "2025-03-07T09:15:00+05:30", "exit_price": "986.10", "exit_reason": "STOP_LOSS",
  "stop_loss": "986.10", "target": null, "risk_amount": "1746.00", "confidence": 0.71,
  "gross_pnl": "-1746.00",
  "charges": {"brokerage": "0.00", "stt": "191.00", "exchange": "0.00", "ipft": "0.00",
              "sebi": "0.00", "stamp": "14.46", "gst": "0.00", "dp": "15.34", "total": "220.80"},
  "net_pnl": "-1966.80", "pnl_percent": -2.040003, "news_score": 0.64, "tech_score": 0.0,
  "entry_order_id": "BO0000004", "target_order_id": "", "sl_order_id": "BO0000005",
  "initial_stop_loss": "986.10", "r_multiple": -1.12646, "mae": "18.1875", "mfe": "0.9125",
  "holding_minutes": 5684.966667, "number": 0, "exit_rule": "", "exit_order_id": "",
  "capital_used": "96411.60", "reward_risk": null, "reward_risk_net": null, "conditions": []
}"""
OPEN_JSON = """{
  "trade_id": "BT000003", "symbol": "SUNPHARMA", "strategy": "technical_breakout", "product": "D",
  "direction": "BUY", "quantity": 40, "signal_time": "2025-03-07T13:15:00+05:30",
  "entry_time": "2025-03-07T13:20:31+05:30", "entry_price": "1740.00", "exit_time": null,
  "exit_price": null, "exit_reason": null, "stop_loss": "1721.60", "target": "1773.90",
  "risk_amount": "1104.00", "confidence": 0.7, "gross_pnl": "50.00",
  "charges": {"brokerage": "0.00", "stt": "30.00", "exchange": "0.00", "ipft": "0.00",
              "sebi": "0.00", "stamp": "0.00", "gst": "0.00", "dp": "0.00", "total": "30.00"},
  "net_pnl": "20.00", "pnl_percent": null, "news_score": 0.0, "tech_score": 0.0,
  "entry_order_id": "BO0000006", "target_order_id": "", "sl_order_id": "BO0000007",
  "initial_stop_loss": "1721.60", "r_multiple": null, "mae": "2.00", "mfe": "4.00",
  "holding_minutes": null, "number": 0, "exit_rule": "", "exit_order_id": "",
  "capital_used": "69600.00", "reward_risk": 1.84, "reward_risk_net": 1.2, "conditions": [],
  "mark": "1739.10", "mark_time": "2025-03-07T15:30:00+05:30", "unrealized_pnl": "-36.00"
}"""

HELD = OpenTranche(SUNPHARMA, D("1739.1"), at(FRIDAY, "15:30"), Charges(stt=D("30.00")), D("69600"))
# 10,00,000.00, then 552.71 won, 1,966.80 lost, 50.00 less 30.00 on what was given back, 36.00 under
ENDING = D("998569.91")


def journal() -> list[
    tuple[SendAnswered | TimerFired, list[SubmitOrder | OrderChanged | FillBooked]]
]:
    """The life of one entry: sent, acknowledged, cheaper by hand, half filled, filled."""
    order, monday = ENTRY_ORDER, at(MONDAY, "10:15")

    def known_as(state: OrderState, filled: str = "0", limit: str = "1501.6") -> OrderChanged:
        return OrderChanged(
            order=msgspec.structs.replace(
                order,
                state=state,
                filled=Quantity(D(filled)),
                filled_value=D(filled) * D("1500.1"),
                limit=Price(D(limit)),
            )
        )

    def heard(ms: int) -> TimerFired:
        return TimerFired(ts_ns=monday + ms * SECOND // 1000, timer=TimerKind.EXIT_RETRY)

    half = msgspec.structs.replace(ENTRY_FILL, quantity=Quantity(D(20)))
    return [
        (heard(0), [SubmitOrder(order=order)]),
        (heard(94), [known_as(OrderState.ACKED)]),
        (heard(155), [known_as(OrderState.WORKING)]),
        (heard(600), [known_as(OrderState.WORKING, limit="1500.1")]),
        (heard(1000), [known_as(OrderState.PARTIAL, "20", "1500.1"), FillBooked(fill=half)]),
        (heard(1000), [known_as(OrderState.FILLED, "40", "1500.1"), FillBooked(fill=half)]),
    ]


def result(**changes: object) -> RunResult:
    facts = RunFacts(
        run_id="r1",
        code_version="1.2.3",
        config_hash="abc",
        starting_capital=D(1_000_000),
        bars=9_000,
        seconds=0.25,
    )
    close = at(FRIDAY, "15:30")
    whole = RunResult(
        facts=facts,
        trades=[INFY, HDFCBANK],
        orders=order_lives(journal()),
        still_open=[HELD],
        equity=[
            AccountPoint(at(MONDAY, "15:30"), D("1000500"), D("904088.4"), D("-52.71")),
            AccountPoint(close, ENDING, D("928205.91"), D("-36")),
        ],
        refusals={Refusal.CORRELATION: 4, Refusal.HEAT: 0, Refusal.REWARD_RISK: 3},
    )
    return msgspec.structs.replace(whole, **changes)


def test_trades_are_written_as_the_contract_says() -> None:
    written = result_files(result())["trades.json"]
    assert json.loads(written) == [json.loads(INFY_JSON), json.loads(HDFCBANK_JSON)]
    assert list(json.loads(written)[0]) == list(json.loads(INFY_JSON))  # in this order


def test_what_is_still_open_is_written_with_its_mark() -> None:
    assert json.loads(result_files(result())["open.json"]) == [json.loads(OPEN_JSON)]


def test_an_order_is_written_with_its_life() -> None:
    (order,) = json.loads(result_files(result())["orders.json"])
    assert order.pop("tag") == ENTRY_ORDER.tag
    assert order == {
        "order_id": "BO0000001",
        "trade_id": "BT000001",
        "role": "ENTRY",
        "symbol": "INFY",
        "side": "BUY",
        "quantity": 40,
        "type": "LIMIT",
        "price": "1501.60",
        "trigger": None,
        "states": [
            {"time": "2025-03-03T10:15:00+05:30", "state": "PLANNED"},
            {"time": "2025-03-03T10:15:00+05:30", "state": "SENDING"},
            {"time": "2025-03-03T10:15:00.094000+05:30", "state": "ACKED"},
            {"time": "2025-03-03T10:15:00.155000+05:30", "state": "WORKING"},
            {"time": "2025-03-03T10:15:01+05:30", "state": "PARTIAL"},
            {"time": "2025-03-03T10:15:01+05:30", "state": "FILLED"},
        ],
        "fills": 2 * [{"time": "2025-03-03T10:15:01+05:30", "price": "1500.10", "quantity": 20}],
        "product": "I",
        "validity": "DAY",
        "state": "FILLED",
        "filled_quantity": 40,
        "average_price": "1500.10",
        "venue_order_id": "",
        "reason": "",
        "moves": [
            {"time": "2025-03-03T10:15:00.600000+05:30", "price": "1500.10", "trigger": None}
        ],
    }


def test_equity_has_its_three_figures() -> None:
    assert json.loads(result_files(result())["equity.json"])[1] == {
        "time": "2025-03-07T15:30:00+05:30",
        "equity": "998569.91",
        "cash": "928205.91",
        "unrealized": "-36.00",
    }


def test_the_summary_keeps_intraday_and_swing_apart() -> None:  # S1-pnl-10
    summary = json.loads(result_files(result())["summary.json"])
    whole = {
        "starting_capital": "1000000.00",
        "ending_equity": "998569.91",
        "net_pnl": "-1414.09",
        "gross_pnl": "-1146.00",
        "charges_total": "268.09",
        "unrealized_pnl": "-36.00",
        "still_open": 1,
        "trades": 2,
        "win_rate": 0.5,
        "average_rr": 0.281020,
        "average_winner": "552.71",
        "average_loser": "-1966.80",
        "largest_win": "552.71",
        "largest_loss": "-1966.80",
        "profit_factor": 0.281020,
        "max_drawdown_pct": 0.192913,  # from 10,00,500.00 down to 9,98,569.91
        "max_drawdown": "1930.09",
        "refusals": {"correlation": 4, "reward_risk": 3},
        "bars": 9000,
        "seconds": 0.25,
        "bars_per_second": 36000,
        "run_id": "r1",
        "code_version": "1.2.3",
        "config_hash": "abc",
    }
    assert {name: summary[name] for name in whole} == whole
    assert (summary["intraday"]["trades"], summary["intraday"]["net_pnl"]) == (1, "552.71")
    assert (summary["swing"]["trades"], summary["swing"]["net_pnl"]) == (1, "-1966.80")
    assert summary["by_strategy"]["news_momentum"]["charges_total"] == "220.80"
    assert summary["intraday"]["profit_factor"] is None  # without a loss it has no value
    assert {"sharpe", "sortino"} <= summary.keys()


def test_files_whose_sums_disagree_are_not_written() -> None:
    with pytest.raises(DomainError, match=r"make 998569\.91, the account says 998569\.90"):
        result_files(result(equity=[AccountPoint(at(FRIDAY, "15:30"), D("998569.90"), D(0), D(0))]))


def test_a_run_without_a_trade_is_written_too() -> None:
    files = result_files(result(trades=[], orders=[], still_open=[], equity=[]))
    assert {name: files[name] for name in files if name != "summary.json"} == {
        "trades.json": b"[]\n",
        "orders.json": b"[]\n",
        "open.json": b"[]\n",
        "equity.json": b"[]\n",
    }
    summary = json.loads(files["summary.json"])
    assert (summary["ending_equity"], summary["win_rate"]) == ("1000000.00", None)
    assert summary["max_drawdown_pct"] is None


def test_an_order_sent_twice_is_a_broken_journal() -> None:
    with pytest.raises(DomainError, match="BO0000001 is submitted twice"):
        order_lives(2 * journal()[:1])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (D("1234.5"), "1234.50"),
        (D("1500.10000"), "1500.10"),
        (D("1E+3"), "1000.00"),
        (D("-0.000"), "0.00"),
        (D(4552) / 3, "1517.3333333333"),
        (D("0.00012"), "0.00012"),
    ],
)
def test_equal_amounts_are_equal_bytes(value: D, text: str) -> None:
    assert str(exact(value)) == text


def test_a_fractional_quantity_is_a_string_and_a_whole_one_a_number() -> None:
    half = msgspec.structs.replace(INFY, quantity=Quantity(D("0.50")))
    assert json.loads(msgspec.json.encode(trade_row(half)))["quantity"] == "0.5"
    assert units(Quantity(D("4E+1"))) == 40


def test_times_keep_the_microsecond() -> None:
    event = TimerFired(ts_ns=at(MONDAY, "10:15") + 1_234_567, timer=TimerKind.EXIT_RETRY)
    (life,) = order_lives([(event, [SubmitOrder(order=ENTRY_ORDER)])])
    times = [msgspec.json.encode(row.time) for row in order_row(life).states]
    assert times == 2 * [b'"2025-03-03T10:15:00.001234+05:30"']
