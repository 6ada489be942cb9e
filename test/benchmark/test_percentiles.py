# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st
import pytest

from pose_machine_ros.benchmark.percentiles import NAMES, percentiles


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=300))
def test_percentiles_rise_up_to_the_maximum(ms):
    found = [percentiles(ms)[name] for name in NAMES]
    assert found == sorted(found)
    assert found[-1] == pytest.approx(max(ms), abs=1e-3)
