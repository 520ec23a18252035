"""Trading days as text: what is written here is played by the real engine.

`fed` hands the engine every event by hand; `played` lets the simulated exchange answer, over small
bars. Both give back what the desk did, one line a happening:

    09:30:00 entry 1 buy 100 limit 100.10      an order leaves: role, number, side, units, terms
    09:30:00 filled 1 100 @ 100.05             a fill is booked
    09:30:00 cancel 2                          its end is asked for
    09:30:00 over 2 cancelled                  it ended without (all of) its fills
    09:45:00 stop 98.00 to 100.00 breakeven    the venue confirmed a better stop
    09:45:00 trade T1 buy 100 in 100.05 out 104.00 TARGET target 395.00      gross
    10:00:00 refused heat                      a signal was not taken
    10:00:00 advice exit acted
    10:00:00 answer closing INFY               to a person; "no" and why where it is not done
    10:00:00 mode halted
    10:00:00 alarm ...

Tranches are T1, T2 ...; orders are numbered as they leave. Every entry is for Rs 10,010, so that a
signal at 100 buys 100.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count

import msgspec
import numpy as np

from random_desk import NoJournal, calendar, tariff
from tradego.domain.bars import Bars
from tradego.domain.effects import (
    AdviceHeard,
    Alarm,
    CancelOrder,
    CommandAnswered,
    Effect,
    FillBooked,
    ModeChanged,
    ModifyOrder,
    OrderChanged,
    SetTimer,
    SignalRefused,
    StopMoved,
    SubmitOrder,
    TradeClosed,
    TrancheChanged,
)
from tradego.domain.events import (
    AdviceGiven,
    CommandKind,
    CommandReceived,
    DayClosed,
    DeskOpened,
    Event,
    Filled,
    Marked,
    Mode,
    ModifyRefused,
    OrderModified,
    OrderSeen,
    Outcome,
    SendAnswered,
    SessionOpened,
    SignalsRaised,
    TimerFired,
    TimerKind,
    Touched,
    Window,
)
from tradego.domain.instruments import Instrument
from tradego.domain.money import Price, Quantity
from tradego.domain.orders import Evidence, Fill, OrderState
from tradego.domain.settings import (
    EngineSettings,
    ExecutionSettings,
    OnAdvice,
    RiskSettings,
    StrategyPolicy,
)
from tradego.domain.signals import Action, Advice, Product, Side, Signal
from tradego.domain.times import MILLISECOND, MINUTE, SECOND, at, session_date
from tradego.engine.state import DeskState
from tradego.engine.step import step
from tradego.research.backtest import Setup, build
from tradego.research.world import AT_ADVICE, AT_SIGNALS
from tradego.simulation.dice import SplitMix
from tradego.simulation.exchange import Conditions

D = Decimal
MONDAY = date(2025, 3, 3)
TICK = D("0.05")
FIXED = {"sizing": "fixed", "fixed_amount": "10010"}
POLICIES = {
    "plan": StrategyPolicy(),
    "adder": StrategyPolicy(may_add_tranche=True),
    "shy": StrategyPolicy(on_advice=OnAdvice.PROPOSE),
    "deaf": StrategyPolicy(on_advice=OnAdvice.OFF),
    "loose": StrategyPolicy(min_reward_risk=D(0)),
    "manual": StrategyPolicy(),
}
Given = dict[str, str]  # settings as a configuration file has them


def settings_of(risk: Given, execution: Given) -> EngineSettings:
    return EngineSettings(
        risk=msgspec.convert({**FIXED, **risk}, RiskSettings, strict=False),
        execution=msgspec.convert(execution, ExecutionSettings, strict=False),
        strategies=POLICIES,
    )


# What the desk did, in words.


class Story:
    """Listens to the engine and writes down what a trader would want to know."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.effects: list[Effect] = []
        self.tranches: dict[str, str] = {}
        self._gross: dict[str, Decimal] = {}
        self._states: dict[str, OrderState] = {}

    def observe(self, event: Event, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self.effects.append(effect)
            told = self._told(effect)
            if told:
                self.lines.append(f"{clock(event.ts_ns)} {told}")

    def told(self, *, without: str = "", until: str = "24:00") -> str:
        """All lines but those of kinds named in `without`, up to a time of day."""
        left = [line for line in self.lines if line.split()[1] not in without.split()]
        return "\n".join(line for line in left if line < until)

    def _told(self, effect: Effect) -> str:  # noqa: C901, PLR0911, PLR0912 - a table
        match effect:
            case SubmitOrder(order=order):
                limit = f" limit {order.limit.value:.2f}" if order.limit else ""
                trigger = f" trigger {order.trigger.value:.2f}" if order.trigger else ""
                terms = f"{trigger}{limit}" or " market"
                role, side = order.role.value.lower(), order.side.value.lower()
                return f"{role} {number(order.order_id)} {side} {order.quantity.value}{terms}"
            case FillBooked(fill=fill):
                price = f"{fill.price.value:.2f}"
                return f"filled {number(fill.order_id)} {fill.quantity.value} @ {price}"
            case CancelOrder(order_id=order_id):
                return f"cancel {number(order_id)}"
            case ModifyOrder(order_id=order_id, trigger=trigger):
                assert trigger is not None
                return f"modify {number(order_id)} {trigger.value:.2f}"
            case OrderChanged(order=order):
                before = self._states.get(order.order_id)
                self._states[order.order_id] = order.state
                if order.is_terminal and order.state not in (before, OrderState.FILLED):
                    return f"over {number(order.order_id)} {order.state.value.lower()}"
            case StopMoved():
                to = effect.to_price.value
                return f"stop {effect.from_price.value:.2f} to {to:.2f} {effect.reason}"
            case TrancheChanged(tranche=tranche):
                self.tranches.setdefault(tranche.tranche_id, f"T{len(self.tranches) + 1}")
            case TradeClosed(trade=trade):
                if self._gross.get(trade.trade_id) == trade.gross_pnl:
                    return ""
                self._gross[trade.trade_id] = trade.gross_pnl
                return (
                    f"trade {self.tranches[trade.trade_id]} {trade.direction.value.lower()} "
                    f"{trade.quantity.value} in {trade.entry_price:.2f} out "
                    f"{trade.exit_price:.2f} {trade.exit_reason.value} {trade.exit_rule} "
                    f"{trade.gross_pnl:.2f}"
                )
            case SignalRefused(code=code):
                return f"refused {code.value}"
            case AdviceHeard(advice=advice, taken=taken):
                return f"advice {advice.action.value} {taken}"
            case CommandAnswered(answer=answer, accepted=accepted):
                return f"answer {answer}" if accepted else f"no {answer}"
            case ModeChanged(state=state):
                return f"mode {state}"
            case Alarm(text=text):
                return f"alarm {text}"
        return ""


def number(order_id: str) -> str:
    return str(int(order_id[2:]))


def clock(ts_ns: int) -> str:
    """HH:MM:SS in India; milliseconds where there are any, nanoseconds never."""
    day = at(session_date(ts_ns), "00:00")
    since = ts_ns - day
    seconds, rest = divmod(since, SECOND)
    millis = f".{rest // MILLISECOND:03d}" if rest >= MILLISECOND else ""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{millis}"


def same(text: str) -> str:
    """A written expectation without its indentation and remarks."""
    rows = (line.split("#")[0].strip() for line in text.strip().splitlines())
    return "\n".join(row for row in rows if row)


# What is written.


def rows_of(text: str) -> Iterator[list[str]]:
    for line in text.strip().splitlines():
        words = line.split("#")[0].split()
        if words:
            yield words


def option(words: list[str], name: str, default: str = "") -> str:
    return words[words.index(name) + 1] if name in words else default


def signal_of(words: list[str], ts_ns: int, numbers: Iterator[int]) -> Signal:
    """`signal INFY buy 100 stop 98 target 104 [by plan] [confidence 0.8] [trail 1] [delivery]`"""
    return Signal(
        signal_id=f"s{next(numbers)}",
        ts_ns=ts_ns,
        symbol=words[1],
        strategy=option(words, "by", "plan"),
        product=Product.DELIVERY if "delivery" in words else Product.INTRADAY,
        direction=Side(words[2].upper()),
        entry=float(words[3]),
        stop=float(option(words, "stop")),
        target=float(option(words, "target", "0")),
        confidence=float(option(words, "confidence", "0.8")),
        trail=float(option(words, "trail", "0")),
    )


def advice_of(words: list[str], ts_ns: int) -> Advice:
    """`advise INFY exit|hold|reduce 0.5|move_stop 101 [by plan]`"""
    amount = float(words[3]) if len(words) > 3 and words[3] != "by" else 0.0
    action = Action(words[2])
    return Advice(
        ts_ns=ts_ns,
        symbol=words[1],
        strategy=option(words, "by", "plan"),
        action=action,
        rule="ema9_cross",
        stop=amount if action is Action.MOVE_STOP else 0.0,
        fraction=amount if action is Action.REDUCE else 1.0,
    )


def command_of(words: list[str], ts_ns: int, numbers: Iterator[int]) -> CommandReceived:
    """`command close INFY [id x]`, `command reduce INFY 10`, `command kill [flatten|keep]`,
    `command move_stop INFY 101`, `command enter INFY buy 100 stop 98 [target 104] [units 10]`
    """
    kind = CommandKind(words[1])
    symbol = words[2] if len(words) > 2 and words[2].isupper() else ""
    amount = words[3] if len(words) > 3 else ""
    stop = amount if kind is CommandKind.MOVE_STOP else option(words, "stop")
    units = amount if kind is CommandKind.REDUCE else option(words, "units")
    target, strategy = option(words, "target"), option(words, "by")
    return CommandReceived(
        ts_ns=ts_ns,
        command_id=option(words, "id", f"c{next(numbers)}"),
        actor="ada",
        command=kind,
        strategy=strategy,
        symbol=symbol,
        side=Side(words[3].upper()) if kind is CommandKind.ENTER and len(words) > 4 else None,
        quantity=Quantity(D(units)) if units else None,
        price=Price.of(words[4]) if kind is CommandKind.ENTER and len(words) > 4 else None,
        stop=Price.of(stop) if stop else None,
        target=Price.of(target) if target else None,
        flatten={"flatten": True, "keep": False}.get(words[-1]),
    )


# Handed by hand.


class Fed:
    """The engine alone: every event is a row, its own timers fire when their time has come."""

    def __init__(
        self,
        *,
        risk: Given | None = None,
        execution: Given | None = None,
        instruments: tuple[Instrument, ...] = (),
        capital: int = 1_000_000,
    ) -> None:
        self.state = DeskState(tariff=tariff())
        self.story = Story()
        self.rows: list[tuple[Event, list[Effect]]] = []
        self._timers: list[tuple[int, int, TimerFired]] = []
        self._numbers = count(1)
        self._day = MONDAY
        self._closes: dict[str, float] = {}
        listed = instruments or (
            Instrument(symbol="INFY", tick=TICK),
            Instrument(symbol="TCS", tick=TICK),
        )
        self.feed(
            DeskOpened(
                ts_ns=at(MONDAY, "08:00"),
                run_id="run",
                mode=Mode.PAPER,
                account="paper",
                epoch=0,
                capital=D(capital),
                settings=settings_of(risk or {}, execution or {}),
                instruments=listed,
                code_version="0",
                config_hash="0",
            )
        )
        self.open()

    def open(self, day: date = MONDAY) -> None:
        self._day = day
        window = (Window(at(day, "09:15"), at(day, "15:30")),)
        self.feed(
            SessionOpened(
                ts_ns=at(day, "09:15"),
                date=day.isoformat(),
                plain=window,
                with_derivatives=window,
                entry_cutoff_ns=at(day, "14:55"),
            )
        )

    def close(self, **closes: float) -> None:
        """The end of the day, at 15:30."""
        ts_ns = at(self._day, "15:30")
        self._fire_until(ts_ns)
        self.feed(DayClosed(ts_ns=ts_ns, date=self._day.isoformat(), closes=tuple(closes.items())))

    def feed(self, event: Event) -> None:
        effects = step(self.state, event)
        self.rows.append((event, list(effects)))
        self.story.observe(event, effects)
        for effect in effects:
            if isinstance(effect, SetTimer):
                timer = TimerFired(ts_ns=effect.at_ns, timer=effect.timer, key=effect.key)
                heappush(self._timers, (effect.at_ns, next(self._numbers), timer))

    def play(self, text: str) -> str:
        """Feed the rows; what the desk did meanwhile."""
        start = len(self.story.lines)
        for words in rows_of(text):
            ts_ns = at(self._day, words[0])
            self._fire_until(ts_ns)
            self.feed(self._event(words[1:], ts_ns))
        return "\n".join(self.story.lines[start:])

    def _fire_until(self, ts_ns: int) -> None:
        while self._timers and self._timers[0][0] <= ts_ns:
            self.feed(heappop(self._timers)[2])

    def _event(self, words: list[str], ts_ns: int) -> Event:
        name, numbers = words[0], self._numbers
        if name == "signal":
            return SignalsRaised(ts_ns=ts_ns, signals=(signal_of(words, ts_ns, numbers),))
        if name == "advise":
            return AdviceGiven(ts_ns=ts_ns, advice=(advice_of(words, ts_ns),))
        if name == "command":
            return command_of(words, ts_ns, numbers)
        if name == "mark":
            prices = [D(word) for word in words[2:]]
            return Marked(
                ts_ns=ts_ns, symbol=words[1], high=max(prices), low=min(prices), last=prices[-1]
            )
        if name == "touched":
            tid = next(tid for tid, told in self.story.tranches.items() if told == words[1])
            symbol = self.state.tranches[tid].symbol if tid in self.state.tranches else "INFY"
            return Touched(
                ts_ns=ts_ns, watch_id=f"{tid}:{words[2]}", symbol=symbol, price=Price.of(words[3])
            )
        if name == "timer":
            return TimerFired(ts_ns=ts_ns, timer=TimerKind(words[1]), key=" ".join(words[2:]))
        return self._of_order(words, ts_ns)

    def _of_order(self, words: list[str], ts_ns: int) -> Event:
        name, order_id = words[0], f"PO{int(words[1]):07d}"
        reason = " ".join(words[2:])
        answers = {
            "ack": Outcome.ACCEPTED,
            "reject": Outcome.REJECTED,
            "silence": Outcome.AMBIGUOUS,
        }
        seen = {
            "working": Evidence.SEEN_WORKING,
            "triggered": Evidence.SEEN_WORKING,
            "cancelled": Evidence.SEEN_CANCELLED,
            "expired": Evidence.SEEN_EXPIRED,
        }
        if name in answers:
            venue_id = f"X{words[1]}" if name == "ack" else ""
            return SendAnswered(
                ts_ns=ts_ns,
                order_id=order_id,
                outcome=answers[name],
                venue_order_id=venue_id,
                reason=reason,
            )
        if name in seen:
            triggered = name == "triggered"
            return OrderSeen(
                ts_ns=ts_ns, order_id=order_id, evidence=seen[name], triggered=triggered
            )
        if name == "modified":
            trigger = Price.of(words[2])
            return OrderModified(ts_ns=ts_ns, order_id=order_id, limit=trigger, trigger=trigger)
        if name in ("unmodified", "past"):
            return ModifyRefused(
                ts_ns=ts_ns, order_id=order_id, reason=reason or "no", is_past=name == "past"
            )
        assert name == "fill", name
        order = self.state.orders[order_id]
        fill = Fill(
            fill_id=words[2],
            order_id=order_id,
            tranche_id=order.tranche_id,
            symbol=order.symbol,
            side=order.side,
            price=Price.of(words[5]),
            quantity=Quantity(D(words[3])),
            ts_ns=ts_ns,
        )
        return Filled(ts_ns=ts_ns, fill=fill)


# Played on the simulated exchange.


class Script:
    """Signals, advice and commands of a written day, as a voice says them."""

    def __init__(self, rows: list[tuple[int, int, Event]]) -> None:
        self._rows = sorted(rows, key=lambda row: row[:2])

    def peek(self) -> tuple[int, int] | None:
        return self._rows[0][:2] if self._rows else None

    def speak(self) -> Event | None:
        return self._rows.pop(0)[2]

    def hear(self, effect: TrancheChanged, now_ns: int) -> None:
        pass


class Played:
    """A written day on the simulated exchange.

    `bars INFY 15` is followed by rows `09:15 open high low close [volume]`; a row `2025-03-04`
    turns to another day; other rows are `HH:MM` and what is said.
    """

    def __init__(
        self,
        text: str,
        *,
        risk: Given | None = None,
        execution: Given | None = None,
        conditions: Conditions | None = None,
        instruments: tuple[Instrument, ...] = (),
        capital: int = 1_000_000,
        every_bar: bool = False,
    ) -> None:
        self._bars: dict[str, tuple[int, list[list[float]]]] = {}
        self._said: list[tuple[int, int, Event]] = []
        self._read(text)
        known = {listed.symbol: listed for listed in instruments}
        listed = tuple(known.get(s, Instrument(symbol=s, tick=TICK)) for s in self._bars)
        self.story = Story()
        self.journal = NoJournal()
        bars = [_bars(symbol, *rows) for symbol, rows in self._bars.items()]
        setup = Setup(
            opening=DeskOpened(
                ts_ns=at(MONDAY, "08:00"),
                run_id="run",
                mode=Mode.BACKTEST,
                account="paper",
                epoch=0,
                capital=D(capital),
                settings=settings_of(risk or {}, execution or {}),
                instruments=listed,
                code_version="0",
                config_hash="0",
            ),
            signal_bars=bars,
            market_bars=bars,
            strategies=(),
            calendar=calendar(),
            tariff=tariff(),
            conditions=conditions or Conditions(latency_ms=0),
            dice=SplitMix(1),
            every_bar=every_bar,
        )
        self.world = build(setup, Script(self._said), self.journal, self.story.observe)
        self.world.feed(setup.opening)
        self.world.run()

    @property
    def state(self) -> DeskState:
        return self.world.state

    def _read(self, text: str) -> None:
        day, symbol, numbers = MONDAY, "", count(1)
        for words in rows_of(text):
            if words[0] == "bars":
                symbol = words[1]
                self._bars.setdefault(symbol, (int(words[2]), []))
            elif "-" in words[0]:
                day = date.fromisoformat(words[0])
            elif words[1][0].isdigit():
                ts_ns = at(day, words[0])
                self._bars[symbol][1].append([ts_ns, *map(float, words[1:])])
            else:
                self._say(words[1:], at(day, words[0]), numbers)

    def _say(self, words: list[str], ts_ns: int, numbers: Iterator[int]) -> None:
        if words[0] == "advise":
            event: Event = AdviceGiven(ts_ns=ts_ns, advice=(advice_of(words, ts_ns),))
            self._said.append((ts_ns, AT_ADVICE, event))
        elif words[0] == "command":
            self._said.append((ts_ns, AT_SIGNALS, command_of(words, ts_ns, numbers)))
        else:
            event = SignalsRaised(ts_ns=ts_ns, signals=(signal_of(words, ts_ns, numbers),))
            self._said.append((ts_ns, AT_SIGNALS, event))


def _bars(symbol: str, minutes: int, rows: list[list[float]]) -> Bars:
    table = np.array([row if len(row) == 6 else [*row, 1_000_000.0] for row in rows])
    return Bars(symbol, minutes * MINUTE, np.array([int(row[0]) for row in rows]), *table.T[1:])


def fed(text: str, **settings: Given) -> str:
    return Fed(**settings).play(text)  # type: ignore[arg-type]


def played(text: str, *, without: str = "", until: str = "24:00", **settings: object) -> str:
    day = Played(text, **settings)  # type: ignore[arg-type]
    return day.story.told(without=without, until=until)
