"""One page from first cause to last charge, and nothing on it that the journal does not say."""

import pytest
from desk_script import (
    INFY_HELD,
    MONDAY,
    OTHER,
    SIGNAL,
    Step,
    heard,
    infy_bought,
    infy_sold,
    monday,
    on,
    opening,
    tuesday,
)
from msgspec.structs import replace

from tradego.domain.effects import AdviceHeard, OrderChanged, TrancheChanged
from tradego.domain.errors import InputError
from tradego.domain.formats import THIN
from tradego.domain.orders import OrderState
from tradego.domain.positions import TrancheState
from tradego.domain.signals import Action, Advice
from tradego.ui.explain import explain

WHOLE = [*opening(), *infy_bought(), *infy_sold()]

PAGE = """\
INFY long 40, Technical breakout, intraday (BT000001, 3 Mar 2025): closed, net +₹552.71, +1.54 R.

Signal
  3 Mar 10:15:00.000  Signal         Technical breakout wants to buy INFY at 1,500.00, \
stop 1,491.10, target 1,515.10, confidence 0.78
                      ✓              new high 1,500 against 1,496.5, holds
                      ✓              on volume 2.6 against 2, holds

Risk review and size
  3 Mar 10:15:00.000  Allowed        every limit holds; 40 at 1,501.60 or better
                      Wanted risk    ₹6,857.14, 0.69 % of capital, at confidence 0.78
                      Risk taken     ₹420.00, 0.04 % of capital, bound by the position cap
                      Value          ₹60,064.00, 6.01 % of capital
                      Reward to risk 1.70 at the signal price, 1.25 after charges

Entry BO0000001: buy 40 limit 1,501.60, tag TB0010000000017Y3QE5
  3 Mar 10:15:00.000  Planned
                      Sending
  3 Mar 10:15:00.094  Acked          +94 ms
  3 Mar 10:15:01.000  Filled         +906 ms
                      Fill           40 at 1,500.10

Stop BO0000002: sell 40 stop 1,491.10 limit 1,488.10, tag TB00100000000280R2SC
  3 Mar 10:15:01.000  Planned
                      Sending
  3 Mar 10:15:01.190  Working        +190 ms
  3 Mar 10:46:00.000  New price      1,500.10  +30 min
  3 Mar 11:07:00.050  Cancelled      +21 min

Target BO0000003: sell 40 limit 1,512.10, tag TB00100000000280R2SC
  3 Mar 11:07:00.050  Planned
                      Sending
  3 Mar 11:07:01.000  Filled         +950 ms
                      Fill           40 at 1,515.10

While it was open
  3 Mar 10:46:00.000  Stop moved     1,491.10 to 1,500.10, breakeven
                      Best moment    +15.00 a share, +₹600.00
                      Worst moment   −3.60 a share, −₹144.00

The way out
  3 Mar 11:07:01.000  Sold           40 at 1,515.10, target, after 52 min

From gross to net, ₹
                      Gross                 +600.00   40 × +15.00
                      Brokerage              −18.18
                      STT                    −15.00
                      Exchange                −3.58
                      IPFT                    −0.12
                      SEBI                    −0.12
                      Stamp duty              −1.80
                      GST                     −3.96
                      DP                      −4.53
                      Charges                −47.29
                      Net                   +552.71   +4.61 % of ₹12,000.80 used, \
+1.54 R of ₹360.00 at risk
"""


def test_a_trade_is_explained_from_its_signal_to_its_last_charge() -> None:  # S0-orch-4
    assert explain("BT000001", WHOLE).page().replace(THIN, " ") == PAGE


@pytest.mark.parametrize(
    "name", ["BO0000001", "BO0000003", "TB0010000000017Y3QE5", "V77", SIGNAL.signal_id]
)
def test_any_of_its_names_leads_to_the_same_page(name: str) -> None:  # S0-orch-4
    assert explain(name, WHOLE) == explain("BT000001", WHOLE)


