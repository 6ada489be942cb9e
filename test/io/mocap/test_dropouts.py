# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support.marked_person import put_on

from pose_machine_ros.io.mocap.dropouts import longest_clean_run
from pose_machine_ros.io.mocap.plug_in_gait import MARKERS


@pytest.fixture
def markers():
    """Return the markers of a knee and an elbow that bend and stretch, (200, 39, 3)."""
    bend = 40 * (1 - np.cos(np.linspace(0, 2 * np.pi, 200)))
    return np.stack([put_on(b, b)[1] for b in bend])


def test_motion_is_not_a_fault(markers):
    assert longest_clean_run(markers, 100) == slice(0, 200)


def test_a_hidden_marker_ends_the_run(markers):
    markers[60:63, MARKERS.index('LKNE')] = np.nan
    markers[150, MARKERS.index('RTHI')] = np.nan  # no joint depends on it
    assert longest_clean_run(markers, 100) == slice(63, 200)


def test_swapped_labels_end_the_run_although_they_last_longer(markers):
    knee, toe = MARKERS.index('LKNE'), MARKERS.index('LTOE')
    markers[70:150, [knee, toe]] = markers[70:150, [toe, knee]]
    assert longest_clean_run(markers, 100) == slice(0, 70)


def test_a_jump_of_the_whole_person_ends_a_run(markers):
    markers[80:] += (0.3, 0, 0)
    assert longest_clean_run(markers, 100) == slice(80, 200)
    assert longest_clean_run(markers[:100], 100) == slice(0, 80)
    assert longest_clean_run(markers, 20) == slice(0, 200)  # 6 m/s


def test_a_marker_that_is_always_hidden_leaves_no_frame(markers):
    markers[:, MARKERS.index('CLAV')] = np.nan
    assert longest_clean_run(markers, 100) == slice(0)
