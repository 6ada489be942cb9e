# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Who is who: follows people from frame to frame and looks for new ones now and then."""

from __future__ import annotations

from dataclasses import dataclass
import itertools

import numpy as np
from scipy.optimize import linear_sum_assignment

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d import PoseNetwork2D
from pose_machine_ros.keypoints2d.crops import Frame, whole_pixels
from pose_machine_ros.pose import Person2D, TrackingState
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.timing import Stopwatch

_SEEN_SCORE = 0.2  # keypoints below do not count for a person's extent
_PRESENCE_KEYPOINTS = 6  # a person is as present as the mean of their best keypoints
_SAME_PERSON = 0.6  # overlap of two tracks' boxes, with keypoints close together
_MATCH = 0.2  # least overlap of a detection with a track


@dataclass(frozen=True)
class TrackingConfig:
    """How people are followed."""

    max_people: int = 6
    detect_interval: float = 0.5  # seconds between looks for new people
    search_interval: float = 0.2  # the same while nobody is seen, or somebody just vanished
    crop_margin: float = 1.25  # side of a person's crop over their extent
    min_presence: float = 0.3  # score below which a person is not seen
    new_presence: float = 0.4  # score a new person needs
    max_missed: float = 0.5  # seconds a person is carried on unseen
    min_size: int = 32  # px, extent of the smallest person to start with

    def __post_init__(self) -> None:
        if self.max_people < 1:
            raise InputError(f'max_people = {self.max_people} must be at least 1')
        for name in ('detect_interval', 'search_interval', 'max_missed'):
            if not 0 <= getattr(self, name) <= 60:
                raise InputError(f'{name} = {getattr(self, name)} s is not between 0 and 60')
        if not 1 <= self.crop_margin <= 4:
            raise InputError(f'crop_margin = {self.crop_margin} is not between 1 and 4')
        if self.min_size < 1:
            raise InputError(f'min_size = {self.min_size} px must be at least 1')
        for name in ('min_presence', 'new_presence'):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f'{name} = {getattr(self, name)} is not in [0, 1]')


@dataclass
class _Track:
    id: str
    keypoints: np.ndarray  # (17, 3), where last seen
    seen_ns: int  # when
    is_new: bool = True


class PeopleTracker:
    """Follows the people of one camera.

    Call `step` with every frame, oldest first. Ids are never used again, not even after `reset`.
    """

    def __init__(self, network: PoseNetwork2D, config: TrackingConfig = TrackingConfig(),
                 stopwatch: Stopwatch | None = None) -> None:
        self.config = config
        self._network = network
        self._stopwatch = stopwatch or Stopwatch()
        self._tracks: list[_Track] = []
        self._detected_ns: int | None = None
        self._ids = (f'p{n}' for n in itertools.count(1))

    def reset(self) -> None:
        """Forget everybody, without a word."""
        self._tracks = []
        self._detected_ns = None

    def step(self, image: np.ndarray, stamp_ns: int) -> list[Person2D]:
        """Return everyone seen in the frame (H, W, 3) uint8 BGR, and those just out of sight.

        A person not seen is PREDICTED, without keypoints, for `max_missed` seconds, then LOST once.
        """
        frame = self._network.upload(image)
        candidates: list[np.ndarray] = []
        if self._is_time_to_detect(stamp_ns):
            with self._stopwatch.stage('detect'):
                candidates = self._find_new(frame, image.shape)
            self._detected_ns = stamp_ns
        keypoints = self._look_closely(frame, [t.keypoints for t in self._tracks] + candidates)
        with self._stopwatch.stage('track'):
            followed = keypoints[:len(self._tracks)]
            for track, seen in zip(self._tracks, followed):
                if presence(seen) >= self.config.min_presence:
                    track.keypoints, track.seen_ns = seen, stamp_ns
            doubles = self._doubles(stamp_ns)
            for seen in keypoints[len(self._tracks):]:
                self._admit(seen, stamp_ns)
            return self._report(stamp_ns, doubles)

    def _is_time_to_detect(self, stamp_ns: int) -> bool:
        if self._detected_ns is None:
            return True
        all_seen = self._tracks and all(t.seen_ns >= self._newest_ns() for t in self._tracks)
        interval = self.config.detect_interval if all_seen else self.config.search_interval
        return stamp_ns - self._detected_ns >= interval * 1e9

    def _newest_ns(self) -> int:
        return max(t.seen_ns for t in self._tracks)

    def _find_new(self, frame: Frame, shape: tuple[int, ...]) -> list[np.ndarray]:
        """Return rough keypoints of people who are not tracked yet, and bring lost tracks back."""
        found = list(self._network.detect(frame).keypoints)
        boxes = np.array([extent(k) for k in found]).reshape(-1, 4)
        tracked = np.array([extent(t.keypoints) for t in self._tracks]).reshape(-1, 4)
        overlap = _overlaps(tracked, boxes)
        matched = set()
        for row, column in zip(*linear_sum_assignment(-overlap)):
            if overlap[row, column] >= _MATCH:
                matched.add(column)
                track = self._tracks[row]
                if track.seen_ns < self._newest_ns():  # look where the detector saw them
                    track.keypoints = found[column]
        new = [k for i, k in enumerate(found) if i not in matched
               and not (overlap[:, i] > _SAME_PERSON).any()]
        if not found and not self._tracks:
            new = [_filling(shape)]  # someone too close for the detector may fill the picture
        room = self.config.max_people - len(self._tracks)
        new.sort(key=lambda k: -np.ptp(extent(k)[1::2]))
        return new[:room]

    def _look_closely(self, frame: Frame, around: list[np.ndarray]) -> np.ndarray:
        """Return refined keypoints (N, 17, 3) of people near rough keypoints."""
        if not around:
            return np.zeros((0, len(COCO_17), 3), np.float32)
        regions = whole_pixels(np.stack([region(k, self.config.crop_margin) for k in around]))
        with self._stopwatch.stage('crop'):
            cut = self._network.crop(frame, regions)
        with self._stopwatch.stage('keypoints'):
            return self._network.refine(cut, regions)

    def _admit(self, keypoints: np.ndarray, stamp_ns: int) -> None:
        """Start a track, unless the person isn't convincing or is tracked already."""
        left, top, right, bottom = extent(keypoints)
        if presence(keypoints) < self.config.new_presence \
                or max(right - left, bottom - top) < self.config.min_size:
            return
        if any(_is_same(keypoints, t.keypoints) for t in self._tracks):
            return
        if len(self._tracks) < self.config.max_people:
            self._tracks.append(_Track(next(self._ids), keypoints, stamp_ns))

    def _doubles(self, stamp_ns: int) -> set[str]:
        """Return the ids of tracks that came to follow a person whom an older track follows."""
        seen = [t for t in self._tracks if t.seen_ns == stamp_ns]
        return {b.id for a, b in itertools.combinations(seen, 2)
                if _is_same(a.keypoints, b.keypoints)}

    def _report(self, stamp_ns: int, doubles: set[str]) -> list[Person2D]:
        people, kept = [], []
        for track in self._tracks:
            unseen = (stamp_ns - track.seen_ns) * 1e-9
            is_lost = unseen > self.config.max_missed or track.id in doubles
            if not is_lost:
                kept.append(track)
            people.append(_person(track, unseen > 0, is_lost))
            track.is_new = False
        self._tracks = kept
        return people


