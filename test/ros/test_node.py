# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node as a process, over DDS: skeletons from a video, bad images, services, shutdown."""

from __future__ import annotations

from collections.abc import Callable
import itertools
from pathlib import Path
import signal
import threading

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
import numpy as np
import pytest
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, qos_profile_sensor_data, QoSProfile
from ros.faults.bench import good_photo_info, photo
from sensor_msgs.msg import CameraInfo, Image
from std_srvs.srv import SetBool, Trigger
from support.clips import FRAMES
from support.people import header
from support.pictures import dark_image as image
from support.processes import Listener, NodeProcess, PATIENCE, present, wait_until
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import Marker

from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.ros.node import PoseMachineNode
from pose_machine_ros.skeleton import HUMAN36M_17


def test_a_video_becomes_skeletons(start: Callable[..., NodeProcess], listener: Listener,
                                   clip: Path, calibration: Path) -> None:
    node = start('node', device='cpu', max_gap=60.0)  # for slow machines
    node.wait_for_line('ready on cpu')
    camera = start('video_camera', file=clip, calibration=calibration, frame_id='eye', rate=2.0,
                   wait_for_subscribers=1)  # plays for 20 s: a busy machine drops most
    listener.spin_until(lambda: len(listener.skeletons) >= 10 and len(listener.markers) >= 10)
    assert camera.wait() == 0, camera.output  # ends by itself
    assert f'published {FRAMES} images' in camera.output

    model, = listener.models  # latched: published before the subscription
    assert tuple(model.joint_names) == HUMAN36M_17.names

    stamps = [a.header.stamp.sec * 10**9 + a.header.stamp.nanosec for a in listener.skeletons]
    assert stamps == sorted(set(stamps))
    assert {a.header.frame_id for a in listener.skeletons} == {'eye'}
    assert all(a.latency.sec * 10**9 + a.latency.nanosec > 0 for a in listener.skeletons)
    seen = [a.skeletons for a in listener.skeletons if a.skeletons]
    assert len(seen) >= 8
    assert len({s.id for people in seen for s in people}) == 2  # the man, and a woman behind him
    person = max(seen[-1], key=lambda s: s.roi.height)
    assert all(person.id in {s.id for s in people} for people in seen)
    assert len(person.joints) == 17 and person.space == person.CAMERA_METRIC
    joints = np.array([[j.position.x, j.position.y, j.position.z] for j in person.joints])
    assert np.nanmin(joints[:, 2]) > 1  # metres in front of the camera
    height = np.nanmax(joints[:, 1]) - np.nanmin(joints[:, 1])
    assert 0.8 < height < 2.5
    assert person.joints[model.joint_names.index('head_top')].position.y == np.nanmin(joints[:, 1])

    drawn = {(m.header.stamp.sec * 10**9 + m.header.stamp.nanosec) for a in listener.markers
             for m in a.markers}
    assert drawn <= set(stamps) | {max(drawn)}
    node.send(signal.SIGINT)
    listener.spin_until(lambda: not node.is_running)  # later messages may get lost
    assert node.wait() == 0, node.output
    assert 'Traceback' not in node.output
    last = {(m.ns, m.id): m.action for a in _drain(listener).markers for m in a.markers}
    assert last and set(last.values()) == {Marker.DELETE}  # no marker stays in RViz


def _drain(listener: Listener) -> Listener:
    deleted = Marker.DELETE
    listener.spin_until(lambda: any(m.action == deleted for a in listener.markers
                                    for m in a.markers))
    return listener


def test_bad_images_are_named_and_the_next_good_one_is_processed(
        start: Callable[..., NodeProcess], listener: Listener) -> None:
    node = start('node', device='cpu', correction__mode='none')
    images = listener.node.create_publisher(Image, 'image', qos_profile_sensor_data)
    node.wait_for_line('ready on cpu')
    wait_until(lambda: images.get_subscription_count() > 0, PATIENCE, lambda: 'not discovered')

    short = image()
    del short.data[-7:]
    first = stamp = 1000  # seconds
    # At most one log line in five seconds: the second one is delayed
    for bad, complaint in ((image('32FC1'), "encoding '32FC1' is not supported"),
                           (short, f'{240 * 320 * 3 - 7} bytes of data')):
        def complained() -> bool:
            images.publish(bad)
            return complaint in node.output
        listener.spin_until(complained)
    assert not listener.skeletons

    def answered() -> bool:
        nonlocal stamp
        stamp += 1
        images.publish(image(seconds=stamp))
        return len(listener.skeletons) > 2
    listener.spin_until(answered)
    for array in listener.skeletons:  # no people: an empty array is published
        assert len(array.skeletons) == 0
        assert array.header in [header(s) for s in range(first, stamp + 1)]
    assert node.output.count('no camera_info on /camera_info') == 1

    def told_of_the_past() -> bool:
        nonlocal stamp
        stamp -= 2  # a step below max_gap would only be late
        images.publish(image(seconds=stamp))
        return 's before that of the previous image' in node.output
    listener.spin_until(told_of_the_past)
    count = len(listener.skeletons)
    listener.spin_until(lambda: answered() and len(listener.skeletons) > count)

    infos = listener.node.create_publisher(CameraInfo, 'camera_info', qos_profile_sensor_data)

    def info_refused() -> bool:
        infos.publish(CameraInfo(width=320, height=200, k=[300.0, 0, 160, 0, 300, 100, 0, 0, 1]))
        images.publish(image(seconds=stamp + 1))
        return 'calibration is for 320x200 px, the image is 320x240' in node.output
    listener.spin_until(info_refused)

    assert node.end(signal.SIGTERM) == 0, node.output
    assert 'Traceback' not in node.output


