"""Outreach plans from a warehouse: who is asked, what is seen on a date, what is refused."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest

from pppdash.city import Outreach, load_outreach
from pppdash.errors import PlanError, UsageError
from pppdash.findings.outreach import plan_outreach
from pppdash.metrics.filters import Filters
from pppdash.warehouse.read import open_warehouse
from tests.helpers import AS_OF, little_city

# T3 is asked three times; T7's enrollment comes of a contact before its account.
CONTACTS = """\
contact_id,target_id,building_id,contacted_on,channel,prong,outcome,staff_hours
C1,T3,,2014-01-10,email,wide_net,no_answer,0.5
C2,T3,,2014-03-10,phone,targeted,interested,1
C3,T7,,2015-06-20,phone,targeted,enrolled,1
C4,,B3,2016-02-01,email,,declined,0.5
C5,T3,,2016-05-01,email,wide_net,declined,0.5
C6,T2,,2016-06-01,email,wide_net,,0.5
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    made = little_city(tmp_path_factory.mktemp("cities") / "contacts")
    made.write("outreach_contacts.csv", CONTACTS)
    made.set("sources.outreach_contacts", 'path = "outreach_contacts.csv"')
    made.set("settings.outreach", "setup_hours = 1.0")
    assert made.build().published
    return made


@pytest.fixture(scope="module")
def warehouse(city):
    with closing(open_warehouse(city.folder)) as opened:
        yield opened


def _history(warehouse, as_of):
    return warehouse.query("outreach_history", as_of=as_of).set_index("contact_id")


def _plan(warehouse, hours=20.0, as_of=AS_OF, settings=None, **chosen):
    return plan_outreach(warehouse, Filters(as_of, **chosen), hours, settings)


def test_contacts_after_the_date_are_unseen(warehouse):
    assert list(_history(warehouse, AS_OF).index) == ["C1", "C2", "C3", "C4", "C5", "C6"]
    assert list(_history(warehouse, date(2014, 3, 10)).index) == ["C1", "C2"]
    assert _plan(warehouse, as_of=date(2013, 1, 1)).chances.is_prior
    assert not _plan(warehouse).chances.is_prior


def test_an_enrollment_is_not_known_before_its_account(warehouse):
    assert _history(warehouse, date(2015, 6, 30))["outcome"].isna()["C3"]
    assert _history(warehouse, date(2015, 7, 1)).loc["C3", "outcome"] == "enrolled"


def test_the_contact_before_is_what_left_something_open(warehouse):
    last = _history(warehouse, AS_OF)["last_outcome"]
    assert last[["C1", "C2", "C5"]].tolist() == ["none", "no_answer", "interested"]
    assert last["C4"] == "none"  # names a building alone
    rows = _plan(warehouse).plan.targets.set_index("target_id")
    assert rows.loc["T3", "last_outcome"] == "declined"
    assert rows.loc["T2", "last_outcome"] == "none"  # asked, but nobody knows what came of it
    assert rows.loc["T7", "last_outcome"] == "none"  # enrolled, and ended since
    before = _plan(warehouse, as_of=date(2015, 12, 31)).plan.targets.set_index("target_id")
    assert before.loc["T3", "last_outcome"] == "interested"


def test_who_is_not_enrolled_is_called_and_who_went_quiet_is_won_back(warehouse):
    # T1 and T8 are active on the date; T4's account has gone quiet.
    prong = _plan(warehouse).plan.targets.set_index("target_id")["prong"]
    assert set(prong.index) == {"T2", "T3", "T4", "T5", "T6", "T7"}
    assert prong["T4"] == "win_back"
    assert prong["T5"] == "targeted"  # of 300 employees
    assert prong[["T2", "T3", "T6", "T7"]].eq("wide_net").all()


def test_settings_reach_the_plan(warehouse):
    settings = Outreach.model_validate(
        {
            "targeted": {"sectors": ["Energy"], "size_bands": []},
            "contact_hours": {"targeted": 3.0, "wide_net": 0.25},
            "weights": {"sectors": {"Energy": 4.0}, "size": 0, "shortfall": 0},
            "locked_out": ["T7"],
            "limits": [{"dimension": "area", "value": "1", "ceiling": 2}],
        }
    )
    rows = _plan(warehouse, settings=settings).plan.targets.set_index("target_id")
    assert "T7" not in rows.index
    assert rows.loc["T6", ["prong", "hours", "weight"]].tolist() == ["wide_net", 0.25, 1.0]
    energy = rows[rows["sector"] == "Energy"]
    assert energy[["prong", "hours", "weight"]].drop_duplicates().to_numpy().tolist() == [
        ["targeted", 3.0, 4.0]
    ]
    assert len(energy) == 1  # with T1, two of ward 1
    assert "sector × 4" in energy["reason"].iloc[0]


def test_areas_are_those_of_the_filters_layer_and_targets_of_their_part(warehouse):
    rows = _plan(warehouse, layer="ward", areas=("2",)).plan.targets
    assert set(rows["area_id"]) == {"2"}
    assert set(rows["target_id"]) == {"T4", "T5", "T6"}


def test_held_out_are_told_and_not_expected(sample):
    filters = Filters(sample.build.as_of, "side", ("central",))
    found = plan_outreach(sample, filters, 40.0, holdout_share=0.2, seed=3)
    held = found.plan.targets["is_holdout"].astype(bool)
    assert 0 < held.sum() < len(held)
    assert found.plan.targets["reason"].str.startswith("held out: do not call").equals(held)
    assert found.expected.mean == pytest.approx(found.plan.targets["probability"][~held].sum())
    assert found.expected.low <= found.expected.mean <= found.expected.high
    again = plan_outreach(sample, filters, 40.0, holdout_share=0.2, seed=3)
    assert again.plan.targets.equals(found.plan.targets)


