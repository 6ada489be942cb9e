# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from support.benchmark_runs import case, run

from pose_machine_ros.benchmark.plot import growth


def test_growth_is_over_cases_that_differ_in_one_thing_only():
    quiet = run(cases=[case(5, ms=50.0), case(1), case(2, ms=20.0), case(None), case(2, 2),
                       case(2, 2, arrangement='a process each'), case(2, size='640x480'),
                       case(1, size='640x480'), case(10, is_paced=True)])
    busy = run(beside=1, cases=[case(1), case(10)])
    assert [r['people'] for r in growth([quiet, busy], 'people')] == [1, 2, 5]
    assert [r['cameras'] for r in growth([quiet, busy], 'cameras')] == [1, 2]
    assert [r['size'] for r in growth([quiet, busy], 'megapixels')] == ['640x480', '1280x720']


def test_without_cases_there_is_no_growth():
    assert growth([run()], 'people') == []
