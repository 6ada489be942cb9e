# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`pose-machine view` on bags and on live topics, checked by its recordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
import rclpy
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from support.calibrations import calibration_of
from support.people import header, skeleton, skeletons_of_image
from support.processes import PATIENCE, wait_until
from support.rrd import read_rrd, Rows
from visualization_msgs.msg import Marker, MarkerArray

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros import cli
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.io.bags import BagWriter
from pose_machine_ros.io.message_cameras import cameras_from_message, seen_by_from_message
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.pose import Space, TrackingState, unseen_keypoints
from pose_machine_ros.ros.conversions.camera_info import camera_info
from pose_machine_ros.ros.conversions.skeletons import camera_message, skeletons_message
from pose_machine_ros.ros.output.markers import MarkerWriter

WIDTH, HEIGHT, FRAMES = 160, 120, 6
CAMERA = Camera(np.array([[150.0, 0, 80], [0, 151, 60], [0, 0, 1]]), WIDTH, HEIGHT)
SKELETONS, MARKERS = 'pose_machine/skeletons', 'pose_machine/markers'
PIXELS = np.full((HEIGHT, WIDTH, 3), (200, 100, 20), np.uint8)


def frames(compressed: bool = True) -> list[dict[str, object]]:
    """Return the messages of camera and node by frame; the node skips every other image."""
    writer = MarkerWriter()
    return [_frame(i, compressed, writer) for i in range(FRAMES)]


def _frame(i: int, compressed: bool, writer: MarkerWriter) -> dict[str, object]:
    head = header(100 + i / 30)
    info = camera_info(calibration_of(CAMERA))
    info.header = head
    if compressed:
        image = CompressedImage(header=head, format='jpeg')
        image.data.frombytes(cv2.imencode('.jpg', PIXELS)[1].tobytes())
    else:
        image = Image(header=head, width=WIDTH, height=HEIGHT, encoding='rgb8', step=3 * WIDTH)
        image.data.frombytes(PIXELS[..., ::-1].tobytes())
    messages = {'camera_info': info, 'image/compressed' if compressed else 'image': image}
    if i % 2 == 0:
        state = TrackingState.LOST if i == FRAMES - 2 else TrackingState.TRACKED
        people = [skeleton('p1', xyz=skeleton().xyz + np.float32(0.01 * i)),
                  replace(skeleton('p2'), state=state)]
        messages[MARKERS] = writer.write(people, head)
        messages[SKELETONS] = skeletons_of_image(people, head, WIDTH, HEIGHT)
    return messages


def write_bag(path: Path, compressed: bool = True, namespace: str = '/',
              encoding: str | None = None) -> Path:
    bag = BagWriter(path)
    for i, messages in enumerate(frames(compressed)):
        if encoding is not None:
            messages['image'].encoding = encoding
        for topic, message in messages.items():
            package = type(message).__module__.partition('.')[0]
            bag.write(namespace + topic, f'{package}/msg/{type(message).__name__}', i,
                      serialize_message(message))
    bag.close()
    return path


def check(rows: Rows, results: list[Skeleton3DArray]) -> None:
    """Assert that a recording has these results, and only their images."""
    stamps = [header_stamp_ns(m.header) for m in results]
    assert list(rows['/camera/image', 'EncodedImage:blob']) == stamps
    joints = rows['/people/p1/joints', 'Points3D:positions']
    assert list(joints) == stamps
    for message in results:
        xyz = [[j.position.x, j.position.y, j.position.z] for j in message.skeletons[0].joints]
        np.testing.assert_array_equal(joints[header_stamp_ns(message.header)], np.float32(xyz))
    columns = next(iter(rows['/camera', 'Pinhole:image_from_camera'].values()))[0]
    np.testing.assert_allclose(np.reshape(columns, (3, 3)).T, CAMERA.matrix)
    assert list(rows['/people/p2/joints', 'Points3D:positions']) == stamps[:-1]
    assert list(rows['/people/p2', 'Clear:is_recursive']) == stamps[-1:]
    blob = bytes(rows['/camera/image', 'EncodedImage:blob'][stamps[0]][0])
    picture = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == PIXELS.shape and np.abs(picture.astype(int) - PIXELS).max() <= 4


RESULTS = [f[SKELETONS] for f in frames() if SKELETONS in f]


def view(*arguments: object) -> int:
    return cli.main(['view', *map(str, arguments)])


