# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Several cameras, one skeleton a person, in the world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.rigs import person_at, pose_around, seen_from

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.fusion.machine import FusedPoseMachine, FusedSkeleton
from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Space, TrackingState

FRAME = 33_333_333  # ns
POSES = {name: pose_around(angle) for name, angle in (('a', 0), ('b', 80), ('c', 200), ('d', 290))}


def view(camera: str, frame: int, *people: np.ndarray, names: tuple[str, ...] = (),
         size: float = 1.0, pose: RigidTransform | None = None, shift: np.ndarray = np.zeros(3)
         ) -> View:
    """Return what a camera sees of people (17, 3) who it takes to be `size` times as large.

    It reports `pose`; `shift` is an error of the joints along x, y, z of the camera, metres.
    """
    true = POSES[camera]
    skeletons = []
    for i, joints in enumerate(people):
        seen = seen_from(true, joints, names[i] if names else f'p{i}')
        xyz = (seen.xyz * size + shift).astype(np.float32)
        along = xyz * (seen.stature_sigma / seen.stature)
        covariance = 0.04 ** 2 * np.eye(3) + along[:, :, None] * along[:, None]
        skeletons.append(replace(seen, xyz=xyz, covariance=covariance.astype(np.float32)))
    return View(camera, frame * FRAME, pose or true, skeletons)


def walker(frame: int, start: tuple[float, float] = (-0.5, 0.0), speed: float = 1.2) -> np.ndarray:
    return person_at(start[0] + speed * frame * FRAME * 1e-9, start[1])


def seen(result: list[FusedSkeleton]) -> list[FusedSkeleton]:
    return [f for f in result if f.skeleton.state.is_seen]


def error(fused: FusedSkeleton, truth: np.ndarray) -> float:
    """Return the mean error of the joints, metres."""
    return float(np.linalg.norm(fused.skeleton.xyz - truth, axis=-1).mean())


def test_the_answer_for_one_camera_is_its_own() -> None:
    machine = FusedPoseMachine()
    for frame in range(5):
        given = view('a', frame, walker(frame), size=1.07)
        fused, = machine.step([given])
        own, = given.skeletons
        np.testing.assert_allclose(fused.skeleton.xyz, POSES['a'].apply(own.xyz), atol=1e-5)
        added = POSES['a'].rotate_covariance(own.covariance) + 1e-4 * np.eye(3)
        np.testing.assert_allclose(fused.skeleton.covariance, added, rtol=1e-3, atol=1e-5)
        assert fused.skeleton.space == Space.WORLD_METRIC and fused.seen_by == ('a',)
        assert fused.skeleton.stature == pytest.approx(own.stature)


@pytest.mark.parametrize('cameras', ['ab', 'abc', 'abcd'])
def test_cameras_find_size_and_place_that_none_knows(cameras: str) -> None:
    machine = FusedPoseMachine()
    for frame in range(15):
        truth = walker(frame)
        fused, = machine.step([view(c, frame, truth, size=1.1) for c in cameras])
        if frame:
            assert error(fused, truth) < 0.01
    assert fused.seen_by == tuple(cameras)
    assert fused.skeleton.stature == pytest.approx(1.7 / 1.1, abs=0.02)
    assert fused.skeleton.stature_sigma < 0.05
    np.testing.assert_allclose(fused.skeleton.velocity[0], (1.2, 0, 0), atol=0.05)


def test_more_cameras_are_more_certain() -> None:
    sigmas = []
    for cameras in ('a', 'ab', 'abc', 'abcd'):
        machine = FusedPoseMachine()
        for frame in range(5):
            fused, = machine.step([view(c, frame, person_at(0, 0)) for c in cameras])
        sigmas.append(np.sqrt(np.trace(fused.skeleton.covariance, axis1=1, axis2=2)).mean())
    assert sigmas == sorted(sigmas, reverse=True) and sigmas[1] < sigmas[0] / 3


def test_another_world_frame_turns_the_result() -> None:
    turn = RigidTransform(Rotation.from_euler('xyz', (0.3, -0.5, 2)).as_matrix(),
                          np.array((3.0, -2, 1)))
    machines = FusedPoseMachine(), FusedPoseMachine()
    for frame in range(6):
        views = [view(c, frame, walker(frame), size=1.05, shift=np.array((0.02, 0, 0.1)))
                 for c in 'ab']
        first, = machines[0].step(views)
        second, = machines[1].step([replace(v, pose=turn @ v.pose) for v in views])
        np.testing.assert_allclose(
            second.skeleton.xyz, turn.apply(first.skeleton.xyz), atol=1e-4)
        np.testing.assert_allclose(second.skeleton.covariance, turn.rotate_covariance(
            first.skeleton.covariance), atol=1e-5)