def test_intrinsics_published_before_the_node_started_arrive(
        start: Callable[..., NodeProcess], listener: Listener) -> None:
    """Latched, with the default parameters of the node."""
    images = listener.node.create_publisher(Image, 'image', qos_profile_sensor_data)
    infos = listener.node.create_publisher(CameraInfo, 'camera_info', QoSProfile(
        depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    infos.publish(good_photo_info())
    node = start('node')
    node.wait_for_line('ready on')

    def is_metric() -> bool:
        message = photo()
        message.header.stamp = listener.node.get_clock().now().to_msg()
        images.publish(message)
        return any(s.space == s.CAMERA_METRIC for a in listener.skeletons for s in present(a))
    listener.spin_until(is_metric)
    assert node.end(signal.SIGINT) == 0, node.output


def test_an_unexpected_error_costs_one_image_and_nothing_outlives_the_node(
        listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    real_step, calls = PoseMachine.step, []

    def fails_at_first(*args: object) -> list:
        calls.append(args)
        if len(calls) == 1:
            raise ZeroDivisionError('of the test')
        return real_step(*args)

    monkeypatch.setattr(PoseMachine, 'step', fails_at_first)
    threads = threading.active_count()
    node = PoseMachineNode()
    errors: list[str] = []
    monkeypatch.setattr(node.get_logger(), 'error', lambda text, **_: errors.append(text))
    node.configure()
    images = listener.node.create_publisher(Image, 'image', qos_profile_sensor_data)
    seconds = itertools.count(1)
    clock = listener.node.create_timer(0.05, lambda: images.publish(image(seconds=next(seconds))))
    listener.add_node(node)
    for _ in range(2):  # deactivated and activated again
        listener.skeletons.clear()
        node.activate()
        listener.spin_until(lambda: len(listener.skeletons) > 1)
        node.deactivate()
    listener.node.destroy_timer(clock)
    node.cleanup()
    node.destroy_node()
    error, = errors
    assert 'ZeroDivisionError: of the test' in error
    assert threading.active_count() == threads, threading.enumerate()


def test_the_node_rests_and_resets_on_request_and_publishes_its_health(
        start: Callable[..., NodeProcess], listener: Listener, clip: Path,
        calibration: Path) -> None:
    healths: list[DiagnosticStatus] = []
    listener.node.create_subscription(
        DiagnosticArray, '/diagnostics', lambda m: healths.extend(m.status), 10)

    def call(kind: type, name: str, **fields: object) -> object:
        return listener.call(kind, f'/pose_machine/{name}', **fields)

    def people() -> set[str]:
        return {s.id for s in present(listener.skeletons[-1])}

    def processed() -> float:
        """Return the newest rate; NaN before the first diagnostics."""
        values = {v.key: v.value for health in healths[-1:] for v in health.values}
        return float(values.get('processed, 1/s', 'nan'))

    limits = {f'diagnostics__{level}_{what}': 60.0  # for slow machines
              for level in ('warn', 'error') for what in ('age', 'latency')}
    node = start('node', device='cpu', **limits)
    node.wait_for_line('ready on cpu')
    start('video_camera', file=clip, calibration=calibration, loop='true', rate=8.0)
    listener.spin_until(lambda: len(listener.skeletons) > 3 and bool(people()))
    listener.spin_until(lambda: processed() > 0 and healths[-1].level == DiagnosticStatus.OK)
    assert healths[-1].name == '/pose_machine'
    values = {v.key: v.value for v in healths[-1].values}
    assert values['calibrated'] == 'True' and values['features'] in ('on', 'off')
    assert ('with features' in node.output) == (values['features'] == 'on')

    assert call(SetBool, 'enable', data=False).message == 'resting'
    listener.spin_until(lambda: healths[-1].message == 'disabled by ~/enable')
    resting = len(listener.skeletons)
    listener.spin_until(lambda: processed() == 0)
    assert len(listener.skeletons) <= resting + 1  # one may have been in transit

    before = people()
    assert call(SetBool, 'enable', data=True).message == 'working'
    count = len(listener.skeletons)
    listener.spin_until(lambda: len(listener.skeletons) > count + 3 and bool(people()))
    assert not people() & before  # ids are never used again

    before = people()
    assert call(Trigger, 'reset').success
    listener.spin_until(lambda: bool(people()) and not people() & before)


def test_parameters_change_the_running_node(
        start: Callable[..., NodeProcess], listener: Listener, clip: Path,
        calibration: Path) -> None:
    """By the service of `ros2 param set`; the tracks continue."""
    node = start('node', device='cpu', max_gap=60.0)
    node.wait_for_line('ready on cpu')
    start('video_camera', file=clip, calibration=calibration, loop='true', rate=8.0)

    def change(name: str, value: object) -> SetParametersResult:
        return listener.call(SetParameters, '/pose_machine/set_parameters', parameters=[
            Parameter(name, value=value).to_parameter_msg()]).results[0]

    def depths() -> dict[str, float]:
        """Return the distance of each tracked person in the newest result."""
        return {s.id: s.joints[0].position.z for s in listener.skeletons[-1].skeletons
                if s.tracking_state == s.TRACKED}
    listener.spin_until(lambda: len(listener.skeletons) > 5 and bool(depths()))
    before = depths()
    refused = change('person_height', 0.2)
    assert not refused.successful and '0.2 m is not between 0.4 and 2.5' in refused.reason
    assert change('person_height', 1.2).successful  # smaller, therefore nearer
    listener.spin_until(lambda: any(
        0.5 < depth / before[name] < 0.85 for name, depth in depths().items() if name in before))

    healths: list[DiagnosticStatus] = []
    listener.node.create_subscription(
        DiagnosticArray, '/diagnostics', lambda m: healths.extend(m.status), 10)
    assert change('max_people', 1).successful  # of two
    listener.spin_until(lambda: healths and 'max_people' in healths[-1].message)
    assert len(present(listener.skeletons[-1])) == 1

    refused = change('image.rotation', 45)
    assert not refused.successful
    assert change('image.rotation', 180).successful
    count = len(listener.skeletons)
    listener.spin_until(lambda: len(listener.skeletons) > count + 1)

    assert change('image.transport', 'compressed').successful  # nothing publishes these
    count = len(listener.skeletons)
    assert change('image.transport', 'raw').successful
    listener.spin_until(lambda: len(listener.skeletons) > count + 1)
    assert node.end(signal.SIGINT) == 0, node.output


def test_a_lazy_node_does_not_even_take_images(listener: Listener) -> None:
    node = PoseMachineNode(parameter_overrides=[
        Parameter('lazy', value=True), Parameter('target_frame', value='odom')])
    node.configure()
    node.activate()
    listener.add_node(node)
    listener.spin_until(lambda: listener.node.count_subscribers('/image') == 1)  # it is not idle

    # Another node that takes poses from TF is no reason to work for one that does so itself
    tf = listener.node.create_subscription(TFMessage, '/tf', lambda _: None, 10)
    for subscription in list(listener.node.subscriptions):
        if subscription is not tf:
            listener.node.destroy_subscription(subscription)
    listener.spin_until(lambda: listener.node.count_subscribers('/image') == 0)
    assert node.set_parameters([Parameter('target_frame', value='')])[0].successful
    listener.spin_until(lambda: listener.node.count_subscribers('/image') == 1)

    listener.node.destroy_subscription(tf)
    listener.spin_until(lambda: listener.node.count_subscribers('/image') == 0)
    assert node.set_parameters([Parameter('lazy', value=False)])[0].successful
    listener.spin_until(lambda: listener.node.count_subscribers('/image') == 1)
    node.deactivate()
    listener.spin_until(lambda: listener.node.count_subscribers('/image') == 0)
    node.cleanup()
    node.destroy_node()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_camera_stops_on_request(start: Callable[..., NodeProcess], ros: None, clip: Path,
                                   number: signal.Signals) -> None:
    camera = start('video_camera', file=clip, loop='true', rate=200.0)
    camera.wait_for_line('playing')
    assert camera.end(number) == 0
    assert 'Traceback' not in camera.output


@pytest.mark.parametrize('module, values, complaint', [
    ('node', {'correction__mode': 'magic'}, "'magic' is not one of none, geometric"),
    ('node', {'fov': 55.0}, 'fov is not between 0.05 and 3 rad'),
    ('node', {'use_sim_time': 'maybe'}, "parameter 'use_sim_time' to 'maybe'"),
    ('video_camera', {'file': 'nowhere.mp4'}, 'there is no video file nowhere.mp4'),
    ('video_camera', {'width': 'wide'}, 'parameter width has the wrong type'),
])
def test_a_start_that_cannot_work_ends_with_the_reason(
        start: Callable[..., NodeProcess], module: str, values: dict, complaint: str) -> None:
    process = start(module, **values)
    assert process.wait() == 1
    assert complaint in process.output and 'Traceback' not in process.output


def test_missing_weights_are_named(start: Callable[..., NodeProcess], tmp_path: Path,
                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('POSE_MACHINE_WEIGHTS', str(tmp_path))
    process = start('node', device='cpu')
    assert process.wait() == 1
    assert 'are missing' in process.output and 'reinstall' in process.output
