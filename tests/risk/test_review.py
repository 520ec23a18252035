"""May this signal become an order? Limits in a fixed order, the first hit wins: S1-risk-2..10."""

from decimal import Decimal

from msgspec.structs import replace

from tradego.domain.effects import Refusal
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price, Quantity
from tradego.domain.settings import ExecutionSettings, RiskSettings
from tradego.domain.signals import Product, Side, Signal
from tradego.risk.correlation import DailyCloses
from tradego.risk.exposure import NOTHING, Exposure, Stake, exposure_of
from tradego.risk.review import Account, Approved, Refused, review

D = Decimal
INFY = Instrument(symbol="INFY", sector="IT")
SIGNAL = Signal(
    signal_id="s",
    ts_ns=0,
    symbol="INFY",
    strategy="plan",
    product=Product.INTRADAY,
    direction=Side.BUY,
    entry=1000.0,
    stop=980.0,
    target=1030.0,
    confidence=0.65,
)


def reviewed(
    signal: Signal = SIGNAL,
    *,
    instrument: Instrument = INFY,
    exposure: Exposure = NOTHING,
    closes: DailyCloses | None = None,
    risk: RiskSettings = RiskSettings(),
    minimum: str = "1.5",
) -> Approved | Refused:
    account = Account(D(1_000_000), exposure, closes or DailyCloses(5))
    return review(signal, instrument, account, risk, ExecutionSettings(), D(minimum))


def refusal(**case: object) -> Refused:
    answer = reviewed(**case)  # type: ignore[arg-type]
    assert isinstance(answer, Refused)
    return answer


def held(symbol: str, sector: str = "", **stake: str) -> Stake:
    value, margin, heat = (D(stake.get(name, "0")) for name in ("value", "margin", "heat"))
    return Stake(symbol, Side.BUY, Product.INTRADAY, sector or symbol, value, margin, heat)


def test_an_approval_shows_what_was_wanted_and_what_the_caps_left() -> None:
    # limit 1,001: 21 a share; Rs 5,000 would be 238 shares, a tenth of the capital is 99
    answer = reviewed()
    assert isinstance(answer, Approved)
    assert (answer.quantity, answer.limit, answer.stop) == (
        Quantity.of(99),
        Price.of("1001"),
        Price.of("980"),
    )
    assert (answer.risk_wanted, answer.risk_amount) == (D(5000), D(99 * 21))
    assert (answer.sized_by, answer.reward_risk) == ("position", D("1.5"))


def test_the_ratio_is_of_the_signal_price_and_the_minimum_is_the_strategy_s() -> None:
    # S1-risk-3: 30 above and 20 below is 1.5, though the limit leaves 29 and 21
    near = replace(SIGNAL, target=1029.95)
    assert refusal(signal=near) == (Refusal.REWARD_RISK, D("29.95") / 20, D("1.5"), "")
    assert isinstance(reviewed(near, minimum="0.5"), Approved)
    assert isinstance(reviewed(replace(SIGNAL, target=0.0)), Approved)  # not bounded


def test_a_short_is_judged_the_other_way_round() -> None:
    short = replace(SIGNAL, direction=Side.SELL, stop=1020.0, target=970.0)
    answer = reviewed(short)
    assert isinstance(answer, Approved)
    assert (answer.limit, answer.reward_risk) == (Price.of("999"), D("1.5"))
    assert refusal(signal=replace(short, product=Product.DELIVERY)).code is Refusal.SHORT_DELIVERY
    assert refusal(signal=replace(short, stop=1000.0)).code is Refusal.NO_STOP
    assert refusal(signal=replace(short, target=1031.0)).code is Refusal.REWARD_RISK


def test_without_a_stop_distance_there_is_no_trade() -> None:  # S1-risk-1
    assert refusal(signal=replace(SIGNAL, stop=1000.0)) == (Refusal.NO_STOP, D(1000), D(1000), "")
    assert refusal(signal=replace(SIGNAL, stop=1010.0)).code is Refusal.NO_STOP
    assert refusal(signal=replace(SIGNAL, stop=999.99)).code is Refusal.NO_STOP  # on the tick


def test_entry_and_stop_must_lie_inside_the_band() -> None:
    tight = replace(INFY, lower_band=Price.of("975"), upper_band=Price.of("1000.95"))
    assert refusal(instrument=tight) == (Refusal.BAND, D("1001.00"), 0.0, "")
    low = replace(INFY, lower_band=Price.of("985"), upper_band=Price.of("1100"))
    assert refusal(instrument=low) == (Refusal.BAND, D("980.00"), 0.0, "")


def test_no_third_position_in_a_sector() -> None:  # S1-risk-6
    two = exposure_of([held("TCS", "IT"), held("WIPRO", "IT")])
    assert refusal(exposure=two) == (Refusal.MAX_SECTOR, 2, 2, "IT")
    mine = exposure_of([held("TCS", "IT"), held("INFY", "IT")])
    assert isinstance(reviewed(exposure=mine), Approved)  # more of it is no third one


def test_an_unknown_sector_is_a_sector_of_its_own() -> None:
    strangers = exposure_of([held("A", Instrument(symbol="A").sector_key) for _ in range(3)])
    assert isinstance(reviewed(instrument=Instrument(symbol="INFY"), exposure=strangers), Approved)


