"""Chances of enrolling: calibrated, shrunken, honest about what was never tried."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pppdash.analysis.chances import FACTORS, estimate
from proofs.chances import WORLDS, reliability, tell

KIND = {
    "sector": "Energy",
    "size_band": "small",
    "prong": "wide_net",
    "is_member": False,
    "last_outcome": "none",
}


def contacts(count: int, enrolled: int, **kind: object) -> pd.DataFrame:
    frame = pd.DataFrame([{**KIND, **kind}] * count)
    return frame.assign(outcome=["enrolled"] * enrolled + ["no_answer"] * (count - enrolled))


def people(*kinds: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{**KIND, **kind} for kind in kinds])


def no_history() -> pd.DataFrame:
    return contacts(1, 0).iloc[:0]


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    return pd.concat([tell(WORLDS[2], seed).targets for seed in range(8)])


def test_calibrated_on_simulated_histories(told):
    bins = reliability(told)
    bins = bins[bins["targets"] >= 300]
    assert len(bins) >= 6
    assert (bins["predicted"] - bins["observed"]).abs().max() < 0.05
    assert bins["observed"].is_monotonic_increasing


def test_intervals_hold_the_true_chance(told):
    held = (told["low"] <= told["truth"]) & (told["truth"] <= told["high"])
    assert 0.92 <= held.mean() <= 1


def test_accounts_of_the_likeliest_come_as_expected():
    runs = [tell(WORLDS[1], seed) for seed in range(20)]
    assert sum(one.holds for one in runs) >= 17
    came, expected = sum(one.came for one in runs), sum(one.expected for one in runs)
    assert came == pytest.approx(expected, rel=0.1)


def test_without_a_history_everybody_has_the_stated_prior():
    asked = people({}, {"sector": "Dams"}, {"prong": "win_back", "last_outcome": "declined"})
    found = estimate(no_history(), asked)
    assert found.is_prior
    assert found.kinds["probability"].nunique() == 1
    assert found.kinds["probability"].iloc[0] == pytest.approx(0.10, abs=0.003)
    assert found.kinds["low"].to_numpy() == pytest.approx(0.002, abs=0.001)
    assert found.kinds["high"].to_numpy() == pytest.approx(0.50, abs=0.05)


def test_few_contacts_hardly_move_a_kind_and_many_do():
    many = [contacts(400, 40), contacts(400, 40, sector="Dams")]
    few = contacts(2, 2, sector="Chemical")
    asked = people({"sector": "Chemical"}, {})
    chance = estimate(pd.concat([*many, few]), asked).kinds.set_index("sector")["probability"]
    assert chance["Energy"] == pytest.approx(0.10, abs=0.01)
    assert 0.10 < chance["Chemical"] < 0.35
    often = contacts(200, 100, sector="Chemical")
    chance = estimate(pd.concat([*many, often]), asked).kinds.set_index("sector")["probability"]
    assert chance["Chemical"] == pytest.approx(0.5, abs=0.05)


def test_what_was_never_tried_is_like_the_whole_and_less_sure():
    history = pd.concat([contacts(300, 30), contacts(300, 60, prong="targeted")])
    found = estimate(history, people({}, {"prong": "win_back"})).kinds.set_index("prong")
    assert 0.08 < found.loc["win_back", "probability"] < 0.25
    width = found["high"] - found["low"]
    assert width["win_back"] > 2 * width["wide_net"]


def test_contacts_without_an_outcome_are_left_out_and_counted():
    history = pd.concat([contacts(100, 20), contacts(30, 0).assign(outcome=None)])
    found = estimate(history, people({}))
    assert (found.contacts, found.enrolled, found.left_out) == (100, 20, 30)
    assert found.kinds["probability"].iloc[0] == pytest.approx(0.2, abs=0.01)


def test_all_and_none_stay_within_0_and_1():
    for enrolled in (0, 50):
        kind = estimate(contacts(50, enrolled), people({})).kinds.iloc[0]
        assert 0 < kind["low"] < kind["probability"] < kind["high"] < 1


def test_same_seed_same_chances():
    history, asked = contacts(50, 5), people({}, {"sector": "Dams"})
    first, second = estimate(history, asked, 3), estimate(history, asked, 3)
    assert np.array_equal(first.draws, second.draws)
    assert first.expect(asked, 1) == second.expect(asked, 1)


def test_nobody_called_is_nobody_expected():
    asked = people({})
    found = estimate(no_history(), asked).expect(asked.iloc[:0], 0)
    assert (found.mean, found.low, found.high) == (0, 0, 0)


def test_a_kind_that_was_not_asked_for_has_no_chance():
    found = estimate(contacts(5, 1), people({}))
    with pytest.raises(KeyError, match="Dams"):
        found.kind_of(people({"sector": "Dams"}))
    assert list(found.kinds.columns[: len(FACTORS)]) == list(FACTORS)
