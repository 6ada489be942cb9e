# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import psutil
import pytest

from pose_machine_ros.benchmark.busy_loops import busy_loops
from pose_machine_ros.errors import InputError


def test_busy_loops_run_in_the_block_only():
    with pytest.raises(ZeroDivisionError), busy_loops(2) as pids:
        assert [psutil.Process(pid).nice() for pid in pids] == [psutil.Process().nice()] * 2
        raise ZeroDivisionError
    assert len(pids) == 2 and not any(map(psutil.pid_exists, pids))


def test_a_negative_number_is_refused():
    with pytest.raises(InputError, match='beside = -1'), busy_loops(-1):
        pass