def closes(*rows: tuple[float, float]) -> DailyCloses:
    known = DailyCloses(5)
    for infy, tcs in rows:
        known.add((("INFY", infy), ("TCS", tcs)))
    return known


TOGETHER = closes((100, 10), (101, 10.1), (99, 9.9), (102, 10.2), (100, 10), (103, 10.3))
APART = closes((100, 10), (101, 9.9), (99, 10.1), (102, 9.8), (100, 10), (103, 9.7))


def test_what_moves_with_something_held_is_refused() -> None:  # S1-risk-9
    tcs = exposure_of([held("TCS")])
    answer = refusal(exposure=tcs, closes=TOGETHER)
    assert (answer.code, answer.limit, answer.detail) == (Refusal.CORRELATION, 0.7, "TCS")
    assert abs(answer.value - 1) < 1e-9
    assert isinstance(reviewed(exposure=tcs, closes=APART), Approved)
    assert isinstance(reviewed(closes=TOGETHER), Approved)  # nothing is held


def test_too_little_history_is_said_or_refused_as_set() -> None:  # S1-risk-9
    tcs = exposure_of([held("TCS")])
    answer = reviewed(exposure=tcs)
    assert isinstance(answer, Approved)
    assert answer.note == "correlation not judged: under 30 common sessions with TCS"
    strict = RiskSettings(refuse_short_history=True, correlation_sessions=5)
    assert refusal(exposure=tcs, risk=strict).code is Refusal.SHORT_HISTORY


def test_heat_with_the_new_one_in_it() -> None:  # S1-risk-5: 27,921 + 99 x 21 = 30,000
    assert isinstance(reviewed(exposure=exposure_of([held("A", heat="27921")])), Approved)
    answer = refusal(exposure=exposure_of([held("A", heat="27922")]))
    assert (answer.code, answer.value, answer.limit) == (Refusal.HEAT, D("3.0001"), D(3))


def test_half_of_the_capital_is_the_most_deployed() -> None:  # S1-risk-7
    # 4,45,000 in use leaves a tenth of 5,55,000: 55 shares, 55,055 of value; 5,00,055 in all
    busy = exposure_of([held("A", value="445000", margin="445000")])
    answer = refusal(exposure=busy)
    assert (answer.code, answer.value) == (Refusal.DEPLOYED, D("50.0055"))
    less = exposure_of([held("A", value="444000", margin="444000")])
    assert isinstance(reviewed(exposure=less), Approved)


def test_no_room_for_a_share_names_what_bound_it() -> None:
    full = exposure_of([held("A", value="699500", margin="699500")])
    generous = RiskSettings(position_pct=D(100), max_deployed_pct=D(100))
    assert refusal(exposure=full, risk=generous).code is Refusal.POOL
    tiny = RiskSettings(risk_min_pct=D("0.001"), risk_max_pct=D("0.001"))
    answer = refusal(risk=tiny)
    assert (answer.code, answer.detail) == (Refusal.TOO_SMALL, "risk")


def test_the_first_limit_hit_wins() -> None:  # S1-risk-10
    # everything is wrong at once; each cure uncovers the next, in the order of `Refusal`
    wrong = replace(SIGNAL, direction=Side.SELL, product=Product.DELIVERY, stop=float("nan"))
    band = replace(INFY, upper_band=Price.of("990"), lower_band=Price.of("1"))
    crowd = exposure_of(
        [held("TCS", "IT", heat="30000", value="1", margin="690000"), held("W", "IT")]
    )
    case: dict[str, object] = {
        "signal": wrong,
        "instrument": band,
        "exposure": crowd,
        "closes": TOGETHER,
    }
    met = [refusal(**case).code]
    for cure in (
        {"signal": replace(wrong, direction=Side.BUY)},
        {"signal": replace(SIGNAL, stop=1000.0)},
        {"signal": replace(SIGNAL, target=1001.0)},
        {"signal": SIGNAL},
        {"instrument": INFY},
        {"exposure": exposure_of([held("TCS", heat="30000", value="1", margin="699500")])},
        {"closes": APART, "risk": RiskSettings(position_pct=D(100))},
        {"exposure": exposure_of([held("TCS", heat="30000", value="1", margin="400000")])},
    ):
        case.update(cure)
        met.append(refusal(**case).code)
    assert met == [
        Refusal.SHORT_DELIVERY,
        Refusal.NO_PRICE,
        Refusal.NO_STOP,
        Refusal.REWARD_RISK,
        Refusal.BAND,
        Refusal.MAX_SECTOR,
        Refusal.CORRELATION,
        Refusal.POOL,
        Refusal.HEAT,
    ]
    order = list(Refusal)
    assert met == sorted(met, key=order.index)


def test_two_slices_of_a_symbol_are_one_position() -> None:
    both = exposure_of(
        [
            held("A", "IT", value="5", margin="1", heat="2"),
            held("A", "IT", value="7", margin="3", heat="4"),
            Stake("B", Side.BUY, Product.DELIVERY, "IT", D(10), D(10), D(0)),
        ]
    )
    assert (both.values, both.sectors) == ({"A": D(12), "B": D(10)}, {"IT": 2})
    assert (both.heat, both.intraday, both.swing, both.deployed) == (D(6), D(4), D(10), D(14))
