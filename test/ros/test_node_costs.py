# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the node does for a frame beside the networks, in counts that no busy machine changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import gc
import itertools
import subprocess
import sys
import threading
import tracemalloc
from types import FrameType

from geometry_msgs.msg import Point, Vector3
import numpy as np
import pytest
import rclpy
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from ros.faults.malformed import good_image, good_info
from sensor_msgs.msg import Image
from support.people import result, standing
from support.processes import Listener
from tf2_msgs.msg import TFMessage

from pose_machine_msgs.msg import CameraView, Joint3D
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.ros.conversions.images import image_to_bgr
from pose_machine_ros.ros.node import PoseMachineNode
from pose_machine_ros.ros.output import markers, skeletons, transforms
from pose_machine_ros.ros.output.outputs import Outputs

FRAMES = 20


@pytest.fixture
def node(ros: None) -> Iterator[Node]:
    made = rclpy.create_node('pose_machine')
    yield made
    made.destroy_node()


def test_the_node_imports_nothing_that_it_does_not_need() -> None:
    """Some of these take as long to import as everything else but PyTorch together."""
    code = 'import pose_machine_ros.ros.node, sys; print(*sys.modules)'
    loaded = {*subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                              check=True).stdout.split()}
    assert {'rclpy', 'torch', 'cv2'} <= loaded
    assert not loaded & {
        'scipy', 'matplotlib', 'pandas', 'rosbags', 'rerun', 'onnx', 'onnxscript', 'torch._dynamo',
        'torch._inductor', 'torch.onnx', 'torchvision'}


def test_the_package_imports_nothing() -> None:
    code = 'import pose_machine_ros, sys; print(*sys.modules)'
    loaded = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                            check=True).stdout.split()
    assert not {'numpy', 'torch', 'cv2', 'rclpy'} & {*loaded}


@pytest.mark.parametrize('encoding, copies', [
    ('bgr8', 0), ('8UC3', 0), ('rgb8', 1), ('mono8', 1), ('bgra8', 1)])
def test_an_image_is_copied_at_most_once(encoding: str, copies: int) -> None:
    channels = {'mono8': 1, 'bgra8': 4}.get(encoding, 3)
    width, height = 640, 480
    message = Image(width=width, height=height, encoding=encoding, step=channels * width)
    message.data.frombytes(np.zeros(height * message.step, np.uint8))
    image_to_bgr(message)  # looks for cv_bridge
    tracemalloc.start()
    image = image_to_bgr(message)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.shares_memory(image, np.frombuffer(message.data, np.uint8)) == (not copies)
    assert peak < (copies + 0.1) * image.nbytes


class Watched:
    """An active node with a machine that keeps its images and sees two people."""

    def __init__(self, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
        self.images: list[np.ndarray] = []
        self.messages: list[Image] = []
        self.node = PoseMachineNode()
        self.node.configure()
        monkeypatch.setattr(self.node._machine, 'step', self._step)
        self.node.activate()
        put = self.node._camera.images.put
        monkeypatch.setattr(self.node._camera.images, 'put',
                            lambda message: (self.messages.append(message), put(message))[1])
        self.node._camera.info = good_info()
        listener.add_node(self.node)
        self._listener = listener
        self._publisher = listener.node.create_publisher(Image, 'image', qos_profile_sensor_data)
        self._seconds = itertools.count(100)

    def _step(self, image: np.ndarray, *_: object) -> list[Skeleton]:
        self.images.append(image)
        return [standing('p1'), standing('p2', at=(1, 0, 4))]

    def process(self, frames: int) -> None:
        """Publish images until this number of them has been processed and answered."""
        end = len(self._listener.skeletons) + frames

        def is_done() -> bool:
            message = good_image()
            message.header.stamp.sec = next(self._seconds)
            self._publisher.publish(message)
            return len(self._listener.skeletons) >= end
        self._listener.spin_until(is_done)


@pytest.fixture
def watched(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(PoseMachine, 'warm_up', lambda self, *_: None)
    made = Watched(listener, monkeypatch)
    yield made
    listener.remove_node(made.node)
    made.node.deactivate()
    made.node.cleanup()
    made.node.destroy_node()


def test_the_machine_gets_the_bytes_of_the_message(watched: Watched) -> None:
    watched.process(3)
    assert len(watched.images) >= 3
    for image in watched.images:
        assert any(np.shares_memory(image, np.frombuffer(m.data, np.uint8))
                   for m in watched.messages)


def test_frames_start_no_threads(watched: Watched) -> None:
    watched.process(3)
    before = {t.ident for t in threading.enumerate()}
    watched.process(FRAMES)
    assert {t.ident for t in threading.enumerate()} <= before


def test_only_results_with_a_subscriber_are_built(
        node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    for module, name in ((skeletons, 'skeletons_message'), (transforms, 'transforms'),
                         (markers.MarkerWriter, 'write')):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, counted(real, built))
    outputs = Outputs(node)
    person = standing()
    outputs.publish(result(person, seconds=1))
    assert not built
    listener = Listener()
    try:
        listener.node.create_subscription(TFMessage, '/tf', lambda _: None, 10)
        seconds = itertools.count(2)

        def is_done() -> bool:
            built.clear()
            outputs.publish(result(person, seconds=next(seconds)))
            return len(built) == 3
        listener.spin_until(is_done)
        assert sorted(built) == ['skeletons_message', 'transforms', 'write']
    finally:
        listener.close()
        outputs.close()


def counted(function: Callable, calls: list[str]) -> Callable:
    """Return the function, which appends its name to `calls` when it is called."""
    def call(*args: object, **values: object) -> object:
        calls.append(function.__name__)
        return function(*args, **values)
    return call


def test_results_leave_no_objects_behind(node: Node) -> None:
    listener = Listener()
    outputs = Outputs(node)
    people = [standing('p1'), standing('p2', at=(1, 0, 4))]
    seconds = itertools.count(1)

    def publish(frames: int) -> None:
        for _ in range(frames):
            outputs.publish(result(*people, seconds=next(seconds)))
    try:
        listener.spin_until(lambda: outputs.are_wanted())
        publish(FRAMES)
        gc.collect()
        before = len(gc.get_objects())
        publish(FRAMES)
        gc.collect()
        assert len(gc.get_objects()) - before < FRAMES  # less than one a frame
    finally:
        listener.close()
        outputs.close()


def test_each_part_of_a_message_is_made_once() -> None:
    """A constructor makes a default for each field before it takes the given one."""
    header, camera, made = result().header, CameraView(), []

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == 'call' and frame.f_code.co_name == '__init__':
            made.append(type(frame.f_locals['self']))
    sys.setprofile(profile)
    try:
        message = skeletons.skeletons_message([standing()], header, [camera], 0)
    finally:
        sys.setprofile(None)
    assert len(message.skeletons[0].joints) == 17
    assert made.count(Vector3) == made.count(Joint3D) == 17
    assert made.count(Point) == 17 + 1  # of the root