def test_the_sample_s_plan_beats_both_by_hand_and_says_why(sample):
    found = plan_outreach(sample, Filters(sample.build.as_of, "side"), 60.0)
    assert found.plan.status == "optimal"
    assert all(found.plan.objective >= hand.objective for hand in found.plan.by_hand)
    assert found.plan.hours + found.plan.setup_hours <= 60
    reasons = found.plan.targets["reason"]
    assert reasons.str.match(r"(account gone quiet; )?chance \d+%.*; weight .*; worth ").all()


def test_who_owns_a_building_does_not_speak_for_its_tenants(sample):
    listed = sample.query("targets", **Filters(sample.build.as_of, "side").params())
    facts = listed[["target_id", "building_id", "role"]].merge(sample.query("target_facts"))
    managers = facts[facts["role"] == "manager"].set_index("building_id")["owner_id"]
    tenants = facts[facts["role"] == "tenant"]
    assert managers.notna().all()
    assert tenants["owner_id"].notna().any()  # of chains
    assert not (tenants["owner_id"] == tenants["building_id"].map(managers)).any()


def test_weights_all_zero(warehouse):
    nothing = {"membership": 0.0}
    settings = Outreach.model_validate({"weights": nothing})
    assert _plan(warehouse, settings=settings).plan.status == "optimal"  # nobody is a member
    sectors = dict.fromkeys(warehouse.build.sectors, 0.0)
    settings = Outreach.model_validate({"weights": {"sectors": sectors}})
    with pytest.raises(PlanError, match="All weights are zero"):
        _plan(warehouse, settings=settings)


def test_what_no_plan_can_follow_is_said(warehouse):
    with pytest.raises(PlanError, match=r"under one contact: the least.* is 1\.5 hours"):
        _plan(warehouse, hours=1.0)
    for hours in (0.0, -3.0):
        with pytest.raises(PlanError, match="budget"):
            _plan(warehouse, hours=hours)


def test_all_enrolled(warehouse):
    with pytest.raises(PlanError, match="All 2 targets are enrolled already"):
        _plan(warehouse, as_of=date(2016, 2, 1), layer="ward", areas=("3",))


def test_no_target_under_a_filter(warehouse):
    with pytest.raises(PlanError, match="There are no targets"):
        _plan(warehouse, sectors=("Dams",))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"weights": {"sectors": {"Enegry": 2.0}}}, "sector 'Enegry'; did you mean 'Energy'?"),
        ({"targeted": {"size_bands": ["lage"]}}, "size band 'lage'; did you mean 'large'?"),
        ({"setup_hours_of": {"9": 2.0}}, "no area '9'; there are Outside, 1, 2, 3."),
    ],
)
def test_names_that_do_not_exist_are_refused(warehouse, settings, said):
    with pytest.raises(UsageError, match=said.replace("?", r"\?")):
        _plan(warehouse, settings=Outreach.model_validate(settings))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("setup_hour = 2", "setup_hour: is not a known key; did you mean 'setup_hours'"),
        ("[weights]\nsiez = 1", "weights.siez: is not a known key; did you mean 'size'"),
        ("[contact_hours]\nwide_net = 0", "contact_hours.wide_net: Input should be greater than 0"),
        ("quick_win_share = 2", "quick_win_share: Input should be less than or equal to 1"),
        ("setup_hours", "is not valid TOML"),
    ],
)
def test_a_settings_file_is_read_strictly(tmp_path, text, said):
    file = tmp_path / "plan.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        load_outreach(file, Outreach())


def test_a_settings_file_says_only_what_differs(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_text("[weights]\nsize = 1\n[weights.sectors]\nDams = 3\n", encoding="utf-8")
    city = Outreach.model_validate({"setup_hours": 2, "weights": {"sectors": {"Energy": 2}}})
    found = load_outreach(file, city)
    assert (found.setup_hours, found.weights.size, found.weights.shortfall) == (2, 1, 0.5)
    assert found.weights.sectors == {"Energy": 2, "Dams": 3}
    with pytest.raises(UsageError, match="is not a file"):
        load_outreach(tmp_path / "none.toml", city)


def test_the_city_s_own_settings_hold_where_none_are_given(warehouse):
    assert warehouse.build.settings.outreach.setup_hours == 1
    assert _plan(warehouse, hours=1.5).plan.setup_hours == 1


def test_limits_are_kept(sample):
    settings = Outreach.model_validate(
        {
            "limits": [{"dimension": "size_band", "value": "large", "ceiling": 0}],
            "budgets": {"win_back": 2},
            "weights": {"distance": 1.0},
        }
    )
    filters = Filters(sample.build.as_of, "side")
    found = plan_outreach(sample, filters, 30.0, settings)
    assert not (found.plan.targets["size_band"] == "large").any()
    won = found.plan.targets.loc[found.plan.targets["prong"] == "win_back", "hours"].sum()
    assert won <= 2
    assert found.plan.targets["weight_distance"].nunique() > 1


def test_a_city_without_areas_or_accounts_has_plans_too(tmp_path):
    bare = little_city(tmp_path / "bare")
    bare.remove("areas.ward", "sources.accounts")
    assert bare.build().published
    with closing(open_warehouse(bare.folder)) as opened:
        found = plan_outreach(opened, Filters(AS_OF), 50.0)
    assert set(found.plan.targets["area_id"]) == {"Outside"}
    assert len(found.plan.targets) == 8
    said = " ".join(found.remarks)
    assert "Targets outside every area: 8." in said
    assert "there is nobody to win back" in said
    assert "Chances are a prior and no finding: 10% for everybody" in said
