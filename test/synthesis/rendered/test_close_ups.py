# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support import captured
from support.stick_body import stick_body

from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.synthesis.rendered import close_ups
from pose_machine_ros.synthesis.rendered.person import Person
from pose_machine_ros.synthesis.rendered.stage import Stage
from pose_machine_ros.synthesis.rendered.viewpoint import project, sample_viewpoint


@pytest.fixture(scope='module')
def views():
    joints = np.repeat(captured.standing().astype(float)[None], 4, 0)
    joints += 0.1 * np.arange(4)[:, None, None] * np.array((1.0, 0, 0))
    posed = Person(*stick_body(), np.random.default_rng(0)).pose(joints)
    out = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        viewpoint = sample_viewpoint(posed, rng)
        out.append((posed, viewpoint, close_ups.around(posed, viewpoint, rng)))
    return out


def test_the_person_lies_in_the_region_that_the_tracker_would_crop(views):
    inside = []
    for posed, viewpoint, ups in views:
        matrices = ups.matrices() @ viewpoint.intrinsics
        pixels = project(viewpoint.seen(posed.keypoints), matrices)
        for points, region, seen in zip(pixels, ups.regions(), viewpoint.inside(posed.keypoints)):
            u, v, side, turn = region
            local = (points[seen] - (u, v)) @ crops.axes(turn) / side
            inside.append((np.abs(local) < 0.5).all(-1).mean())
            assert np.ptp(local, axis=0).max() > 0.6, 'the region is not too large'
    assert np.mean(inside) > 0.98


def test_a_turned_region_lies_in_its_picture(views):
    for _, _, ups in views:
        for u, v, side, turn in ups.regions():
            corners = (u, v) + side / 2 * np.array(
                ((-1, -1), (1, -1), (1, 1), (-1, 1))) @ crops.axes(turn).T
            assert (corners > -1).all() and (corners < close_ups.SIZE).all()


def test_the_stage_holds_all_close_ups(views):
    for _, _, ups in views:
        stage = Stage.of(ups)
        size = close_ups.SIZE
        corners = np.array(((0, 0, 1), (size - 1, 0, 1), (0, size - 1, 1), (size - 1, size - 1, 1)))
        on_stage = corners @ np.swapaxes(np.linalg.inv(stage.close_ups), -1, -2)
        assert (on_stage[..., :2] > -1).all()
        assert (on_stage[..., :2] < np.array(stage.size) + 1).all()


def test_what_is_cut_from_the_stage_is_put_back_to_the_same_place(views):
    for _, _, ups in views[:5]:
        stage = Stage.of(ups)
        spot = np.zeros((close_ups.SIZE, close_ups.SIZE), np.float32)
        spot[150:190, 220:240] = 1
        for frame in range(4):
            back = stage.cut(stage.put(spot, frame), frame)
            assert back[160:180, 225:235].min() > 0.9
            back[140:200, 210:250] = 0
            assert back.max() < 0.1
