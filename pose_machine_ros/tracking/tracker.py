# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Who is who: follows people from frame to frame and looks for new ones now and then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import itertools
from types import MappingProxyType

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d import PoseNetwork2D
from pose_machine_ros.keypoints2d.crops import Frame
from pose_machine_ros.pose import Motion, Person2D, TrackingState
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.timing import Stopwatch
from pose_machine_ros.tracking import association
from pose_machine_ros.tracking.extents import presence, region, size
from pose_machine_ros.tracking.track import Track

_NO_MOTIONS: Mapping[str, Motion] = MappingProxyType({})
_LEAST_DETECTIONS = 6  # of the detector, whose best is not always the one to follow


@dataclass(frozen=True)
class TrackingConfig:
    """How people are followed."""

    max_people: int = 6
    detect_interval: float = 0.5  # seconds between looks for new people
    search_interval: float = 0.2  # the same while nobody is seen, or somebody just vanished
    crop_margin: float = 1.25  # side of a person's crop over their extent
    min_presence: float = 0.3  # score below which a person is not seen
    new_presence: float = 0.4  # score a new person needs
    max_missed: float = 1.0  # seconds a person is carried on unseen
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


class PeopleTracker:
    """Follows the people of one camera.

    Call `step` with every frame, oldest first. Ids are never used again, not even after `reset`.
    """

    def __init__(self, network: PoseNetwork2D, config: TrackingConfig = TrackingConfig(),
                 stopwatch: Stopwatch | None = None, ids: Iterator[str] | None = None) -> None:
        """Know nobody; `ids` are for those to come: p1, p2 and so on where there are none."""
        self.config = config
        self._network = network
        self._stopwatch = stopwatch or Stopwatch()
        self._tracks: list[Track] = []
        self._detected_ns: int | None = None
        self._ids = ids or map('p{}'.format, itertools.count(1))
        self._forgotten: list[Track] = []  # and not yet told so

    def reset(self) -> None:
        """Forget everybody; in the next frame they are LOST."""
        self._forgotten += self._tracks
        self._tracks = []
        self._detected_ns = None

    def step(self, image: np.ndarray, stamp_ns: int, motions: Mapping[str, Motion] = _NO_MOTIONS
             ) -> list[Person2D]:
        """Return everyone seen in the frame (H, W, 3) uint8 BGR, and those just out of sight.

        `motions`, by id, is how people known in 3D should have moved since last seen.
        A person not seen is PREDICTED, without keypoints, for `max_missed` seconds, then LOST once.
        """
        frame = self._network.upload(image)
        expected = [t.predict(stamp_ns, motions.get(t.id)) for t in self._tracks]
        found: list[np.ndarray] = []
        if self._is_time_to_detect(stamp_ns):
            with self._stopwatch.stage('detect'):
                found = self._find_others(frame, image.shape, expected, stamp_ns)
            self._detected_ns = stamp_ns
        keypoints = self._look_closely(frame, expected + found)
        with self._stopwatch.stage('track'):
            self._recognize(expected, keypoints, stamp_ns)
            return self._report(stamp_ns)

    def _is_time_to_detect(self, stamp_ns: int) -> bool:
        if self._detected_ns is None:
            return True
        all_seen = self._tracks and all(t.seen_ns >= self._newest_ns() for t in self._tracks)
        interval = self.config.detect_interval if all_seen else self.config.search_interval
        return stamp_ns - self._detected_ns >= interval * 1e9

    def _newest_ns(self) -> int:
        return max(t.seen_ns for t in self._tracks)

    def _find_others(self, frame: Frame, shape: tuple[int, ...], expected: list[np.ndarray],
                     stamp_ns: int) -> list[np.ndarray]:
        """Return rough keypoints of people who are not where somebody in sight is expected."""
        found = list(self._network.detect(
            frame, max(self.config.max_people, _LEAST_DETECTIONS)).keypoints)
        if not found and not self._tracks:
            return [_filling(shape)]  # someone too close for the detector may fill the picture
        in_sight = [i for i, t in enumerate(self._tracks) if t.seen_ns >= self._newest_ns()]
        known = association.associate(
            [expected[i] for i in in_sight], self._unseen(stamp_ns)[in_sight], found)
        others = [k for i, k in enumerate(found) if i not in {j for _, j in known}]
        others.sort(key=lambda k: -size(k))
        return others[:self.config.max_people]

    def _look_closely(self, frame: Frame, around: list[np.ndarray]) -> np.ndarray:
        """Return refined keypoints (N, 17, 3) of people near rough keypoints."""
        if not around:
            return np.zeros((0, len(COCO_17), 3), np.float32)
        regions = np.stack([region(k, self.config.crop_margin) for k in around])
        with self._stopwatch.stage('crop'):
            cut = self._network.crop(frame, regions)
        with self._stopwatch.stage('keypoints'):
            return self._network.refine(cut, regions)

    def _unseen(self, stamp_ns: int) -> np.ndarray:
        return np.array([t.unseen(stamp_ns) for t in self._tracks])

    def _recognize(self, expected: list[np.ndarray], keypoints: np.ndarray, stamp_ns: int) -> None:
        """Give the tracks what was seen, from their own crops first, and begin new ones."""
        count = len(self._tracks)
        present = [i for i, k in enumerate(keypoints) if presence(k) >= self.config.min_presence]
        kept = [present[i] for i in association.distinct([keypoints[i] for i in present])]
        pairs = association.associate(
            expected, self._unseen(stamp_ns), [keypoints[i] for i in kept])
        for row, column in pairs:
            self._tracks[row].see(keypoints[kept[column]], stamp_ns)
        taken = {kept[column] for _, column in pairs}
        gone = [k for k, t in zip(expected, self._tracks) if t.seen_ns < stamp_ns]
        for i in sorted(kept):
            if i >= count and i not in taken \
                    and not any(association.is_part(keypoints[i], k) for k in gone):
                self._admit(keypoints[i], stamp_ns)

    def _admit(self, keypoints: np.ndarray, stamp_ns: int) -> None:
        """Start a track, unless the person isn't convincing."""
        if len(self._tracks) < self.config.max_people \
                and presence(keypoints) >= self.config.new_presence \
                and size(keypoints) >= self.config.min_size:
            self._tracks.append(Track(next(self._ids), keypoints, stamp_ns))

    def _report(self, stamp_ns: int) -> list[Person2D]:
        people = [t.tell(stamp_ns, self.config.max_missed) for t in self._tracks]
        self._tracks = [t for t, p in zip(self._tracks, people) if p.state != TrackingState.LOST]
        people += [t.lost() for t in self._forgotten]
        self._forgotten = []
        return people


def _filling(shape: tuple[int, ...]) -> np.ndarray:
    """Keypoints (17, 3) of somebody upright who fills the whole picture, score 1."""
    height, width = shape[:2]
    spread = np.ones((len(COCO_17), 3), np.float32)
    spread[:, 0] = [(0.85 if 'left' in n else 0.15) * width for n in COCO_17.names]
    spread[:, 1] = np.linspace(0.15, 0.85, len(COCO_17)) * height  # COCO's order is from head to foot
    return spread
