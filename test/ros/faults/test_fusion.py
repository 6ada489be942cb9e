# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Cameras that stop, lag, jump in time, move or are not what they seem, with one fusion node."""

from __future__ import annotations

from collections.abc import Iterator
import re

from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
import pytest
import rclpy
from ros.faults.fusion_bench import FusionBench, NAMES
from support.processes import present
from support.rigs import turned

EYES = {f'{name}_eye' for name in NAMES}
CLOSE = 0.15  # metres


@pytest.fixture(scope='module')
def fusion() -> Iterator[FusionBench]:
    """Start one node for all tests; it has to survive one fault after another."""
    rclpy.init(args=[])
    made = FusionBench()
    try:
        made.process.wait_for_line('ready')
        yield made
        made.end()
        assert 'Traceback' not in made.process.output
    finally:
        made.kill()
        rclpy.try_shutdown()


@pytest.fixture
def bench(fusion: FusionBench) -> Iterator[FusionBench]:
    fusion.reset()
    yield fusion


def test_one_person_comes_out_of_three_cameras(bench: FusionBench) -> None:
    results = bench.spin(20)
    stamps = [r.header.stamp.sec * 10**9 + r.header.stamp.nanosec for r in results]
    assert stamps == sorted(set(stamps))
    assert {r.header.frame_id for r in results} == {'map'}
    assert len({s.id for r in results for s in present(r)}) == 1
    assert max(bench.errors(results)) < CLOSE
    for result in results:
        assert {c.header.frame_id for c in result.cameras} == EYES
        person, = present(result)
        assert person.space == person.WORLD_METRIC and set(person.seen_by) == {0, 1, 2}
    for camera in results[-1].cameras:
        place = camera.pose.position
        truth = bench.cameras[camera.header.frame_id.removesuffix('_eye')].pose.translation
        np.testing.assert_allclose((place.x, place.y, place.z), truth, atol=1e-6)


def test_a_camera_that_stops_is_named_and_used_again(bench: FusionBench) -> None:
    before = {s.id for s in present(bench.listener.skeletons[-1])}
    camera = bench.cameras['right']
    camera.is_on = False
    bench.spin_until(lambda: bench.seeing() == EYES - {'right_eye'})
    text = bench.wait_for_complaint(camera.topic, 'no skeletons for', 'its publisher is silent')
    assert bench.cameras['left'].topic not in text
    assert max(bench.errors(bench.spin(10))) < CLOSE
    camera.is_on = True
    bench.spin_until(lambda: bench.seeing() == EYES)
    assert {s.id for s in present(bench.listener.skeletons[-1])} == before
    bench.spin_until(lambda: bench.health()[0] == DiagnosticStatus.OK)


def test_a_camera_that_lags_is_used(bench: FusionBench) -> None:
    bench.cameras['right'].lag = 0.15
    bench.spin(10)
    results = bench.spin(20)
    assert max(bench.errors(results)) < CLOSE
    newest = results[-1]
    stamps = {c.header.frame_id: c.header.stamp.sec + c.header.stamp.nanosec * 1e-9
              for c in newest.cameras}
    assert 0.08 < stamps['left_eye'] - stamps['right_eye'] < 0.3
    assert bench.seeing() == EYES


@pytest.mark.parametrize('jump', [-30.0, 12.0])
def test_a_camera_whose_clock_jumps_is_left_out_until_it_agrees(
        bench: FusionBench, jump: float) -> None:
    camera = bench.cameras['back']
    camera.clock = jump
    side = 'behind' if jump < 0 else 'ahead of'
    text = bench.wait_for_complaint('camera back_eye is ', f' s {side} the others')
    told, = re.findall(r'is ([\d.]+) s', text)
    assert abs(float(told) - abs(jump)) < 1.0
    assert camera.topic in text and 'left_eye' not in text
    bench.spin_until(lambda: bench.seeing() == EYES - {'back_eye'})
    assert max(bench.errors(bench.spin(10))) < CLOSE
    camera.clock = 0.0
    bench.spin_until(lambda: bench.seeing() == EYES)


def test_a_camera_that_moves_is_followed_by_its_transform(bench: FusionBench) -> None:
    camera = bench.cameras['left']
    camera.frame_id, camera.moves = 'head_eye', True
    bench.spin_until(lambda: 'head_eye' in bench.seeing())
    results = bench.spin(30)
    places = np.array([(c.pose.position.x, c.pose.position.y) for r in results for c in r.cameras
                       if c.header.frame_id == 'head_eye'])
    assert np.ptp(places, 0).max() > 0.3  # metres
    assert max(bench.errors(results)) < CLOSE


def test_of_two_cameras_with_one_frame_id_one_is_left_out(bench: FusionBench) -> None:
    bench.cameras['back'].frame_id = 'left_eye'
    text = bench.wait_for_complaint(f'{bench.cameras["back"].topic}: its camera has the frame_id',
                                    "'left_eye'", bench.cameras['left'].topic)
    assert text.count('frame_id') == 2
    bench.spin_until(lambda: bench.seeing() == EYES - {'back_eye'})
    assert max(bench.errors(bench.spin(10))) < CLOSE


def test_a_camera_without_a_transform_is_named_until_it_has_one(bench: FusionBench) -> None:
    camera = bench.cameras['right']
    camera.frame_id = 'new_eye'
    bench.wait_for_complaint(camera.topic, 'the pose of camera new_eye is not known', 'map')
    bench.spin_until(lambda: bench.seeing() == EYES - {'right_eye'})
    assert max(bench.errors(bench.spin(10))) < CLOSE
    bench.publish_static()
    bench.spin_until(lambda: 'new_eye' in bench.seeing())
    bench.spin_until(lambda: bench.health()[0] == DiagnosticStatus.OK)


def test_an_uncalibrated_camera_is_named_and_used(bench: FusionBench) -> None:
    bench.cameras['back'].calibrated = False
    bench.wait_for_complaint(bench.cameras['back'].topic, 'not calibrated')
    bench.spin(5)
    assert {c.header.frame_id: c.calibrated for c in bench.listener.skeletons[-1].cameras} == {
        'left_eye': True, 'right_eye': True, 'back_eye': False}


def test_a_camera_that_was_pushed_is_named(bench: FusionBench) -> None:
    """It does not look where TF says."""
    camera = bench.cameras['back']
    camera.told = turned(camera.pose, 2)
    bench.publish_static()
    text = bench.wait_for_complaint(
        camera.topic, 'the pose of camera back_eye contradicts the people seen')
    assert bench.cameras['left'].topic not in text and bench.cameras['right'].topic not in text