def test_the_order_of_the_cameras_does_not_matter() -> None:
    results = []
    for cameras in ('abc', 'cab'):
        machine = FusedPoseMachine()
        for frame in range(6):
            fused = machine.step([view(c, frame, walker(frame), size=1.05) for c in cameras])
        results.append(fused[0].skeleton.xyz)
    np.testing.assert_allclose(*results, atol=1e-4)


def test_people_keep_their_ids_while_they_pass_each_other() -> None:
    machine = FusedPoseMachine()
    for frame in range(60):
        people = (person_at(-1 + frame / 30, 0.25), person_at(1 - frame / 30, -0.25))
        # Camera b takes them for each other at half time, when they overlap in its image
        names = {'a': ('p0', 'p1'), 'b': ('p0', 'p1') if frame < 30 else ('p1', 'p0'),
                 'c': ('p0', 'p1')}
        result = machine.step([view(c, frame, *people, names=names[c], size=1.05)
                               for c in 'abc'])
        found = {f.skeleton.id: f for f in result}
        assert found.keys() == {'p1', 'p2'}
        if frame > 2:
            assert max(error(found['p1'], people[0]), error(found['p2'], people[1])) < 0.05


def test_people_whom_different_cameras_see_first_become_one() -> None:
    machine = FusedPoseMachine()
    for frame in range(10):
        people = person_at(0, 0), person_at(1.5, 1)
        views = [view('a', frame, people[0])]
        if frame > 3:
            views = [view('a', frame, *people), view('b', frame, *people[::-1])]
        result = machine.step(views)
    assert len(seen(result)) == 2 and all(f.seen_by == ('a', 'b') for f in seen(result))


def test_a_camera_that_stops_leaves_no_step() -> None:
    machine, before = FusedPoseMachine(), None
    for frame in range(40):
        truth = walker(frame, speed=0.6)
        cameras = 'ab' if frame < 15 else 'a'
        fused, = machine.step([view(c, frame, truth, size=1.1, shift=np.array((0, 0.03, 0.1)))
                               for c in cameras])
        moved = fused.skeleton.xyz - truth
        if frame > 5:
            assert np.linalg.norm(moved - before, axis=-1).max() < 0.03
        before = moved
    assert fused.seen_by == ('a',) and fused.skeleton.state == TrackingState.TRACKED


def test_a_person_whom_nobody_sees_is_predicted_and_then_lost_once() -> None:
    machine = FusedPoseMachine()
    for frame in range(5):
        machine.step([view(c, frame, person_at(0, 0)) for c in 'ab'])
    states = []
    for frame in range(5, 45):
        states += [f.skeleton.state for f in machine.step([view(c, frame) for c in 'ab'])]
    assert set(states[:-1]) == {TrackingState.PREDICTED} and len(states) > 25
    assert states[-1] == TrackingState.LOST
    again, = machine.step([view('a', 50, person_at(0, 0))])
    assert again.skeleton.id == 'p2' and again.skeleton.state == TrackingState.NEW


def test_a_reset_reports_people_as_lost() -> None:
    machine = FusedPoseMachine()
    machine.step([view('a', 0, person_at(0, 0))])
    machine.reset()
    states = {f.skeleton.id: f.skeleton.state for f in machine.step([view('a', 0, walker(0))])}
    assert states == {'p1': TrackingState.LOST, 'p2': TrackingState.NEW}


@pytest.mark.parametrize('lag', [1, 2, 3])
def test_a_camera_that_lags_behind_still_helps(lag: int) -> None:
    machine, errors = FusedPoseMachine(), []
    for frame in range(lag, 40):
        fused, = machine.step([view('a', frame, walker(frame), size=1.1),
                               view('b', frame - lag, walker(frame - lag), size=1.1)])
        errors.append(error(fused, walker(frame)))
    assert np.mean(errors[15:]) < 0.02


def test_cameras_that_are_not_synchronised_agree() -> None:
    machine, errors = FusedPoseMachine(), []
    for frame in range(40):
        late = replace(view('b', frame, walker(frame + 0.5)), stamp_ns=int((frame + 0.5) * FRAME))
        fused, = machine.step([view('a', frame, walker(frame)), late])
        errors.append(error(fused, walker(frame + 0.5)))
    assert np.mean(errors[10:]) < 0.015


