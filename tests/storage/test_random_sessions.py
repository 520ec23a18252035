"""Sessions of the real engine, drawn from seeds, through the journal and into the tables."""

from contextlib import closing
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from a_day import STAMP
from tables_contract import ask, everything

from random_desk import RandomDesk
from tradego.domain.effects import DayReported, TradeClosed, TrancheChanged
from tradego.domain.lives import order_lives
from tradego.domain.money import ZERO
from tradego.domain.positions import DailyPortfolio, Trade, Tranche
from tradego.domain.times import iso
from tradego.storage.journal import decode_effects, decode_event, open_journal, read_journal
from tradego.storage.tables import Tables

pytestmark = pytest.mark.slow  # whole sessions, some in processes of their own

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tables_of_any_session_tell_what_the_engine_told(seed: int, file: Path) -> None:
    desk = RandomDesk(seed)
    desk.play()
    told = desk.journal.rows
    with open_journal(file, STAMP) as journal:
        for event, effects in told:
            journal.record(event, effects)
    with read_journal(file) as journal:
        read = [(decode_event(event), decode_effects(said)) for _, event, said in journal.read()]
    assert read == told

    with closing(Tables(file)) as tables:
        dice = Random(seed)
        cuts = sorted({0, *dice.sample(range(len(told)), min(9, len(told))), len(told)})
        for start, stop in pairwise(cuts):
            tables.project((n + 1, *told[n]) for n in range(start, stop))
        said = [effect for _, effects in told for effect in effects]
        trades = {e.trade.trade_id: e.trade for e in said if isinstance(e, TradeClosed)}
        tranches = {e.tranche.tranche_id: e.tranche for e in said if isinstance(e, TrancheChanged)}
        assert {trade.trade_id: trade for trade in tables.read(Trade)} == trades
        assert {held.tranche_id: held for held in tables.read(Tranche)} == tranches
        assert tables.read(DailyPortfolio) == [e.day for e in said if isinstance(e, DayReported)]
        [row] = ask(file, "SELECT COALESCE(SUM(net_pnl_paise), 0) AS paise FROM trades")
        assert row["paise"] == sum((trade.net_pnl for trade in trades.values()), ZERO) * 100
        _check_lives(file, desk)

        assert tables.verify() == []
        row_by_row = everything(file)
        tables.rebuild()
        assert everything(file) == row_by_row


def _check_lives(file: Path, desk: RandomDesk) -> None:
    """Two folds of the journal, written apart, tell the same lives."""
    states: dict[str, list[tuple[str, str]]] = {}
    for row in ask(file, "SELECT order_id, time, state FROM order_states ORDER BY seq, place"):
        life = states.setdefault(row["order_id"], [])
        if not life or life[-1][1] != row["state"]:
            life.append((row["time"], row["state"]))
    assert states == {
        life.order.order_id: [(iso(at), state.value) for at, state in life.states]
        for life in order_lives(desk.journal.rows)
    }
