# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""2D keypoints of people over time, from a user's own detector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import logging

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.detections import Detection, DetectionSequence
from pose_machine_ros.io.keypoint_file import KeypointFile
from pose_machine_ros.io.keypoint_values import clean_keypoints
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.pose import Person2D, Skeleton, TrackingState, unseen_keypoints
from pose_machine_ros.tracking.bounding_box import bounding_box
from pose_machine_ros.tracking.follower import PeopleFollower

_LOGGER = logging.getLogger(__name__)
_MAX_OUTSIDE = 0.5  # of the keypoints, outside of the image


@dataclass(frozen=True)
class KeypointSequence:
    """The people seen in successive frames; a frame lists only those seen in it."""

    stamps_ns: np.ndarray  # (F,) int64, rising
    people: list[dict[str, np.ndarray]]  # F times id -> (17, 3) COCO-17: px, score, NaN if unseen
    camera: Camera

    @classmethod
    def of_file(cls, file: KeypointFile) -> KeypointSequence:
        """Return the one person of a keypoint file, as p1."""
        people = [{'p1': k} if _has_keypoints(k) else {} for k in file.keypoints]
        return cls(file.stamps_ns, people, file.camera)

    @classmethod
    def of_detections(cls, detections: DetectionSequence, fps: float,
                      camera: Camera) -> KeypointSequence:
        """Return the people of a detector's file as p1, p2 and so on, in order of appearance.

        Frames are `1 / fps` seconds apart, and the first frame of the file is at 0. People keep
        the identity that the file gives them; if it gives none, or the same one twice in a frame,
        they are tracked by their position. Raises InputError if the file has no frame, or if its
        values are not keypoints in px of the camera's images.
        """
        frames = detections.all_frames()
        if not frames:
            raise InputError(f'{detections.path} lists no frame')
        stamps = np.round(np.arange(len(frames)) * (1e9 / fps)).astype(np.int64)
        everyone = [d for frame in frames for d in frame]
        if everyone:
            cleaned = clean_keypoints(np.stack([d.keypoints for d in everyone]), detections.path)
            _check_inside(cleaned, camera, detections)
            left = iter(cleaned)
            frames = [[Detection(next(left), d.track_id) for d in frame] for frame in frames]
        frames = [[d for d in frame if _has_keypoints(d.keypoints)] for frame in frames]
        name = _by_identity if _have_identity(frames, detections) else _by_position
        return cls(stamps, list(name(frames, stamps)), camera)

    def lift(self, lifter: PoseLifter) -> Iterator[tuple[int, list[Skeleton]]]:
        """Iterate over (stamp in ns, skeletons of the people seen in the frame).

        A person keeps their state in the lifter over a gap of up to its `max_gap`. A person never
        seen well enough to be lifted has no skeleton.
        """
        seen_ns: dict[str, int] = {}
        for stamp_ns, seen in zip(self.stamps_ns.tolist(), self.people):
            if not seen:
                yield stamp_ns, []
                continue
            seen_ns.update(dict.fromkeys(seen, stamp_ns))
            max_gap_ns = lifter.config.max_gap * 1e9
            seen_ns = {p: t for p, t in seen_ns.items() if stamp_ns - t <= max_gap_ns}
            skeletons = lifter.step([_person(p, seen.get(p)) for p in seen_ns], stamp_ns,
                                    self.camera)
            yield stamp_ns, [s for s in skeletons if s.id in seen and np.isfinite(s.xyz).any()]


def _has_keypoints(keypoints: np.ndarray) -> bool:
    return bool((keypoints[:, 2] > 0).any())


def _person(identity: str, keypoints: np.ndarray | None) -> Person2D:
    if keypoints is None:
        return Person2D(identity, TrackingState.PREDICTED, unseen_keypoints(),
                        np.full(4, np.nan, np.float32))
    return Person2D(identity, TrackingState.TRACKED, keypoints, bounding_box(keypoints))


def _have_identity(frames: list[list[Detection]], detections: DetectionSequence) -> bool:
    given = [[d.track_id for d in frame] for frame in frames]
    if all(None not in frame and len(set(frame)) == len(frame) for frame in given):
        return True
    if any(person is not None for frame in given for person in frame):
        _LOGGER.warning('%s does not give each person of a frame an identity of their own: people '
                        'are tracked by their position in the image instead', detections.path)
    return False


def _by_identity(frames: list[list[Detection]], _: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    ids: dict[str, str] = {}
    for frame in frames:
        yield {ids.setdefault(d.track_id, f'p{len(ids) + 1}'): d.keypoints for d in frame}


def _by_position(frames: list[list[Detection]],
                 stamps_ns: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    follower = PeopleFollower()
    for frame, stamp_ns in zip(frames, stamps_ns.tolist()):
        seen = [d.keypoints for d in frame]
        yield dict(zip(follower.update(seen, stamp_ns), seen))


def _check_inside(keypoints: np.ndarray, camera: Camera, detections: DetectionSequence) -> None:
    pixels = keypoints[keypoints[..., 2] > 0, :2]
    outside = (pixels < 0) | (pixels > (camera.width, camera.height))
    if len(pixels) and outside.any(-1).mean() > _MAX_OUTSIDE:
        raise InputError(
            f'{detections.path}: most keypoints, such as {pixels[outside.any(-1)][0].tolist()}, '
            f'lie outside of images of {camera.width}x{camera.height} px; give the size that the '
            'detector worked on with --size')
