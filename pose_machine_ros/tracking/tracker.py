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
from pose_machine_ros.keypoints2d.crops import UploadedImage
from pose_machine_ros.pose import Motion, Person2D, TrackingState
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.timing import Stopwatch
from pose_machine_ros.tracking import association
from pose_machine_ros.tracking.bounding_box import apparent_height, confidence, region, size
from pose_machine_ros.tracking.search import Look, PeopleSearch, upright
from pose_machine_ros.tracking.track import Track

_NO_MOTIONS: Mapping[str, Motion] = MappingProxyType({})
_SPARE_DETECTIONS = 6  # beyond max_people: the detector's surest are not always the nearest
_LEAST_CANDIDATES = 4  # looked at closely: what is nearest may turn out to be nobody
_FILLING = 0.6  # of the picture's shorter side: who is smaller is left to the detector
_CLEARLY_NEARER = 1.5  # ratio of apparent heights; that of one person varies by up to 1.35


@dataclass(frozen=True)
class TrackingConfig:
    """How people are followed."""

    max_people: int = 6
    detect_interval: float = 0.5  # seconds between looks for new people
    search_interval: float = 0.2  # the same while nobody is seen, or somebody just vanished
    crop_margin: float = 1.25  # side of a person's crop over their extent
    min_confidence: float = 0.3  # score below which a person is not seen
    new_confidence: float = 0.4  # score a new person needs
    max_age: float = 1.0  # seconds a person is carried on unseen
    min_size: int = 32  # px, extent of the smallest person to start with

    def __post_init__(self) -> None:
        if self.max_people < 1:
            raise InputError(f'max_people = {self.max_people} must be at least 1')
        for name in ('detect_interval', 'search_interval', 'max_age'):
            if not 0 <= getattr(self, name) <= 60:
                raise InputError(f'{name} = {getattr(self, name)} s is not between 0 and 60')
        if not 1 <= self.crop_margin <= 4:
            raise InputError(f'crop_margin = {self.crop_margin} is not between 1 and 4')
        if self.min_size < 1:
            raise InputError(f'min_size = {self.min_size} px must be at least 1')
        for name in ('min_confidence', 'new_confidence'):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f'{name} = {getattr(self, name)} is not in [0, 1]')


