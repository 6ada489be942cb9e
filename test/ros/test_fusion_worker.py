# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the fusion gets of the results of pose nodes, and what is published and complained about."""

from __future__ import annotations

from collections.abc import Iterator
import time

import numpy as np
import pytest
import rclpy
from rclpy.node import Node
from rclpy.serialization import serialize_message
from support.fused import MachineStandIn
from support.people import header
from support.rigs import CAMERA, person_at, pose_around, seen_from

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.fusion.rounds import Rounds
from pose_machine_ros.pose import Skeleton, Space
from pose_machine_ros.ros.conversions.camera_results import from_message, moved
from pose_machine_ros.ros.conversions.skeletons import camera_message, skeletons_message
from pose_machine_ros.ros.fusion_worker import FusionWorker
from pose_machine_ros.ros.health.complaints import Complaints
from pose_machine_ros.ros.health.statistics import FrameStatistics
from pose_machine_ros.ros.input.skeleton_inbox import SkeletonInbox
from pose_machine_ros.ros.output.output import FrameResult

POSES = {f'{name}_eye': pose_around(angle) for name, angle in
         (('left', 0), ('right', 90), ('back', 200))}
PERSON = person_at(0.3, -0.2)


class Poses:
    """Poses of cameras, of which some may be unknown."""

    def __init__(self) -> None:
        self.known = dict(POSES)

    def pose(self, result: object) -> RigidTransform:
        if result.camera not in self.known:
            raise InputError(f'TF does not connect {result.camera} with map')
        return self.known[result.camera]

    def stamp_ns(self, result: object) -> int:
        if result.stamp_ns < 10**9:
            raise InputError('before time 0')
        return result.stamp_ns


class Outputs:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.results: list[FrameResult] = []
        self.clears = 0

    def publish(self, result: FrameResult) -> None:
        self.results.append(result)

    def clear(self) -> None:
        self.clears += 1


class Bench:
    """A worker whose thread does not run: the test gives it the messages."""

    def __init__(self, node: Node) -> None:
        self.machine, self.poses, self.outputs = MachineStandIn(), Poses(), Outputs()
        self.inbox = SkeletonInbox()
        self.inbox.open(lambda: round(self.now * 1e9))
        self.inbox.is_wanted = True
        self.complaints = Complaints(node.get_logger())
        self.statistics = FrameStatistics('test')
        self.now = 1000.0
        self.worker = FusionWorker(
            node, self.machine, self.inbox, self.poses, Rounds(), 'map', self.outputs,
            self.statistics, self.complaints)

    def give(self, *names: str, stamp: float | None = None, **changes: object) -> None:
        """Deliver a result of each camera, whose topic is that of its name, for one moment."""
        self.now += 0.033
        for name in names:
            self.inbox.put(f'/{name}/skeletons', serialize_message(
                message(name, self.now if stamp is None else stamp, **changes)))
        self.process()

    def process(self) -> None:
        self.worker._process(self.inbox.get(0))

    def wait(self) -> None:
        """Let the open round end."""
        time.sleep(0.025)
        self.worker._process([])

    def about(self, name: str) -> str:
        return '; '.join(self.complaints.about(f'/{name}/skeletons'))


def message(name: str, seconds: float, *, camera: str = '', frame: str = '',
            people: list[Skeleton] | None = None, calibrated: bool = True) -> object:
    """Return the message of the pose node of a camera, optionally in another frame."""
    camera = camera or f'{name}_eye'
    pose = POSES[f'{name}_eye']
    people = [seen_from(pose, PERSON)] if people is None else people
    in_frame = RigidTransform()
    if frame:
        in_frame = pose_around(33)  # of the optical frame in `frame`
        people = [moved(p, in_frame, Space.WORLD_METRIC) for p in people]
    lens = CAMERA if calibrated else type(CAMERA).from_fov(CAMERA.width, CAMERA.height)
    view = camera_message(header(seconds, camera), lens, in_frame)
    return skeletons_message(people, header(seconds, frame or camera), [view], 10**7)


@pytest.fixture
def bench(ros: None) -> Iterator[Bench]:
    node = rclpy.create_node('fusion')
    yield Bench(node)
    node.destroy_node()


