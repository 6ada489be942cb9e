# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The simulated camera: intrinsics from calibration files of several tools, and timing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import rclpy
from sensor_msgs.msg import CameraInfo
from support.processes import NodeProcess

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.images.shrink import shrink
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.ros.tools import video_camera
from pose_machine_ros.ros.tools.video_camera import VideoCamera

KALIBR = """cam0:
  camera_model: pinhole
  distortion_coeffs: [0.11, -0.05, 0.02, -0.005]
  distortion_model: equidistant
  intrinsics: [200.0, 200.0, 162.0, 288.0]
  resolution: [324, 576]
"""
ROS = """image_width: 648
image_height: 1152
camera_matrix: {rows: 3, cols: 3, data: [1000, 0, 324, 0, 1000, 576, 0, 0, 1]}
distortion_model: MODEL
distortion_coefficients: {rows: 1, cols: 14, data: [D, 0, 0, 0, 0, 0, 0]}
projection_matrix: {rows: 3, cols: 4, data: [900, 0, 324, -90, 0, 900, 576, 0, 0, 0, 1, 0]}
"""
R8 = '0.5, 0.1, 0.001, -0.002, 0.01, 0.8, 0.2, 0.01'


@pytest.fixture
def publish(clip: Path, tmp_path: Path) -> Iterator[Callable[[str], CameraInfo]]:
    """Return the camera_info that the camera publishes for a calibration file."""
    nodes = []

    def published(text: str) -> CameraInfo:
        path = tmp_path / 'camera.yaml'
        path.write_text(text)
        rclpy.init(args=['--ros-args', '-p', f'file:={clip}', '-p', f'calibration:={path}'])
        nodes.append(VideoCamera())
        nodes[0].configure()
        return nodes[0]._info

    yield published
    for node in nodes:
        node.destroy_node()
    rclpy.try_shutdown()


def test_a_fisheye_is_published_as_one(publish: Callable[[str], CameraInfo]) -> None:
    info = publish(KALIBR)
    assert info.distortion_model == 'equidistant'
    assert info.d.tolist() == [0.11, -0.05, 0.02, -0.005]
    assert Calibration.from_camera_info(info).camera().lens.max_angle > 1.57


def test_sizes_are_those_of_the_images(publish: Callable[[str], CameraInfo]) -> None:
    info = publish(ROS.replace('MODEL', 'rational_polynomial').replace('D,', f'{R8},'))
    assert (info.width, info.height) == (324, 576)
    assert info.distortion_model == 'rational_polynomial'
    assert info.d.tolist() == [float(x) for x in R8.split(',')]
    np.testing.assert_allclose(info.k.reshape(3, 3)[:2], [[500, 0, 161.75], [0, 500, 287.75]])
    # Nodes with rectified images use P, whose last column is in pixels as well
    np.testing.assert_allclose(
        info.p.reshape(3, 4)[:2], [[450, 0, 161.75, -45], [0, 450, 287.75, 0]])


def test_a_lens_that_is_not_supported_is_refused(publish: Callable[[str], CameraInfo]) -> None:
    with pytest.raises(InputError, match="'omni' with 14 coefficients.*image_proc"):
        publish(ROS.replace('MODEL', 'omni').replace('D,', f'{R8},'))


def test_an_impossible_calibration_is_reported(
        start: Callable[..., NodeProcess], clip: Path, tmp_path: Path) -> None:
    path = tmp_path / 'camera.yaml'
    path.write_text(KALIBR.replace('200.0, 200.0', '1.0, 1.0').replace('equidistant', 'radtan'))
    camera = start('video_camera', file=clip, calibration=path, rate=200.0)
    assert camera.wait(60) == 0
    assert camera.output.count('the camera is not calibrated') == 1


@pytest.mark.parametrize('camera', ['0', '/dev/video0', 'rtsp://cam/1'])
def test_cameras_go_through_their_drivers(ros: None, camera: str) -> None:
    rclpy.try_shutdown()
    rclpy.init(args=['--ros-args', '-p', f'file:={camera}'])
    node = VideoCamera()
    with pytest.raises(InputError, match=f'{camera} is a camera.*camera.launch.py'):
        node.configure()
    node.destroy_node()


def test_the_last_frame_lasts_for_a_usual_step(
        ros: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]

    def wait(seconds: float) -> bool:
        clock[0] += seconds
        return False

    rclpy.try_shutdown()
    video = Path(__file__).parents[2] / 'data' / 'phone.mp4'  # 20 steps, 10 of twice that, 9
    rclpy.init(args=['--ros-args', '-p', f'file:={video}'])
    node = VideoCamera()
    node.configure()
    node._stop = SimpleNamespace(wait=wait)
    monkeypatch.setattr(video_camera, 'time', SimpleNamespace(monotonic=lambda: clock[0]))
    assert node._play_once() == 40
    assert clock[0] - 100 == pytest.approx(50 / 30, abs=0.005)
    node.destroy_node()


@pytest.mark.parametrize('values, source', [
    ({}, 'decoded while playing'), ({'preload': 'true'}, 'from memory'),
    ({'loop': 'true'}, 'decoded while playing once, then from memory')])
def test_published_images_are_those_of_the_video(
        ros: None, clip: Path, values: dict[str, str], source: str) -> None:
    """All are published in one message, whose pixels each of them overwrites."""
    rclpy.try_shutdown()
    given = {'file': clip, 'width': 162, 'rate': 1000.0, **values}
    rclpy.init(args=['--ros-args', *(
        x for name, value in given.items() for x in ('-p', f'{name}:={value}'))])
    node = VideoCamera()
    node.configure()
    published: list[tuple[int, bytes]] = []
    node._images = SimpleNamespace(
        publish=lambda m: published.append((id(m.data), m.data.tobytes())))
    assert node._source().startswith(source)
    for _ in range(2):
        published.clear()
        node._play_once()
        assert [data for _, data in published] == [
            shrink(image, (162, 288)).tobytes() for _, image in VideoFile(clip)]
        assert len({place for place, _ in published}) == 1
    node.destroy_node()


@pytest.mark.parametrize('module', ['tools.video_camera', 'tools.recorder'])
def test_tools_import_nothing_heavy(module: str) -> None:
    """They share the processor with the node, and have to start before it."""
    code = f'import pose_machine_ros.ros.{module}, sys; print(*sys.modules)'
    loaded = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                            check=True).stdout.split()
    assert 'rclpy' in loaded
    assert not {'torch', 'scipy', 'onnxruntime', 'openvino', 'matplotlib'} & {*loaded}
