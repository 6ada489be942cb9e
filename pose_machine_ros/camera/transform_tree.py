# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Frames that move relative to each other, with the rules of TF, without ROS."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
import math
import threading

import numpy as np

from pose_machine_ros.camera.quaternions import (
    multiply, normalized, Quaternion, rotate, slerp, Vector)
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.spelling import hint

MEMORY_NS = 10 * 10**9  # of each frame's past
TOLERANCE_NS = 200 * 10**6  # for which the newest transform stays valid: TF often arrives late
JUMP_NS = 10**9  # a stamp that goes back by more is the start of another time
_MAX_FRAMES = 2000  # people have frames, too, which come and go
_MAX_NAMES = 8  # in an error message
_ROUNDING = 0.01  # of the length of a quaternion


@dataclass
class _Edge:
    """Transforms of one frame in its parent, sorted by stamp."""

    parent: str
    is_static: bool
    stamps: list[int] = field(default_factory=list)
    poses: list[tuple[Quaternion, Vector]] = field(default_factory=list)

    def insert(self, stamp_ns: int, pose: tuple[Quaternion, Vector]) -> None:
        """Add a transform, or replace that with the same stamp; forget those out of memory."""
        if self.is_static:
            self.stamps, self.poses = [stamp_ns], [pose]
            return
        place = bisect_left(self.stamps, stamp_ns)
        is_known = place < len(self.stamps) and self.stamps[place] == stamp_ns
        self.stamps[place:place + is_known] = [stamp_ns]
        self.poses[place:place + is_known] = [pose]
        old = bisect_left(self.stamps, self.stamps[-1] - MEMORY_NS)
        del self.stamps[:old], self.poses[:old]

    def pose_at(self, stamp_ns: int) -> tuple[Quaternion, Vector] | None:
        """Return the interpolated transform; None if the stamp is too old or too new."""
        if self.is_static:
            return self.poses[0]
        after = bisect_left(self.stamps, stamp_ns)
        if after == len(self.stamps):
            return self.poses[-1] if stamp_ns - self.stamps[-1] <= TOLERANCE_NS else None
        if self.stamps[after] == stamp_ns:
            return self.poses[after]
        if after == 0:
            return None
        (p, a), (q, b) = self.poses[after - 1], self.poses[after]
        start, end = self.stamps[after - 1], self.stamps[after]
        share = (stamp_ns - start) / (end - start)
        x, y, z = (s + share * (e - s) for s, e in zip(a, b))
        return slerp(p, q, share), (x, y, z)


