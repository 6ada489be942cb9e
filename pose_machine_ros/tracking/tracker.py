# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Multi-person tracking by detection: from frames to people with ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
import itertools
from types import MappingProxyType

import numpy as np

from pose_machine_ros.pose import Appearance, Motion, Person2D
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.timing import Stopwatch
from pose_machine_ros.tracking import association
from pose_machine_ros.tracking.bounding_box import apparent_height, confidence, crop_region, size
from pose_machine_ros.tracking.candidates import Candidates
from pose_machine_ros.tracking.config import TrackingConfig
from pose_machine_ros.tracking.keypoint_network import KeypointNetwork, UploadedFrame
from pose_machine_ros.tracking.multi_scale import (
    DetectionPass, MultiScaleDetector, person_filling_frame)
from pose_machine_ros.tracking.redetection import ExpectedPeople
from pose_machine_ros.tracking.searcher import InlineSearcher, run_search, Search, Searcher
from pose_machine_ros.tracking.track import Track

_NO_MOTIONS: Mapping[str, Motion] = MappingProxyType({})
_SPARE_DETECTIONS = 6  # beyond max_people: the highest scores are not always the nearest people
_MIN_CANDIDATES = 4  # refined: the nearest detection may be a false positive
_FILLING = 0.6  # of the image's shorter side: smaller people are left to the detector
# The share of a core that searches take at most, however slow they and the frames are: a slow
# machine searches less often. This does not apply to an InlineSearcher.
_FOLLOWING_SHARE = 0.2  # while somebody is tracked
_MISSING_SHARE = 0.4  # while somebody of them is not seen, which is not for long
_SEEKING_SHARE = 0.5  # while nobody is tracked; then nobody waits for a search
_SPREADING = 1.0  # 1/s, growth of the crop margin with the age of a position: people walk ...
_MAX_SPREAD = 0.5  # ... up to this
_CLEARLY_NEARER = 1.5  # ratio of apparent heights; that of one person varies by up to 1.35