def fused_message(seconds: float) -> Skeleton3DArray:
    """Return the message of a person whom two cameras see."""
    cameras = [camera_message(header(seconds - 0.01 * i, frame), CAMERA, RigidTransform(
        translation=np.array((i, 0.0, 1.0)))) for i, frame in enumerate(('left', 'right'))]
    person = skeleton('p1', space=Space.WORLD_METRIC, keypoints=unseen_keypoints())
    return skeletons_message([person], header(seconds, 'world'), cameras, 0, [[0, 1]])


@pytest.mark.parametrize('with_markers', [False, True])
def test_a_bag_of_fused_skeletons_is_shown_with_the_cameras(
        tmp_path: Path, with_markers: bool) -> None:
    bag, writer = BagWriter(tmp_path / 'bag'), MarkerWriter()
    for i in range(3):
        message = fused_message(100 + i / 30)
        markers = writer.write([skeleton('p1', space=Space.WORLD_METRIC)], message.header,
                               cameras=cameras_from_message(message),
                               seen_by=seen_by_from_message(message))
        for topic, kind, part in (
                ('skeletons', 'pose_machine_msgs/msg/Skeleton3DArray', message),
                ('markers', 'visualization_msgs/msg/MarkerArray', markers)):
            bag.write(f'/fusion/{topic}', kind, i, serialize_message(part))
    bag.close()
    options = ('--markers', '/fusion/markers') if with_markers else ()
    assert view('--bag', tmp_path / 'bag', '--skeletons', '/fusion/skeletons', *options,
                '--save', tmp_path / 'a.rrd') == 0
    rows = read_rrd(tmp_path / 'a.rrd')
    assert len(rows['/people/p1/joints', 'Points3D:positions']) == 3
    assert len(rows['/rays/p1', 'LineStrips3D:strips']) == 3
    for i, frame in enumerate(('left', 'right')):
        lines, = rows[f'/cameras/{frame}', 'LineStrips3D:strips'].values()
        np.testing.assert_allclose(lines[0][0], (i, 0, 1))
    shown = {entity.split('/')[2] for entity, _ in rows if entity.startswith('/markers/')}
    assert shown == ({'bones', 'joints', 'id', 'cameras', 'rays'} if with_markers else set())


@pytest.mark.parametrize('compressed', [True, False])
def test_a_bag_is_shown_as_it_was(tmp_path: Path, compressed: bool) -> None:
    bag = write_bag(tmp_path / 'bag', compressed)
    assert view('--bag', bag, '--save', tmp_path / 'a.rrd') == 0
    check(read_rrd(tmp_path / 'a.rrd'), RESULTS)