class TransformTree:
    """The transforms of the last ten seconds. All methods may be called from several threads.

    Each frame has one parent. Names are without a leading slash; one is ignored.
    """

    def __init__(self) -> None:
        self._edges: dict[str, _Edge] = {}  # by child
        self._reparented: dict[str, int] = {}  # stamp at which a frame last got another parent
        self._lock = threading.Lock()

    @property
    def frames(self) -> list[str]:
        """Return the names of all known frames, sorted."""
        with self._lock:
            return self._frames()

    def clear(self) -> None:
        """Forget all transforms but the static ones."""
        with self._lock:
            self._clear()

    def insert(self, parent: str, child: str, stamp_ns: int, rotation: Quaternion,
               translation: Vector, is_static: bool = False) -> str:
        """Add the pose of `child` in `parent` at a time; a static one is valid at all times.

        Returns a warning for the user, or an empty string: a stamp that goes back by more than a
        second forgets everything but the static transforms, because the clock was set back or a
        recording starts again, and a frame with two parents jumps between them. Raises InputError
        for a transform that is unusable.
        """
        parent, child = _name(parent), _name(child)
        if not parent or not child or parent == child:
            raise InputError(f'a transform of the frame {child!r} in {parent!r} is not usable: '
                             'give two different names')
        length = math.hypot(*rotation)
        if not (all(map(math.isfinite, translation)) and abs(length - 1) < _ROUNDING):
            raise InputError(f'the transform of {child!r} in {parent!r} is not usable: translation '
                             f'{list(translation)} must be finite, and the rotation '
                             f'{list(rotation)} of length 1')
        with self._lock:
            warning, edge = '', self._edges.get(child)
            if edge is not None and not edge.is_static and not is_static \
                    and edge.stamps[-1] - stamp_ns > JUMP_NS:
                warning = (f'stamps on TF go back by {_seconds(edge.stamps[-1] - stamp_ns)} '
                           f'({child!r} in {parent!r}): earlier transforms are forgotten. This is '
                           'right when a recording starts again; otherwise two publishers use '
                           'different clocks')
                self._clear()
                edge = None
            if edge is not None and edge.parent != parent:
                warning = self._note_new_parent(child, edge, parent, stamp_ns, is_static)
            if edge is None or edge.parent != parent or edge.is_static != is_static:
                self._make_room()
                edge = self._edges[child] = _Edge(parent, is_static)
            edge.insert(stamp_ns, (normalized(rotation), translation))
            return warning

    def lookup(self, target: str, source: str, stamp_ns: int) -> RigidTransform:
        """Return the pose of the frame `source` in the frame `target` at a time.

        Transforms are interpolated. Each one may be older than `stamp_ns` by up to TOLERANCE_NS:
        then its newest value counts. Raises InputError, which names both frames and the cure, if a
        frame is unknown, if they are not connected, or if a transform is too old or too new.
        """
        target, source = _name(target), _name(source)
        if target == source:
            return RigidTransform()
        with self._lock:
            self._check_known(target, source)
            up, down = self._ancestors(source), self._ancestors(target)
            common = next((frame for frame in up if frame in down), None)
            if common is None:
                raise InputError(
                    f'TF does not connect {source!r} with {target!r}: the one is below '
                    f'{up[-1]!r}, the other below {down[-1]!r}. Publish a transform between them')
            (q, t), (p, s) = (self._pose(frame, common, stamp_ns, source, target)
                              for frame in (source, target))
        back = (-p[0], -p[1], -p[2], p[3])
        x, y, z = (a - b for a, b in zip(t, s))
        return RigidTransform.from_quaternion(
            np.array(multiply(back, q)), np.array(rotate(back, (x, y, z))))

    def _pose(self, frame: str, ancestor: str, stamp_ns: int, source: str, target: str
              ) -> tuple[Quaternion, Vector]:
        """Return rotation and translation of a frame in one of its ancestors."""
        q, t = (0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0)
        while frame != ancestor:
            edge = self._edges[frame]
            if (pose := edge.pose_at(stamp_ns)) is None:
                raise InputError(f'TF has no transform from {source!r} to {target!r} at the time '
                                 f'of the image: that of {frame!r} in {edge.parent!r} '
                                 f'{_gap(edge, stamp_ns)}')
            p, (x, y, z) = pose
            dx, dy, dz = rotate(p, t)
            q, t = multiply(p, q), (x + dx, y + dy, z + dz)
            frame = edge.parent
        return q, t

    def _ancestors(self, frame: str) -> list[str]:
        """Return a frame and all frames above it, up to the root."""
        found = [frame]
        while (edge := self._edges.get(found[-1])) is not None:
            if edge.parent in found:
                raise InputError(f'TF has a loop: {edge.parent!r} is above and below '
                                 f'{found[-1]!r}. Stop one of the publishers')
            found.append(edge.parent)
        return found

    def _check_known(self, target: str, source: str) -> None:
        for name, other in ((target, source), (source, target)):
            if name in self._edges or any(e.parent == name for e in self._edges.values()):
                continue
            known = self._frames()
            listed = ', '.join(known[:_MAX_NAMES]) + (', ...' if len(known) > _MAX_NAMES else '')
            raise InputError(
                f'TF has no frame {name!r}{hint(name, known)}, which is needed with {other!r}. '
                f'Known frames: {listed or "none"}. Start what publishes it on /tf or /tf_static, '
                'or correct the name')

    def _frames(self) -> list[str]:
        return sorted({*self._edges, *(edge.parent for edge in self._edges.values())})

    def _clear(self) -> None:
        self._edges = {child: edge for child, edge in self._edges.items() if edge.is_static}
        self._reparented.clear()

    def _note_new_parent(self, child: str, edge: _Edge, parent: str, stamp_ns: int,
                         is_static: bool) -> str:
        """Return a warning unless this is the first change in ten seconds: it may be intended."""
        last, self._reparented[child] = self._reparented.get(child), stamp_ns
        if not (edge.is_static or is_static) and (
                last is None or abs(stamp_ns - last) > MEMORY_NS):
            return ''
        return (f'TF frame {child!r} has two parents, {edge.parent!r} and {parent!r}: its pose '
                'jumps between them. Stop one of the publishers')

    def _make_room(self) -> None:
        """Forget the half of the moving frames that are oldest, if there are too many."""
        if len(self._edges) < _MAX_FRAMES:
            return
        moving = sorted((child for child, edge in self._edges.items() if not edge.is_static),
                        key=lambda child: self._edges[child].stamps[-1])
        for child in moving[:len(moving) // 2]:
            del self._edges[child]
            self._reparented.pop(child, None)


def _name(frame: str) -> str:
    return frame.lstrip('/')


def _gap(edge: _Edge, stamp_ns: int) -> str:
    if stamp_ns < edge.stamps[0]:
        return (f'begins {_seconds(edge.stamps[0] - stamp_ns)} later. If this goes on, its clock '
                'is not that of the camera')
    return (f'ended {_seconds(stamp_ns - edge.stamps[-1])} earlier. Its publisher stopped, is '
            'slow, or uses another clock')


def _seconds(nanoseconds: int) -> str:
    return f'{nanoseconds * 1e-9:.2f} s'