def test_views_of_one_moment_are_one_result(bench: Bench) -> None:
    bench.give('left')  # alone, since the others are not known yet
    bench.give('left', 'right', 'back')
    bench.give('left', 'right', 'back')
    views = bench.machine.rounds[-1]
    assert {v.camera for v in views} == set(POSES) and len({v.stamp_ns for v in views}) == 1
    result = bench.outputs.results[-1]
    assert result.header == header(bench.now, 'map')
    assert {c.header.frame_id for c in result.cameras} == set(POSES)
    assert all(c.header.stamp == result.header.stamp and c.calibrated for c in result.cameras)
    assert all((c.width, c.height) == (1280, 720) for c in result.cameras)
    for camera in result.cameras:
        place = camera.pose.position
        np.testing.assert_allclose((place.x, place.y, place.z),
                                   POSES[camera.header.frame_id].translation, atol=1e-9)
    person, = result.skeletons
    np.testing.assert_allclose(person.xyz, PERSON, atol=1e-4)
    assert [sorted(numbers) for numbers in result.seen_by] == [[0, 1, 2]]
    assert len(bench.outputs.results) == 3


def test_a_camera_that_stopped_is_no_longer_among_the_cameras(bench: Bench) -> None:
    for _ in range(3):
        bench.give('left', 'right')
    for _ in range(17):
        bench.give('left')
        bench.wait()
    assert [c.header.frame_id for c in bench.outputs.results[-1].cameras] == ['left_eye']


def test_an_input_in_another_frame_is_brought_back(bench: Bench) -> None:
    bench.give('left', frame='base')
    view, = bench.machine.rounds[-1]
    there = seen_from(POSES['left_eye'], PERSON)
    skeleton, = view.skeletons
    assert view.camera == 'left_eye' and skeleton.space == Space.CAMERA_METRIC
    np.testing.assert_allclose(skeleton.xyz, there.xyz, atol=1e-4)
    np.testing.assert_allclose(skeleton.covariance, there.covariance, atol=1e-6)
    np.testing.assert_allclose(skeleton.velocity_covariance, there.velocity_covariance, atol=1e-6)
    seen = np.isfinite(skeleton.rays).all(-1)
    assert seen.sum() >= 12
    np.testing.assert_allclose(skeleton.rays[seen], there.rays[seen], atol=1e-5)


