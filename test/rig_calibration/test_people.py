# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
from support.walked_rigs import camera_pose, see

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.rig_calibration.alignment import Alignment, Match
from pose_machine_ros.rig_calibration.people import find_people, place_cameras
from pose_machine_ros.rig_calibration.tracks import CameraTracks, Track


def edge(shift: float, frames: int, *matches: tuple[int, int]) -> Alignment:
    pose = RigidTransform(translation=np.array([shift, 0, 0]))
    matches = [Match(*m, frames, frames) for m in matches or [(0, 0)]]
    return Alignment(pose, 0.1 * shift, matches, 0.1)


def test_cameras_are_connected_by_the_alignments_that_agree_best() -> None:
    placed = place_cameras(4, {(0, 1): edge(1, 100), (0, 2): edge(50, 10), (1, 2): edge(2, 80),
                               (2, 3): edge(4, 90)})
    assert {i: p.pose.translation[0] for i, p in placed.items()} == {0: 0, 1: 1, 2: 3, 3: 7}
    assert placed[3].offset == 0.1 * (1 + 2 + 4)


def test_an_alignment_is_used_backwards_too() -> None:
    placed = place_cameras(3, {(0, 2): edge(5, 10), (1, 2): edge(2, 10)})
    assert placed[1].pose.translation[0] == 3


def test_a_camera_without_an_alignment_is_not_placed() -> None:
    assert place_cameras(3, {(0, 1): edge(1, 10)}).keys() == {0, 1}


def split(camera: CameraTracks, *times: float) -> CameraTracks:
    """Return the tracks of one person as those of several, who begin at `times`."""
    track, = camera.tracks
    parts = []
    for begin, end in zip((-np.inf, *times), (*times, np.inf)):
        rows = (track.times >= begin) & (track.times < end)
        parts.append(Track(f'{begin}', *(x[rows] for x in (
            track.times, track.rays, track.scores, track.joints))))
    return CameraTracks(camera.name, camera.frame_id, parts)


def test_parts_of_a_track_are_one_person() -> None:
    cameras = [see('a', camera_pose(0)), split(see('b', camera_pose(90)), 4, 8)]
    people = find_people(cameras, {(0, 1): edge(1, 50, (0, 0), (0, 1), (0, 2))})
    assert [len(p.tracks) for p in people] == [4]


def test_two_people_whom_a_camera_sees_at_once_stay_two() -> None:
    cameras = [see('a', camera_pose(0), (0, 1)), see('b', camera_pose(90))]
    links = Alignment(RigidTransform(), 0.0, [Match(0, 0, 100, 90), Match(1, 0, 20, 15)], 0.1)
    person, = find_people(cameras, {(0, 1): links})
    assert {(c, t.id) for c, t in person.tracks} == {(0, 'p0'), (1, 'p0')}


def test_a_person_whom_one_camera_sees_is_left_out() -> None:
    cameras = [see('a', camera_pose(0), (0, 1)), see('b', camera_pose(90))]
    assert len(find_people(cameras, {(0, 1): edge(1, 50)})) == 1
