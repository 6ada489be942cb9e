# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The buffer of tf2_ros, where it is installed."""

from __future__ import annotations

import re

import numpy as np
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.camera.transform_tree import JUMP_NS, MEMORY_NS, TOLERANCE_NS
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.spelling import hint

try:
    import tf2_ros
except ImportError:  # the Python wheels of ROS 2 do not include it
    tf2_ros = None

_FRAME = re.compile(r'^([^\s:]+):\s*$', re.MULTILINE)  # in Buffer.all_frames_as_yaml


def is_installed() -> bool:
    """Return whether tf2_ros can be imported."""
    return tf2_ros is not None


class Tf2Transforms:
    """A buffer and a listener of tf2_ros that behave as a TransformTree.

    After stamps went back, tf2 refuses transforms that are older than those it has, until they
    catch up. So a lookup whose stamp goes back forgets everything but the static transforms.
    """

    def __init__(self, node: Node) -> None:
        self._logger = node.get_logger()
        self._stamps: dict[tuple[str, str], int] = {}  # of the last lookup of two frames
        self._buffer = tf2_ros.Buffer(Duration(nanoseconds=MEMORY_NS))
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    def lookup(self, target: str, source: str, stamp_ns: int) -> RigidTransform:
        """Return the pose of a frame in another one, see TransformBuffer.lookup."""
        target, source = target.lstrip('/'), source.lstrip('/')
        self._watch(target, source, stamp_ns)
        try:
            found = self._at(target, source, stamp_ns)
        except tf2_ros.TransformException as error:
            known = _FRAME.findall(self._buffer.all_frames_as_yaml())
            hints = ''.join(hint(name, known) for name in (target, source) if name not in known)
            raise InputError(f'TF has no transform from {source!r} to {target!r}{hints}: {error}. '
                             'Start what publishes it, or correct the names') from error
        q, t = found.transform.rotation, found.transform.translation
        return RigidTransform.from_quaternion(
            np.array((q.x, q.y, q.z, q.w)), np.array((t.x, t.y, t.z)))

    def close(self) -> None:
        """Unsubscribe."""
        self._listener.unregister()

    def _watch(self, target: str, source: str, stamp_ns: int) -> None:
        """Forget the moving transforms if stamps went back; cameras may differ in their clocks."""
        last = self._stamps.get((target, source), stamp_ns)
        if last - stamp_ns > JUMP_NS:
            self._logger.warning(
                f'stamps of {source!r} go back by {(last - stamp_ns) * 1e-9:.2f} s: earlier '
                'transforms are forgotten')
            self._buffer.clear()  # static transforms stay
            self._stamps.clear()
        self._stamps[target, source] = stamp_ns

    def _at(self, target: str, source: str, stamp_ns: int) -> object:
        """Return the transform at a time, or the newest one if that is not much earlier."""
        try:
            return self._buffer.lookup_transform(target, source, Time(nanoseconds=stamp_ns))
        except tf2_ros.ExtrapolationException:
            newest = self._buffer.lookup_transform(target, source, Time())
            if 0 <= stamp_ns - header_stamp_ns(newest.header) <= TOLERANCE_NS:
                return newest
            raise
