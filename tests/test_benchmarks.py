"""The arithmetic and the writing of the benchmarks; what they measure is no test."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice

import pytest

from benchmarks import plans, report
from benchmarks.maps import LIMITS, SMALL, page
from benchmarks.report import Column
from benchmarks.usage import measured
from benchmarks.walk import HEIGHT, WIDTH, asked, walk
from pppdash.analysis.outreach import Stop
from pppdash.metrics.viewport import CELL_PX
from pppdash.metrics.world import WORLD_BITS, world
from proofs.outreach_problems import large


def test_a_ratio_is_that_of_the_medians():
    assert report.ratio_of_medians([3.0, 100.0, 2.0], [2.0, 1.0, 2.0]) == 1.5
    assert report.ratio_of_medians([], [1.0]) is None
    assert report.ratio_of_medians([1.0], []) is None


def test_a_quantile_is_one_of_the_values():
    values = [float(n) for n in range(1, 101)]
    assert report.quantile(values, 0.95) == 95
    assert report.quantile(values, 0.5) == 50
    assert report.quantile(values, 0) == 1
    assert report.quantile([7.0], 0.95) == 7
    with pytest.raises(ValueError, match="needs values"):
        report.quantile([], 0.5)


def test_the_spread_is_that_of_the_middle_half():
    assert report.spread([10, 10, 10, 1_000]) == 0
    assert report.spread([10, 20, 30, 40]) == pytest.approx(20 / 25)


@pytest.mark.parametrize(
    ("write", "value", "written"),
    [
        (report.milliseconds, 149.6, "150 ms"),
        (report.milliseconds, -12.0, "-12 ms"),
        (report.milliseconds, 16_240.0, "16.2 s"),
        (report.size, 39_960.0, "40.0 kB"),
        (report.size, 1_450_000_000.0, "1,450.0 MB"),
        (report.times, 1.484, "1.48"),
        (report.times, 16.4, "16"),
        (report.size, None, report.NONE),
    ],
)
def test_figures_bear_their_unit(write, value, written):
    assert write(value) == written


def test_a_limit_is_judged_by_the_figure_not_by_what_is_written():
    assert report.judged("1.50", 1.5, 1.5) == "1.50 (pass)"
    assert report.judged("1.50", 1.504, 1.5) == "1.50 (**MISS**, ≤ 1.5)"
    assert report.judged("9.9", 9.9, 10, at_least=True) == "9.9 (**MISS**, ≥ 10)"
    assert report.judged("12", 12, 10, at_least=True) == "12 (pass)"
    assert report.judged("–", None, 10) == "–"
    assert report.judged("3 ms", 3, None) == "3 ms"


def test_what_spreads_is_called_noisy():
    column = Column("map")
    column.add("steady", 100, 101, 99, 100)
    column.add("jumpy", 100, 200, 50, 400)
    column.add("too few to say", 1, 100)
    assert [line.split(":")[0] for line in report.noisy([column])] == ["map, jumpy"]


def test_the_page_judges_our_map_against_its_limits_and_no_other():
    ours, rival = Column("pppdash, 10 thousand"), Column("one marker each, 10 thousand")
    for column, drawn in ((ours, 1_500.0), (rival, 16_000.0)):
        column.add("map drawn", drawn)
        column.add("whole page", drawn)
        column.add("blank page", 1_000.0)
        column.add("zoom to redrawn", 720.0)
    text = page("head", {SMALL: ours}, [ours, rival])
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines()}
    assert "| 1.50 (pass) | 16 |" in rows["whole page ÷ blank page"]
    assert "| – | 11 (pass) |" in rows["map drawn ÷ pppdash of that size"]
    assert LIMITS[SMALL].beyond_ms < 220
    assert "| 220 ms (**MISS**, ≤ 200) | 220 ms |" in rows["– beyond 500 ms"]
    assert "build" not in rows, "nothing was built, and nothing is said of it"


def test_plans_are_timed_and_judged_where_that_is_wanted():
    wanted = plans.Wanted(300, 0.001, 30.0, None)
    run = plans.timed(large(300, 6), Stop())
    median, worst, gap, proven = plans.cells([run, run], wanted, wanted.gap)
    assert median.endswith(" s (pass)")
    assert worst.endswith(" s")
    assert gap.endswith("%")
    assert proven == "2 of 2"


def test_views_are_asked_for_as_the_map_asks():
    box, level = asked(-87.65, 41.85, 12)
    x, y = world(-87.65, 41.85)
    assert box[0] < x < box[2]
    assert box[1] < y < box[3]
    units = 2 ** (20 - 12)
    assert box[2] - box[0] == pytest.approx(1.24 * WIDTH * units, abs=1)
    assert box[3] - box[1] == pytest.approx(1.24 * HEIGHT * units, abs=1)
    assert CELL_PX <= 2 ** (WORLD_BITS - level) / units < 2 * CELL_PX


def test_a_walk_can_be_walked_again_and_never_stands_still():
    points = [(-87.65, 41.85), (-87.7, 41.9)]
    steps = list(islice(walk(points, 3), 40))
    assert steps == list(islice(walk(points, 3), 40))
    assert len({json.dumps(step) for step in steps}) == 40


def test_a_commands_memory_is_its_own():
    """Not that of the process that started it, as a plain fork would count."""
    weight = bytearray(b"x" * 300_000_000)
    seconds, peak = measured([sys.executable, "-c", "import time; time.sleep(0.1)"])
    assert seconds >= 0.1
    assert peak < 100e6 < len(weight)
    _, peak = measured([sys.executable, "-c", "x = bytearray(b'x' * 200_000_000)"])
    assert peak > 200e6
    with pytest.raises(subprocess.CalledProcessError):
        measured([sys.executable, "-c", "raise SystemExit(3)"])