def test_one_of_several_cameras_is_shown_by_its_namespace(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', namespace='/robot/front/')
    assert view('--bag', bag, '--namespace', 'robot/front', '--save', tmp_path / 'a.rrd') == 0
    check(read_rrd(tmp_path / 'a.rrd'), RESULTS)


def test_a_bag_ends_at_the_given_time(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag')
    assert view('--bag', bag, '--save', tmp_path / 'a.rrd', '--until', 0.07) == 0
    shown = read_rrd(tmp_path / 'a.rrd')['/camera/image', 'EncodedImage:blob']
    assert list(shown) == [header_stamp_ns(m.header) for m in RESULTS[:2]]


def test_markers_of_a_bag_are_drawn_as_they_are(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag')
    assert view('--bag', bag, '--markers', '--save', tmp_path / 'a.rrd') == 0
    rows = read_rrd(tmp_path / 'a.rrd')
    sent = [m for messages in frames() if MARKERS in messages for m in messages[MARKERS].markers]
    assert {(m.type, m.action) for m in sent} == {
        (kind, Marker.ADD) for kind in (Marker.LINE_LIST, Marker.SPHERE_LIST,
                                        Marker.TEXT_VIEW_FACING)} | {(0, Marker.DELETE)}
    for marker in sent:
        entity, stamp = f'/markers/{marker.ns}/{marker.id}', header_stamp_ns(marker.header)
        points = np.float32([(p.x, p.y, p.z) for p in marker.points])
        if marker.action == Marker.DELETE:
            assert rows[entity, 'Clear:is_recursive'][stamp] == [True]
        elif marker.type == Marker.LINE_LIST:
            np.testing.assert_array_equal(rows[entity, 'LineStrips3D:strips'][stamp],
                                          points.reshape(-1, 2, 3))
            assert rows[entity, 'LineStrips3D:radii'][stamp] == \
                [pytest.approx(marker.scale.x / 2)]
        elif marker.type == Marker.SPHERE_LIST:
            np.testing.assert_array_equal(rows[entity, 'Points3D:positions'][stamp], points)
            colours = [[c >> shift & 255 for shift in (24, 16, 8, 0)]
                       for c in rows[entity, 'Points3D:colors'][stamp]]
            np.testing.assert_allclose(
                colours, [[255 * x for x in (c.r, c.g, c.b, c.a)] for c in marker.colors], atol=1)
        else:
            assert rows[entity, 'Points3D:labels'][stamp] == [marker.text]


@pytest.mark.parametrize(('options', 'hint'), [
    ((), '/robot/pose_machine/skeletons'),  # what is there
    (('--skeletons', '/robot/camera_info'), '/robot/pose_machine/skeletons'),
    (('--skeletons', '/'), "'/'")])
def test_a_bag_without_such_skeletons_is_refused_with_what_it_has(
        tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...],
        hint: str) -> None:
    bag = write_bag(tmp_path / 'bag', namespace='/robot/')
    assert view('--bag', bag, '--save', tmp_path / 'a.rrd', *options) == 2
    assert hint in capsys.readouterr().err


def test_a_folder_that_is_no_bag_is_named(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert view('--bag', tmp_path, '--save', tmp_path / 'a.rrd') == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_without_rerun_the_command_that_installs_it_is_named(
        tmp_path: Path, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [m for m in sys.modules if m.startswith('pose_machine_ros.rendering.rerun_')]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, 'rerun', None)
    assert view('--save', tmp_path / 'a.rrd') == 2
    assert "pip install 'rerun-sdk" in capsys.readouterr().err


@pytest.mark.parametrize('compressed', [True, False])
def test_live_topics_are_shown_until_interrupted(
        ros: None, tmp_path: Path, compressed: bool) -> None:
    image = 'image/compressed' if compressed else 'image'
    sent, log = frames(compressed), tmp_path / 'log'
    with log.open('w') as output:
        process = subprocess.Popen(
            [sys.executable, '-m', 'pose_machine_ros.cli', 'view', '--namespace', '/robot',
             '--image', image, '--markers', '--save', str(tmp_path / 'a.rrd')],
            stdout=output, stderr=output, cwd=Path(__file__).parents[2])
    node = rclpy.create_node('camera_and_pose_machine', namespace='robot')
    try:
        topics = {'camera_info': CameraInfo, image: CompressedImage if compressed else Image,
                  SKELETONS: Skeleton3DArray, MARKERS: MarkerArray}
        publishers = {t: node.create_publisher(kind, t, 10) for t, kind in topics.items()}
        wait_until(lambda: all(p.get_subscription_count() for p in publishers.values()), PATIENCE,
                   log.read_text)

        def publish(i: int, *without: str) -> None:
            for topic, message in sent[i].items():
                if topic not in without:
                    publishers[topic].publish(message)

        def has_shown(count: int) -> bool:
            return f'shown: {count} results, {count} images' in log.read_text()

        def has_shown_first() -> bool:
            publish(0, SKELETONS, MARKERS)  # best effort: lost until both sides are ready
            time.sleep(0.1)
            return has_shown(1)

        publish(0)
        wait_until(has_shown_first, PATIENCE, log.read_text)
        for i in range(1, FRAMES):
            publish(i)
        wait_until(lambda: has_shown(len(RESULTS)), PATIENCE, log.read_text)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
        node.destroy_node()
    rows = read_rrd(tmp_path / 'a.rrd')
    check(rows, RESULTS)
    assert header_stamp_ns(RESULTS[0].header) in rows['/markers/bones/0', 'LineStrips3D:strips']


def test_what_is_missing_is_said(ros: None, tmp_path: Path) -> None:
    log = tmp_path / 'log'
    with log.open('w') as output:
        process = subprocess.Popen(
            [sys.executable, '-m', 'pose_machine_ros.cli', 'view', '--namespace', '/empty',
             '--save', str(tmp_path / 'a.rrd')],
            stdout=output, stderr=output, cwd=Path(__file__).parents[2])
    try:
        wait_until(lambda: 'nothing on /empty/pose_machine/skeletons' in log.read_text(), PATIENCE,
                   log.read_text)
    finally:
        process.kill()
        process.wait()


def test_an_image_that_cannot_be_shown_costs_no_skeletons(
        tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bag = write_bag(tmp_path / 'bag', compressed=False, encoding='16UC1')
    assert view('--bag', bag, '--save', tmp_path / 'a.rrd') == 0
    rows = read_rrd(tmp_path / 'a.rrd')
    assert list(rows['/people/p1/joints', 'Points3D:positions']) == [
        header_stamp_ns(m.header) for m in RESULTS]
    assert caplog.text.count("encoding '16UC1' is not supported") == 1
