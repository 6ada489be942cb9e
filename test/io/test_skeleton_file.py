# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons of a video in an NPZ file: one row per person and frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from support.people import skeleton

from pose_machine_ros.io.skeleton_file import SkeletonFile
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17


def test_a_row_is_a_person_in_a_frame(tmp_path: Path) -> None:
    file, p1 = SkeletonFile(), skeleton('p1', stature=1.6, stature_sigma=0.1)
    p2 = skeleton('p2', reprojection_px=7.0)
    for stamp_ns, people in ((0, [p1]), (40, []), (80, [p1, p2])):
        file.add(stamp_ns, people)
    file.write(tmp_path / 'out')
    with np.load(tmp_path / 'out.npz', allow_pickle=False) as content:
        assert content['stamps_ns'].tolist() == [0, 40, 80]
        assert content['ids'].tolist() == ['p1', 'p1', 'p2']
        assert content['frame'].tolist() == [0, 2, 2]
        assert content['joints'].tolist() == list(HUMAN36M_17.names)
        assert content['keypoints'].tolist() == list(COCO_17.names)
        np.testing.assert_array_equal(content['xyz'][2], p2.xyz)
        np.testing.assert_array_equal(content['uv'][2], p2.keypoints)
        np.testing.assert_array_equal(content['score'][2], p2.joint_scores)
        assert content['reprojection_px'].tolist() == [4.5, 4.5, 7.0]
        for name, value in (('stature', 1.6), ('stature_sigma', 0.1)):
            np.testing.assert_allclose(content[name], [value, value, np.nan])


def test_lost_people_are_left_out(tmp_path: Path) -> None:
    file = SkeletonFile()
    file.add(0, [skeleton('p1', state=TrackingState.LOST)])
    file.write(tmp_path / 'out.npz')
    with np.load(tmp_path / 'out.npz', allow_pickle=False) as content:
        assert content['ids'].shape == (0,) and content['xyz'].shape == (0, 17, 3)
        assert content['stamps_ns'].tolist() == [0]
