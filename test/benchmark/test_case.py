# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pytest

from pose_machine_ros.benchmark.case import ARRANGEMENTS, Case, cases
from pose_machine_ros.errors import InputError


def test_all_combinations_are_measured_once():
    found = cases([None, 1, 10], [1, 2], [(640, 480), (1280, 720)])
    assert len(set(found)) == len(found) == 12
    assert {c.footage for c in found} == {'as filmed', 'montage of 1', 'montage of 10'}


def test_only_several_cameras_have_arrangements():
    found = cases([1], [1, 2], [(640, 480)], compare_arrangements=True)
    assert [c.arrangement for c in found if c.cameras == 2] == list(ARRANGEMENTS)
    assert len(found) == 1 + len(ARRANGEMENTS)


@pytest.mark.parametrize('given, complaint', [
    ({'people': 0}, 'people = 0 must be from 1'), ({'cameras': -1}, 'cameras = -1 must be from 1'),
    ({'size': (1280, 1)}, 'size = 1280x1 px must have sides from 64'),
    ({'arrangement': 'a cloud'}, 'choose one of one process')])
def test_what_cannot_be_measured_is_refused(given, complaint):
    with pytest.raises(InputError, match=complaint):
        Case(**{'people': 1, **given})