def _person(track: _Track, is_unseen: bool, is_lost: bool) -> Person2D:
    if is_lost:
        state = TrackingState.LOST
    elif is_unseen:
        state = TrackingState.PREDICTED
    else:
        state = TrackingState.NEW if track.is_new else TrackingState.TRACKED
    keypoints = track.keypoints
    if is_unseen or is_lost:
        keypoints = np.full_like(keypoints, np.nan)
        keypoints[:, 2] = 0
    return Person2D(track.id, state, keypoints, extent(track.keypoints))


def presence(keypoints: np.ndarray) -> float:
    """Return in [0, 1] how sure it is that there is a person with keypoints (17, 3)."""
    return float(np.sort(keypoints[:, 2])[-_PRESENCE_KEYPOINTS:].mean())


def extent(keypoints: np.ndarray) -> np.ndarray:
    """Return the box (4,) left, top, right, bottom in px around the seen ones of (17, 3)."""
    seen = keypoints[keypoints[:, 2] >= _SEEN_SCORE, :2]
    if len(seen) < 2:
        seen = keypoints[:, :2]
    return np.concatenate((seen.min(0), seen.max(0))).astype(np.float32)


def region(keypoints: np.ndarray, margin: float) -> np.ndarray:
    """Return the square (3,) left, top, side in px to look for the person of (17, 3) in."""
    left, top, right, bottom = extent(keypoints)
    side = margin * max(right - left, bottom - top, 16)
    return np.array([(left + right - side) / 2, (top + bottom - side) / 2, side])


def _filling(shape: tuple[int, ...]) -> np.ndarray:
    """Keypoints (17, 3) spread over the whole picture, score 1."""
    height, width = shape[:2]
    spread = np.ones((len(COCO_17), 3), np.float32)
    spread[:, 0] = np.linspace(0.15, 0.85, len(COCO_17)) * width
    spread[:, 1] = np.linspace(0.15, 0.85, len(COCO_17)) * height
    return spread


def _overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the intersection over union (N, M) of boxes (N, 4) and (M, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), -1)
    area_a, area_b = (np.prod(x[:, 2:] - x[:, :2], -1) for x in (a, b))
    return shared / np.maximum(area_a[:, None] + area_b[None] - shared, 1e-6)


def _is_same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether keypoints (17, 3) of two tracks lie on one person."""
    box = extent(a)
    size = max(box[2] - box[0], box[3] - box[1], 1.0)
    both = (a[:, 2] >= _SEEN_SCORE) & (b[:, 2] >= _SEEN_SCORE)
    if both.sum() < 4:
        return bool(_overlaps(box[None], extent(b)[None])[0, 0] > _SAME_PERSON)
    away = np.linalg.norm(a[both, :2] - b[both, :2], axis=-1)
    return bool(np.median(away) < 0.08 * size)