@pytest.mark.parametrize('rate, lag', [(6, 0), (5, 0), (3, 0), (30, 3), (30, 6), (15, 6)])
def test_a_slow_camera_that_joins_later_gives_the_distance(rate: int, lag: int) -> None:
    """The first camera is wrong by a tenth of the distance, which is no motion."""
    machine, errors = FusedPoseMachine(), []
    for frame in range(90):
        views = [view('a', frame, walker(frame, speed=0.3), size=1.1)]
        if frame >= 30 and frame % (30 // rate) == 0:
            views.append(view('b', frame - lag, walker(frame - lag, speed=0.3), size=1.1))
        fused, = machine.step(views)
        errors.append(error(fused, walker(frame, speed=0.3)))
    assert max(errors[:29]) > 0.2 > 0.06 > max(errors[45:])
    assert fused.skeleton.id == 'p1'


def test_a_camera_at_60_hz_waits_for_one_that_lags() -> None:
    machine, half = FusedPoseMachine(), FRAME // 2
    for index in range(60):
        fast, late = index / 2, index / 2 - 6
        views = [replace(view('a', 0, walker(fast), size=1.1), stamp_ns=10**9 + index * half)]
        if late >= 0:
            views.append(replace(view('b', 0, walker(late), size=1.1),
                                 stamp_ns=10**9 + (index - 12) * half))
        fused, = machine.step(views)
    assert fused.seen_by == ('a', 'b') and error(fused, walker(fast)) < 0.02


def test_a_stature_of_zero_is_not_known() -> None:
    given = view('a', 0, person_at(0, 0))
    zero = [replace(s, stature=0.0, stature_sigma=0.0) for s in given.skeletons]
    fused, = FusedPoseMachine().step([replace(given, skeletons=zero)])
    assert fused.skeleton.stature == pytest.approx(1.7) and fused.skeleton.stature_sigma > 0.05


@pytest.mark.parametrize('degrees', [3, 6, 10])
def test_the_camera_that_looks_elsewhere_than_its_pose_says_has_the_largest_error(
        degrees: float) -> None:
    turn = Rotation.from_euler('z', degrees, degrees=True).as_matrix()
    wrong = RigidTransform(turn @ POSES['c'].rotation, POSES['c'].translation)
    machine = FusedPoseMachine()
    for frame in range(30):
        machine.step([view(c, frame, walker(frame), pose=wrong if c == 'c' else None)
                      for c in 'abcd'])
    errors = machine.residuals()
    assert errors['c'] > 3 > max(errors[c] for c in 'abd')


def test_a_guessed_focal_length_counts_less() -> None:
    errors = []
    for calibrated in (True, False):
        machine = FusedPoseMachine()
        for frame in range(5):
            wrong = replace(view('b', frame, person_at(0.1, 0.1)), calibrated=calibrated)
            fused, = machine.step([view('a', frame, person_at(0, 0)),
                                   view('c', frame, person_at(0, 0)), wrong])
        errors.append(error(fused, person_at(0, 0)))
    assert errors[1] < 0.7 * errors[0]


def test_joints_that_no_camera_knows_have_no_score() -> None:
    machine = FusedPoseMachine()
    for frame in range(5):
        views = []
        for camera in 'ab':
            given = view(camera, frame, person_at(0, 0))
            own, = given.skeletons
            xyz, keypoints, rays = own.xyz.copy(), own.keypoints.copy(), own.rays.copy()
            xyz[3], keypoints[16], rays[16] = np.nan, (np.nan, np.nan, 0), np.nan  # right ankle
            views.append(replace(given, skeletons=[
                replace(own, xyz=xyz, keypoints=keypoints, rays=rays)]))
        fused, = machine.step(views)
    scores = fused.skeleton.joint_scores
    assert scores[3] == 0 and (scores[[1, 2, 4, 5, 6]] > 0.3).all()
    assert np.isfinite(fused.skeleton.xyz).all()


@pytest.mark.parametrize('views, fragment', [
    ([], 'no view'),
    ([view('a', 3, walker(0)), view('a', 4, walker(0))], "two views are of the camera 'a'"),
    ([view('a', 0, walker(0))], "stamp of camera 'a' does not increase")])
def test_views_that_cannot_be_used_are_refused(views: list[View], fragment: str) -> None:
    machine = FusedPoseMachine()
    machine.step([view('a', 1, walker(0))])
    with pytest.raises(InputError, match=fragment):
        machine.step(views)