class PeopleTracker:
    """Follows the people of one camera.

    Call `step` with every frame, oldest first. Ids are never used again, not even after `reset`.
    Near people come before far ones: where `max_people` are followed already, somebody who is
    clearly nearer than the furthest of them takes that one's place.

    `rotation` is by how many degrees clockwise the frames have to be turned for people to stand
    upright in them: 0, 90, 180 or 270. Results are in px of the frames as they are. Call `reset`
    after a change.
    """

    def __init__(self, network: PoseNetwork2D, config: TrackingConfig = TrackingConfig(),
                 stopwatch: Stopwatch | None = None, ids: Iterator[str] | None = None) -> None:
        """Know nobody; `ids` are for those to come: p1, p2 and so on where there are none."""
        self.config = config
        self.rotation = 0
        self._network = network
        self._search = PeopleSearch(network)
        self._stopwatch = stopwatch or Stopwatch()
        self._tracks: list[Track] = []
        self._left_out: dict[Look, bool] = {}  # whether the last look of its kind left somebody out
        self._ids = ids or map('p{}'.format, itertools.count(1))
        self._forgotten: list[Track] = []  # and not yet told so

    def reset(self) -> None:
        """Forget everybody; in the next frame they are LOST."""
        self._forgotten += self._tracks
        self._tracks = []
        self._left_out = {}
        self._search.reset()

    @property
    def is_crowded(self) -> bool:
        """Whether `max_people` are followed, and somebody else was seen when last looked for."""
        return len(self._tracks) >= self.config.max_people and any(self._left_out.values())

    def step(self, image: np.ndarray, stamp_ns: int, motions: Mapping[str, Motion] = _NO_MOTIONS
             ) -> list[Person2D]:
        """Return everyone seen in the frame (H, W, 3) uint8 BGR, and those just out of sight.

        `motions`, by id, is how people known in 3D should have moved since last seen.
        A person not seen is PREDICTED, without keypoints, for `max_age` seconds, then LOST once.
        A person who makes room for somebody nearer, or for a lower `max_people`, is LOST at once.
        """
        while len(self._tracks) > self.config.max_people:
            self._drop(self._furthest())
        frame = self._network.upload(image)
        expected = [t.predict(stamp_ns, motions.get(t.id)) for t in self._tracks]
        looks = self._search.due(stamp_ns, self._interval())
        others = self._find_others(frame, image.shape, looks, expected, stamp_ns) if looks else []
        chosen = self._choose(others)
        keypoints = self._look_closely(frame, expected + others[:chosen])
        with self._stopwatch.stage('track'):
            refused = self._recognize(expected, keypoints, stamp_ns)
            self._left_out |= dict.fromkeys(
                looks, refused or any(self._is_somebody_else(k) for k in others[chosen:]))
            return self._report(stamp_ns)

    def _interval(self) -> float:
        """Return the seconds between looks for new people."""
        all_seen = self._tracks and all(t.seen_ns >= self._newest_ns() for t in self._tracks)
        return self.config.detect_interval if all_seen else self.config.search_interval

    def _newest_ns(self) -> int:
        return max(t.seen_ns for t in self._tracks)

    def _find_others(self, frame: UploadedImage, shape: tuple[int, ...], looks: list[Look],
                     expected: list[np.ndarray], stamp_ns: int) -> list[np.ndarray]:
        """Return rough keypoints of people who are not where somebody in sight is expected.

        Nearest first.
        """
        with self._stopwatch.stage('detect'):
            found = self._search.find(
                frame, shape, looks, self.config.max_people + _SPARE_DETECTIONS, self.rotation)
        if not self._tracks and Look.FINE in looks:
            filling = self._look_closely(frame, [upright(shape, self.rotation)])
            found += [k for k in filling if size(k) >= _FILLING * min(shape[:2])]
        in_sight = [i for i, t in enumerate(self._tracks) if t.seen_ns >= self._newest_ns()]
        known = association.associate(
            [expected[i] for i in in_sight], self._unseen(stamp_ns)[in_sight], found)
        others = [k for i, k in enumerate(found) if i not in {j for _, j in known}]
        return sorted(others, key=apparent_height, reverse=True)

    def _choose(self, others: list[np.ndarray]) -> int:
        """Return how many of the others, nearest first, might be followed."""
        if len(self._tracks) >= self.config.max_people:
            enough = _CLEARLY_NEARER * apparent_height(self._furthest().keypoints)
            others = [k for k in others if apparent_height(k) >= enough]
        return min(len(others), max(self.config.max_people, _LEAST_CANDIDATES))

    def _furthest(self) -> Track:
        return min(self._tracks, key=lambda t: apparent_height(t.keypoints))

    def _drop(self, track: Track) -> None:
        """Follow somebody no more; they are LOST in this frame."""
        self._tracks.remove(track)
        self._forgotten.append(track)

    def _look_closely(self, frame: UploadedImage, around: list[np.ndarray]) -> np.ndarray:
        """Return refined keypoints (N, 17, 3) of people near rough keypoints."""
        if not around:
            return np.zeros((0, len(COCO_17), 3), np.float32)
        regions = np.stack([region(k, self.config.crop_margin, self.rotation) for k in around])
        with self._stopwatch.stage('crop'):
            cut = self._network.crop(frame, regions)
        with self._stopwatch.stage('keypoints'):
            return self._network.refine(cut, regions)

    def _unseen(self, stamp_ns: int) -> np.ndarray:
        return np.array([t.unseen(stamp_ns) for t in self._tracks])

    def _recognize(self, expected: list[np.ndarray], keypoints: np.ndarray, stamp_ns: int) -> bool:
        """Give the tracks what was seen, from their own crops first, and begin new ones.

        Return whether somebody is left without a track because there is no room for them.
        """
        count = len(self._tracks)
        present = [i for i, k in enumerate(keypoints)
                   if confidence(k) >= self.config.min_confidence]
        kept = [present[i] for i in association.distinct([keypoints[i] for i in present])]
        pairs = association.associate(
            expected, self._unseen(stamp_ns), [keypoints[i] for i in kept])
        for row, column in pairs:
            self._tracks[row].update(keypoints[kept[column]], stamp_ns)
        taken = {kept[column] for _, column in pairs}
        gone = [k for k, t in zip(expected, self._tracks) if t.seen_ns < stamp_ns]
        new = [keypoints[i] for i in kept if i >= count and i not in taken]
        new = [k for k in new if self._is_convincing(k)
               and not any(association.is_part(k, e) for e in gone)]
        # Nearest first, so that nobody has to go in the frame in which they come.
        admitted = [self._admit(k, stamp_ns)
                    for k in sorted(new, key=apparent_height, reverse=True)]
        return not all(admitted)

    def _is_convincing(self, keypoints: np.ndarray) -> bool:
        """Whether there is a person with these keypoints (17, 3) to be followed."""
        return confidence(keypoints) >= self.config.new_confidence \
            and size(keypoints) >= self.config.min_size

    def _admit(self, keypoints: np.ndarray, stamp_ns: int) -> bool:
        """Start a track where there is room, or somebody further away to make it."""
        if len(self._tracks) >= self.config.max_people:
            furthest = self._furthest()
            if apparent_height(keypoints) \
                    < _CLEARLY_NEARER * apparent_height(furthest.keypoints):
                return False
            self._drop(furthest)
        self._tracks.append(Track(next(self._ids), keypoints, stamp_ns))
        return True

    def _is_somebody_else(self, rough: np.ndarray) -> bool:
        """Whether rough keypoints (17, 3) are convincing, and nothing of those followed."""
        followed = [t.keypoints for t in self._tracks]
        return self._is_convincing(rough) \
            and not association.associate(followed, np.zeros(len(followed)), [rough]) \
            and not any(association.is_part(rough, k) for k in followed)

    def _report(self, stamp_ns: int) -> list[Person2D]:
        people = [t.person(stamp_ns, self.config.max_age) for t in self._tracks]
        self._tracks = [t for t, p in zip(self._tracks, people) if p.state != TrackingState.LOST]
        people += [t.lost_person() for t in self._forgotten]
        self._forgotten = []
        return people