class PeopleTracker:
    """Tracks the people of one camera.

    Call `update` with every frame, oldest first. Ids are never reused, not even after `reset`.
    Near people take precedence over far ones: if `max_people` are tracked already, a person who is
    clearly nearer than the furthest of them replaces that one.

    The frames turned clockwise by `rotation` degrees, one of 0, 90, 180 and 270, show people
    upright. Results are in px of the frames as given. Call `reset` after a change of `rotation`.
    """

    def __init__(self, network: KeypointNetwork, config: TrackingConfig = TrackingConfig(),
                 stopwatch: Stopwatch | None = None, ids: Iterator[str] | None = None,
                 searcher: Searcher | None = None) -> None:
        """Start without people; new people get their ids from `ids`, or p1, p2 and so on.

        `searcher` runs the searches for new people: inline by default.
        """
        self.config = config
        self.rotation = 0
        self._network = network
        self._detector = MultiScaleDetector(network)
        self._searcher = searcher or InlineSearcher()
        self._candidates = Candidates()
        self._stopwatch = stopwatch or Stopwatch()
        self._tracks: list[Track] = []
        # Whether the last pass of each kind found a person for whom there is no room.
        self._left_out: dict[DetectionPass, bool] = {}
        self._ids = ids or map('p{}'.format, itertools.count(1))
        self._last_ns = 0  # stamp of the last frame
        self._dropped: list[Track] = []  # to be reported as LOST in the next result

    def reset(self) -> None:
        """Forget all people; the next frame reports them as LOST."""
        self._dropped += self._tracks
        self._tracks = []
        self._left_out = {}
        self._detector.reset()
        self._searcher.reset()
        self._candidates.reset()

    def close(self) -> bool:
        """End what runs in the background; return whether it has ended in time.

        `update` may start it again.
        """
        return self._searcher.close()

    @property
    def is_crowded(self) -> bool:
        """Whether `max_people` are tracked and the last detection found another person."""
        return len(self._tracks) >= self.config.max_people and any(self._left_out.values())

    def update(self, image: np.ndarray, stamp_ns: int, motions: Mapping[str, Motion] = _NO_MOTIONS
               ) -> list[Person2D]:
        """Return the people in the frame (H, W, 3) uint8 BGR, and those who just left it.

        `motions`, by id, is the expected motion since last seen of people known in 3D.
        A person not seen is PREDICTED, without keypoints, for `max_age` seconds, and then LOST
        once. A person replaced by a nearer one, or removed by a lower `max_people`, is LOST
        immediately.
        """
        while len(self._tracks) > self.config.max_people:
            self._drop(self._furthest())
        frame = self._network.upload(image)
        expected = [t.predict(stamp_ns, motions.get(t.id)) for t in self._tracks]
        self._start_search(frame, image.shape, expected, stamp_ns)
        search = self._searcher.result()
        without_room = [] if search is None else self._choose_candidates(search, frame, image.shape)
        ages = np.zeros(len(expected))
        if self._searcher.in_background:
            if search is not None:
                expected = self._move_to_redetections(expected, search, stamp_ns)
            ages = np.where(self._in_sight(), 0, self._seconds_unseen(stamp_ns))
        candidates = self._candidates.take(stamp_ns, self._candidates_per_frame())
        ages = np.append(ages, np.full(len(candidates), self._candidates.age(stamp_ns)))
        keypoints, appearances = self._refine(frame, self._regions(expected + candidates, ages))
        with self._stopwatch.stage('track'):
            if self._searcher.in_background:
                self._remember_refused(candidates, keypoints[len(expected):], stamp_ns)
            is_full = not self._update_tracks(expected, keypoints, appearances, stamp_ns)
            if search is not None:
                self._left_out |= dict.fromkeys(
                    search.passes, any(self._is_untracked(k) for k in without_room))
            if is_full:
                self._left_out |= dict.fromkeys(self._candidates.passes, True)
            self._last_ns = stamp_ns
            return self._report(stamp_ns)

    def _interval(self) -> float:
        """Return the seconds between detections of new people."""
        all_seen = self._tracks and all(self._in_sight())
        return self.config.detect_interval if all_seen else self.config.search_interval

    def _share(self) -> float:
        """Return the share of the time that searches may take."""
        if not self._tracks:
            return _SEEKING_SHARE
        return _FOLLOWING_SHARE if all(self._in_sight()) else _MISSING_SHARE

    def _in_sight(self) -> list[bool]:
        """Return which of the people were seen in the last frame.

        With an InlineSearcher: in the last frame in which anybody was seen.
        """
        last_ns = self._last_ns if self._searcher.in_background \
            else max((t.seen_ns for t in self._tracks), default=0)
        return [t.seen_ns >= last_ns for t in self._tracks]

    def _start_search(self, frame: UploadedFrame, shape: tuple[int, ...],
                      expected: list[np.ndarray], stamp_ns: int) -> None:
        """Start a search for new people in this frame if one is due and none is running."""
        followed = bool(self._tracks)
        if not self._searcher.is_free(followed, self._share()):
            return
        passes = self._detector.due(
            stamp_ns, self._interval(), 1 if self._searcher.in_background else None)
        if not passes:
            return
        in_sight = np.array(self._in_sight(), bool)
        # An InlineSearcher leaves the others to the association after the refinement: it finds
        # them where they are in this frame.
        others = ~in_sight & self._searcher.in_background
        people = [self._expected_people(expected, chosen, stamp_ns)
                  for chosen in (in_sight, others)]
        search = partial(
            run_search, self._detector, frame, self._detector.sizes(shape, passes),
            self.config.max_people + _SPARE_DETECTIONS, self.rotation, *people, passes, stamp_ns)
        with self._stopwatch.stage('detect'):
            self._searcher.start(search, followed)

    def _expected_people(self, expected: list[np.ndarray], chosen: np.ndarray, stamp_ns: int
                         ) -> ExpectedPeople:
        """Return those `chosen` (N,) of the N people tracked."""
        return ExpectedPeople([t.id for t, c in zip(self._tracks, chosen) if c],
                              [k for k, c in zip(expected, chosen) if c],
                              self._seconds_unseen(stamp_ns)[chosen])

    def _move_to_redetections(self, expected: list[np.ndarray], search: Search, stamp_ns: int
                              ) -> list[np.ndarray]:
        """Expect people who are not seen where the search found them, moved on like their tracks.

        Those seen after the frame of the search are where their tracks are.
        """
        return [search.tracked[t.id] + t.predict(stamp_ns) - t.predict(search.stamp_ns)
                if t.id in search.tracked and not seen and t.seen_ns < search.stamp_ns else k
                for t, k, seen in zip(self._tracks, expected, self._in_sight())]

    def _choose_candidates(self, search: Search, frame: UploadedFrame, shape: tuple[int, ...]
                           ) -> list[np.ndarray]:
        """Make candidates of those found who might get a track; return the others."""
        found = search.found
        if not self._tracks and DetectionPass.FINE in search.passes:
            filling, _ = self._refine(
                frame, self._regions([person_filling_frame(shape, self.rotation)], np.zeros(1)))
            found = found + [k for k in filling if size(k) >= _FILLING * min(shape[:2])]
        nearest_first = sorted(found, key=apparent_height, reverse=True)
        chosen = self._number_to_refine(nearest_first)
        self._candidates.replace(nearest_first[:chosen], search.stamp_ns, search.passes)
        return nearest_first[chosen:]

    def _candidates_per_frame(self) -> int | None:
        """Return how many candidates a frame may refine; None is all of them."""
        return 1 if self._searcher.in_background and self._tracks else None

    def _remember_refused(self, candidates: list[np.ndarray], refined: np.ndarray,
                          stamp_ns: int) -> None:
        for rough, keypoints in zip(candidates, refined):
            if not self._is_convincing(keypoints):
                self._candidates.refuse(rough, stamp_ns)

    def _number_to_refine(self, candidates: list[np.ndarray]) -> int:
        """Return how many of the candidates, nearest first, might get a track."""
        if len(self._tracks) >= self.config.max_people:
            enough = _CLEARLY_NEARER * apparent_height(self._furthest().keypoints)
            candidates = [k for k in candidates if apparent_height(k) >= enough]
        return min(len(candidates), max(self.config.max_people, _MIN_CANDIDATES))

    def _furthest(self) -> Track:
        return min(self._tracks, key=lambda t: apparent_height(t.keypoints))

    def _drop(self, track: Track) -> None:
        """End a track; the person is LOST in this frame."""
        self._tracks.remove(track)
        self._dropped.append(track)

    def _regions(self, rough: list[np.ndarray], ages: np.ndarray) -> list[np.ndarray]:
        """Return the regions (4,) of people at N rough keypoints (17, 3).

        The margin grows with their `ages` (N,) in seconds: the people may have moved since.
        """
        spreads = np.minimum(_SPREADING * ages, _MAX_SPREAD)
        return [crop_region(k, self.config.crop_margin + spread, self.rotation)
                for k, spread in zip(rough, spreads)]

    def _refine(self, frame: UploadedFrame, regions: list[np.ndarray]
                ) -> tuple[np.ndarray, list[Appearance | None]]:
        """Return keypoints (N, 17, 3) and appearances of the people in N regions (4,)."""
        if not regions:
            return np.zeros((0, len(COCO_17), 3), np.float32), []
        stacked = np.stack(regions)
        with self._stopwatch.stage('crop'):
            cut = self._network.crop(frame, stacked)
        with self._stopwatch.stage('keypoints'):
            keypoints, features = self._network.refine(cut, stacked)
        if features is None:
            return keypoints, [None] * len(regions)
        return keypoints, [Appearance(f, float(r[3])) for f, r in zip(features, regions)]

    def _seconds_unseen(self, stamp_ns: int) -> np.ndarray:
        return np.array([t.seconds_unseen(stamp_ns) for t in self._tracks])

    def _update_tracks(self, expected: list[np.ndarray], keypoints: np.ndarray,
                       appearances: list[Appearance | None], stamp_ns: int) -> bool:
        """Update the tracks with N people, their keypoints (N, 17, 3); start new tracks.

        The first rows are those from the crops of the tracks. Returns False if there is no room for
        the track of a new person.
        """
        count = len(self._tracks)
        present = [i for i, k in enumerate(keypoints)
                   if confidence(k) >= self.config.min_confidence]
        kept = [present[i]
                for i in association.suppress_duplicates([keypoints[i] for i in present])]
        pairs = association.associate(
            expected, self._seconds_unseen(stamp_ns), [keypoints[i] for i in kept])
        for row, column in pairs:
            seen = kept[column]
            self._tracks[row].update(keypoints[seen], stamp_ns, appearances[seen])
        taken = {kept[column] for _, column in pairs}
        unseen = [k for k, t in zip(expected, self._tracks) if t.seen_ns < stamp_ns]
        new = [i for i in kept if i >= count and i not in taken
               and self._is_convincing(keypoints[i])
               and not any(association.is_fragment(keypoints[i], e) for e in unseen)]
        # Nearest first, so that no new track is replaced in the frame in which it starts.
        new.sort(key=lambda i: apparent_height(keypoints[i]), reverse=True)
        started = [self._start_track(keypoints[i], stamp_ns, appearances[i]) for i in new]
        return all(started)

    def _is_convincing(self, keypoints: np.ndarray) -> bool:
        """Return whether keypoints (17, 3) are good enough to start a track."""
        return confidence(keypoints) >= self.config.new_confidence \
            and size(keypoints) >= self.config.min_size

    def _start_track(self, keypoints: np.ndarray, stamp_ns: int, appearance: Appearance | None
                     ) -> bool:
        """Start a track if there is room, or in place of a person who is further away."""
        if len(self._tracks) >= self.config.max_people:
            furthest = self._furthest()
            if apparent_height(keypoints) \
                    < _CLEARLY_NEARER * apparent_height(furthest.keypoints):
                return False
            self._drop(furthest)
        self._tracks.append(Track(next(self._ids), keypoints, stamp_ns, appearance))
        return True

    def _is_untracked(self, rough: np.ndarray) -> bool:
        """Return whether rough keypoints (17, 3) are convincing, and not of a tracked person."""
        tracked = [t.keypoints for t in self._tracks]
        return self._is_convincing(rough) \
            and not association.associate(tracked, np.zeros(len(tracked)), [rough]) \
            and not any(association.is_fragment(rough, k) for k in tracked)

    def _report(self, stamp_ns: int) -> list[Person2D]:
        people = [t.person(stamp_ns, self.config.max_age) for t in self._tracks]
        self._tracks = [t for t, p in zip(self._tracks, people) if p.state.is_active]
        people += [t.lost_person() for t in self._dropped]
        self._dropped = []
        return people