def test_a_refused_signal_says_which_limit_stood_in_its_way() -> None:  # S0-orch-4 S1-risk-10
    page = explain(OTHER.signal_id, WHOLE).page()
    assert page.startswith(
        "BAJFINANCE, Technical breakout: refused, no order was sent. "
        "Correlation with HDFCBANK 0.78, limit 0.70.\n"
    )
    assert "on volume 2.6 against 2, holds" in page
    assert "Refused        Correlation with HDFCBANK 0.78, limit 0.70" in page


def test_a_trade_still_open_is_told_as_far_as_it_went() -> None:
    page = explain("BO0000001", WHOLE[:6]).page()
    assert page.startswith(
        "INFY long 40, Technical breakout, intraday (BT000001, 3 Mar 2025): open.\n"
    )
    assert "From gross to net" not in page


def test_an_entry_that_did_not_fill_says_so() -> None:
    steps = WHOLE[:4]
    order = steps[3][1][0]
    assert isinstance(order, OrderChanged)
    gone = replace(order.order, state=OrderState.CANCELLED)
    wanted = steps[2][1][2]
    assert isinstance(wanted, TrancheChanged)
    done = replace(wanted.tranche, state=TrancheState.ABANDONED)
    end = (
        heard(on(MONDAY, "10:16")),
        [OrderChanged(order=gone), TrancheChanged(tranche=done)],
    )
    page = explain("BT000001", [*steps, end]).page()
    assert "the entry did not fill, nothing was bought." in page
    assert "Cancelled      +59 s" in page


def test_a_refused_order_gives_the_venues_reason() -> None:
    steps = WHOLE[:4]
    order = steps[3][1][0]
    assert isinstance(order, OrderChanged)
    refused = replace(order.order, state=OrderState.REJECTED, reason="margin short by 12.00")
    page = explain("V77", [*steps, (heard(on(MONDAY, "10:16")), [OrderChanged(order=refused)])])
    assert "Rejected       margin short by 12.00  +59 s" in page.page()


def test_a_trade_carried_overnight_is_explained_with_its_rule() -> None:
    page = explain("BT000002", [*monday(), *tuesday()]).page().replace(THIN, " ")
    assert (
        "HDFCBANK long 10, News momentum, delivery (BT000002, 3 Mar 2025): closed, net +₹28.00"
        in page
    )
    assert "Sold           10 at 1,008.00, signal (ema9 cross), after 19 h 59 min" in page


def test_advice_is_told_while_the_trade_is_open_and_not_after() -> None:  # S0-trk-2
    advice = Advice(
        ts_ns=on(MONDAY, "10:30"),
        symbol="INFY",
        strategy="technical_breakout",
        action=Action.EXIT,
        rule="ema9_cross",
    )

    def given(clock: str, **changes: object) -> Step:
        heard_at = heard(on(MONDAY, clock))
        return heard_at, [AdviceHeard(advice=replace(advice, **changes), taken="proposed")]

    steps = [
        *opening(),
        *infy_bought(),
        given("10:30"),
        given("10:31", action=Action.HOLD),
        given("10:32", strategy="mean_reversion"),
        *infy_sold(),
        given("11:30"),
    ]
    advised = [step for part in explain("BT000001", steps).parts for step in part.steps]
    assert [(step.ts_ns, step.words) for step in advised if step.what == "Advice"] == [
        (on(MONDAY, "10:30"), "exit (ema9 cross), proposed")
    ]


def test_what_a_person_asked_for_says_so() -> None:
    by_hand = replace(INFY_HELD, signal_id="manual:click-7")
    step = (heard(on(MONDAY, "10:15")), [TrancheChanged(tranche=by_hand)])
    page = explain("BT000001", [*opening(), step]).page()
    assert "By hand        A person asked for it (manual:click-7)" in page


def test_a_name_the_journal_does_not_know_is_refused_with_examples() -> None:
    with pytest.raises(InputError) as refused:
        explain("BO9", WHOLE)
    assert str(refused.value) == (
        "nothing in this journal is called 'BO9'; "
        "names look like BO0000003 (an order) or BT000001 (a trade)"
    )
    with pytest.raises(InputError, match=r"nothing in this journal is called 'x'$"):
        explain("x", opening())
