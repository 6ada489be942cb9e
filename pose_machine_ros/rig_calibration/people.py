# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which tracks of several cameras show the same person, and a first pose of every camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.rig_calibration.alignment import Alignment
from pose_machine_ros.rig_calibration.tracks import CameraTracks, Track

_MAX_OVERLAP = 0.5  # seconds, of two tracks of one camera that may be one person


@dataclass(frozen=True)
class Person:
    """The tracks of one person in all cameras."""

    tracks: tuple[tuple[int, Track], ...]  # number of the camera, track

    @property
    def cameras(self) -> set[int]:
        """Numbers of the cameras that saw the person."""
        return {camera for camera, _ in self.tracks}


@dataclass(frozen=True)
class Placement:
    """Pose of a camera in the frame of the first one, and its time offset in seconds."""

    pose: RigidTransform
    offset: float


def place_cameras(count: int, alignments: Mapping[tuple[int, int], Alignment]
                  ) -> dict[int, Placement]:
    """Return the placement of each camera that is connected to the first one.

    `alignments` are those of camera b to camera a, by (a, b). Cameras are connected in the order
    of their agreement (a maximum spanning tree).
    """
    edges = dict(alignments)
    edges |= {(b, a): alignment.inverse() for (a, b), alignment in alignments.items()}
    placed = {0: Placement(RigidTransform(), 0.0)}
    while len(placed) < count:
        open_ = {(a, b): edge for (a, b), edge in edges.items() if a in placed and b not in placed}
        if not open_:
            break
        a, b = max(open_, key=lambda pair: open_[pair].agreement)
        edge = open_[a, b]
        placed[b] = Placement(placed[a].pose @ edge.pose, placed[a].offset + edge.offset)
    return placed


def find_people(cameras: list[CameraTracks],
                alignments: Mapping[tuple[int, int], Alignment]) -> list[Person]:
    """Return the people whom at least two cameras saw.

    Tracks are joined in the order of their agreement, unless that would make two people of one
    camera, seen at the same time, one person.
    """
    groups = {(c, i): {(c, i)} for c, camera in enumerate(cameras)
              for i in range(len(camera.tracks))}
    links = sorted(((m.agreement, (a, m.first), (b, m.second))
                    for (a, b), alignment in alignments.items() for m in alignment.matches),
                   key=lambda link: -link[0])
    for _, one, other in links:
        first, second = groups[one], groups[other]
        if first is second or _are_two_people(cameras, first | second):
            continue
        first |= second
        groups |= dict.fromkeys(second, first)
    unique = {id(group): group for group in groups.values()}.values()
    people = [Person(tuple((c, cameras[c].tracks[i]) for c, i in sorted(group)))
              for group in unique]
    return [person for person in people if len(person.cameras) > 1]


def _are_two_people(cameras: list[CameraTracks], group: set[tuple[int, int]]) -> bool:
    members = sorted(group)
    for k, (c, i) in enumerate(members):
        for other, j in members[k + 1:]:
            if other == c:
                one, two = cameras[c].tracks[i].times, cameras[c].tracks[j].times
                if min(one[-1], two[-1]) - max(one[0], two[0]) > _MAX_OVERLAP:
                    return True
    return False