def test_a_camera_without_a_pose_is_named_and_the_others_go_on(
        bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    del bench.poses.known['right_eye']
    start = time.monotonic()
    bench.give('left', 'right')
    assert not bench.about('right')  # TF takes a moment to arrive
    monkeypatch.setattr(time, 'monotonic', lambda: start + 2)
    bench.give('left', 'right')
    assert 'right_eye' in bench.about('right') and 'TF does not connect' in bench.about('right')
    assert not bench.about('left') and bench.machine.rounds[-1][0].camera == 'left_eye'
    bench.poses.known['right_eye'] = POSES['right_eye']
    bench.give('left', 'right')
    assert not bench.about('right')


def test_of_two_cameras_with_one_frame_id_the_second_is_left_out(bench: Bench) -> None:
    for _ in range(2):
        bench.give('left')
        bench.give('right', camera='left_eye')
    assert '/left/skeletons' in bench.about('right') and "'left_eye'" in bench.about('right')
    assert not bench.about('left')
    assert len(bench.machine.rounds) == 2
    bench.give('left', 'right')
    assert not bench.about('right')


def test_an_uncalibrated_camera_is_used_and_named(bench: Bench) -> None:
    bench.give('left', calibrated=False)
    assert bench.machine.rounds[-1][0].calibrated is False
    assert bench.outputs.results[-1].cameras[0].calibrated is False
    assert 'not calibrated' in bench.about('left')


def test_a_clock_that_disagrees_is_named_and_left_out(bench: Bench) -> None:
    for _ in range(3):
        bench.give('left', 'right', 'back')
    for _ in range(3):
        bench.give('left', 'right')
        bench.give('back', stamp=bench.now - 3.2)
        bench.wait()
    assert '3.2 s behind' in bench.about('back') and 'back_eye' in bench.about('back')
    assert not bench.about('left') and not bench.about('right')
    assert {v.camera for v in bench.machine.rounds[-1]} == {'left_eye', 'right_eye'}


def test_a_pose_that_contradicts_the_people_is_named(bench: Bench) -> None:
    bench.machine.error['back_eye'] = 7.0
    for _ in range(70):
        bench.give('left', 'right', 'back')
    assert 'contradicts the people seen' in bench.about('back')
    assert not bench.about('left') and not bench.about('right')
    assert bench.worker.residuals['back_eye'] == 7.0


def test_messages_that_are_not_of_one_camera_are_refused(bench: Bench) -> None:
    fused = message('left', 1.0)
    fused.cameras = list(fused.cameras) * 2
    with pytest.raises(InputError, match='of 2 cameras: give the fusion the ~/skeletons of pose'):
        from_message(fused)
    bench.inbox.put('/left/skeletons', serialize_message(fused))
    bench.process()
    assert 'of 2 cameras' in bench.about('left') and not bench.machine.rounds
    bench.give('left')
    assert not bench.about('left') and len(bench.machine.rounds) == 1


@pytest.mark.parametrize('what, seconds', [('frame_id', 5.0), ('stamp', 0.0)])
def test_images_without_a_name_or_a_time_are_refused(
        bench: Bench, what: str, seconds: float) -> None:
    unnamed = message('left', seconds)
    if what == 'frame_id':
        unnamed.cameras[0].header.frame_id = unnamed.header.frame_id = ''
    bench.inbox.put('/left/skeletons', serialize_message(unnamed))
    bench.process()
    assert f'have no {what}' in bench.about('left') and not bench.machine.rounds


def test_a_camera_whose_offset_leads_before_time_0_is_left_out(bench: Bench) -> None:
    bench.give('right')
    bench.give('left', stamp=0.5)
    assert bench.about('left') == 'before time 0' and len(bench.machine.rounds) == 1
    bench.give('left', 'right')
    assert not bench.about('left')


def test_all_stamps_going_back_forgets_everybody(bench: Bench) -> None:
    bench.give('left', 'right')
    bench.give('left', 'right')
    resets = bench.machine.resets
    bench.now -= 100
    bench.give('left', 'right')
    bench.give('left', 'right')
    assert bench.machine.resets == resets + 1 and bench.outputs.clears == 1
    assert {v.camera for v in bench.machine.rounds[-1]} == {'left_eye', 'right_eye'}


def test_a_result_that_was_held_up_is_dropped_and_nobody_is_forgotten(bench: Bench) -> None:
    for _ in range(2):
        bench.give('left', 'right')
    held_up = bench.now + 0.033
    for _ in range(25):
        bench.give('left')
    resets = bench.machine.resets
    bench.give('left', 'back')
    bench.give('right', stamp=held_up)
    bench.wait()
    assert bench.machine.resets == resets and not bench.outputs.clears
    assert bench.statistics.summarize('test', 1.0, 0, 0).late == 1
    bench.give('left', 'right', 'back')
    assert {v.camera for v in bench.machine.rounds[-1]} == set(POSES)


def test_nothing_is_published_while_it_is_disabled(bench: Bench) -> None:
    bench.worker.is_enabled = False
    bench.give('left')
    assert not bench.outputs.results


def test_the_thread_survives_what_the_machine_throws(bench: Bench) -> None:
    step = bench.machine.step

    def fails(views: list) -> list:
        bench.machine.step = step
        raise ZeroDivisionError('of the test')
    bench.machine.step = fails
    bench.worker.start()
    end = time.monotonic() + 30
    while not bench.outputs.results:
        assert time.monotonic() < end
        bench.now += 0.033
        bench.inbox.put('/left/skeletons', serialize_message(message('left', bench.now)))
        time.sleep(0.01)
    assert bench.machine.resets == 1
    assert bench.statistics.summarize('test', 1.0, 0, 0).failed == 1
    bench.worker.forget_people()
    while bench.machine.resets < 2:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert bench.worker.stop(5.0)
