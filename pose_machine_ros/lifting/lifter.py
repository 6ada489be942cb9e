# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From people in 2D to skeletons in 3D: lifter, correction and position, with state per person."""

from __future__ import annotations

from collections.abc import Callable
import functools
import math
from weakref import WeakMethod

import numpy as np
import torch
from torch import nn, Tensor

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rotations import quarter_turn
from pose_machine_ros.correction.learned import LearnedCorrection
from pose_machine_ros.correction.measured_depth import COLUMNS, measured_rows, MeasuredDepth
from pose_machine_ros.correction.paper import PaperCorrection
from pose_machine_ros.correction.scale import Floor, floor_below, PersonScale
from pose_machine_ros.cuda_graphs import CudaGraphs
from pose_machine_ros.depth.depth_image import DepthImage
from pose_machine_ros.depth.sampling import no_distances, skin_distances, SkinDistances
from pose_machine_ros.devices import pick_device, single_thread
from pose_machine_ros.errors import WeightsError
from pose_machine_ros.lifting import motion
from pose_machine_ros.lifting.appearance_network import AppearanceNetwork, PictureFeatures
from pose_machine_ros.lifting.assembly import assemble_skeletons, empty_skeleton, LiftedArrays
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.frame_lifter import FrameLifter, Schedule, SCHEDULE_COLUMNS
from pose_machine_ros.lifting.people_state import PeopleStates
from pose_machine_ros.lifting.person import extrapolate, LiftedPerson
from pose_machine_ros.lifting.recurrent_lifter import (
    NOMINAL_STATURE, RecurrentLifter, RecurrentLifterConfig)
from pose_machine_ros.pose import Motion, Person2D, Skeleton
from pose_machine_ros.skeleton import APPEARANCE_POINTS, COCO_17, SHARED_KEYPOINTS
from pose_machine_ros.stamp_order import StampOrder
from pose_machine_ros.timing import Stopwatch
from pose_machine_ros.weights import has_weights, load_weights

_KEYPOINTS = len(COCO_17)
# Ends of rays, scores, place, schedule in a row; depth and the features of the picture follow.
_SECTIONS = tuple(np.cumsum((3 * _KEYPOINTS, _KEYPOINTS, 1, SCHEDULE_COLUMNS)).tolist())
_ROWS = 32  # of the table of states on a GPU
_MIN_KEYPOINTS = 2  # of a person who can be lifted
_STATURE_SIGMA = 0.06  # relative, of the height of adults
_KNOWN_STATURE_SIGMA = 0.02  # relative; body proportions differ even if the height is known


class PoseLifter:
    """Lifts the people of one camera, frame by frame.

    Call `step` with the people of every frame, oldest first; all people of a frame go through the
    networks as one batch. `reset` forgets all people. `floor` may be set at any time, if a better
    one is known than that of `camera_height` and `camera_pitch`.
    """

    def __init__(self, config: LiftingConfig = LiftingConfig(),
                 device: torch.device | str = 'auto', stopwatch: Stopwatch | None = None,
                 lifter: RecurrentLifter | None = None,
                 appearance: AppearanceNetwork | None = None) -> None:
        """Load the lifter, or use one on `device` that others may use too.

        With an `appearance` network, features of the picture are used where people have them.
        """
        self.config = config
        self.device = pick_device(device)
        self.stopwatch = stopwatch or Stopwatch(self.device)
        network = lifter or load_recurrent_lifter(self.device)
        self._frame_lifter = FrameLifter(network, config, appearance)
        compute = WeakMethod(self._compute)  # without a cycle, which would keep the memory
        self._graphs = CudaGraphs(lambda *x, **options: compute()(*x, **options), self.device)
        # A table that grows moves, and the graphs have to be captured again.
        self._states = PeopleStates(
            network.config.width, self.device, _ROWS if self._graphs.are_used else 1)
        self.floor = _floor(config)
        self._people: dict[str, LiftedPerson] = {}
        self._order = StampOrder()
        # Once there is depth, every frame has columns for it: a GPU has fewer graphs to capture.
        self._takes_depth = False
        self.depth_share = math.nan  # of the joints in the newest frame that had a depth
        self.configure(config)

    def prepare(self, config: LiftingConfig) -> None:
        """Load the networks that `config` needs; may run while `step` runs in another thread.

        Raises WeightsError if the weights of a correction are needed and not usable.
        """
        if config.correction == 'learned' and self._frame_lifter.learned is None:
            self._frame_lifter.learned = load_learned_correction(self.device)
        if config.correction == 'paper' and self._frame_lifter.paper is None:
            self._frame_lifter.paper = _load(
                'correction', lambda _: PaperCorrection(config.paper), self.device)

    def configure(self, config: LiftingConfig) -> None:
        """Use other settings from the next frame on; only another rotation forgets all people.

        Raises WeightsError as `prepare` does; nothing has changed then.
        """
        self.prepare(config)
        self._frame_lifter.geometric.config = config.geometric
        if self._frame_lifter.paper is not None:
            self._frame_lifter.paper.config = config.paper
        before, self.config = self.config, config
        if is_new_floor := _floor(config) != _floor(before):
            self.floor = _floor(config)
        if config.rotation != before.rotation:
            self.reset()
        for person in self._people.values():
            if is_new_floor or config.person_height != before.person_height:
                person.scale = self._initial_scale()

    def set_floor(self, floor: Floor | None) -> None:
        """Use this floor from the next frame on; None = that of the settings."""
        self.floor = _floor(self.config) if floor is None else floor

    def expect_depth(self) -> None:
        """Make room for depth from the next frame on; otherwise this comes with the first depth."""
        self._takes_depth = True

    def reset(self) -> None:
        """Forget all people."""
        for person in self._people.values():
            self._states.remove(person.row)
        self._people.clear()
        self._order.reset()

    def close(self) -> None:
        """Forget all people and free the memory of the CUDA graphs."""
        self.reset()
        self._graphs.close()

    @torch.no_grad()
    @single_thread
    def step(self, people: list[Person2D], stamp_ns: int, camera: Camera,
             depth: DepthImage | None = None) -> list[Skeleton]:
        """Return a skeleton for each of `people`, in their order.

        `depth` is the depth image of the same moment, if there is one; without, the result is that
        of the image alone. `stamp_ns` is that of the image; it has the effects and raises the
        errors that `PoseMachine.step` describes. People without keypoints in this frame are
        extrapolated from earlier frames; those never lifted before have NaN positions.
        """
        if self._order.starts_new_stream(stamp_ns, self.config.max_gap):
            self.reset()
        self._order.accept(stamp_ns)

        active = {p.id for p in people if p.state.is_active}
        for gone in self._people.keys() - active:
            self._states.remove(self._people.pop(gone).row)
        seen, rays, scores = self._select([p for p in people if p.id in active], camera)
        self._takes_depth |= depth is not None
        self.depth_share = math.nan
        lifted = self._lift(seen, rays, scores, stamp_ns, camera, depth) if seen else {}
        return [lifted.get(p.id) or self._extrapolate(p, stamp_ns, camera) for p in people]

    def predict_motion(self, stamp_ns: int, camera: Camera) -> dict[str, Motion]:
        """Return the expected motion in the image of all lifted people since last seen, by id."""
        return motion.predict_motion(self._people, stamp_ns, camera)

    def _select(self, people: list[Person2D], camera: Camera
                ) -> tuple[list[Person2D], np.ndarray | None, np.ndarray | None]:
        """Return the people who can be lifted, rays (P, 17, 3) of their keypoints, scores (P, 17).

        A keypoint is unseen, NaN with the score 0, if its score is too low or if it is in a part of
        the image that the lens does not cover.
        """
        if not people:
            return [], None, None
        keypoints = np.stack([p.keypoints for p in people])
        rays, scores = camera.rays(torch.from_numpy(keypoints[..., :2])).numpy(), keypoints[..., 2]
        is_seen = (scores >= self.config.min_keypoint_score) & (scores > 0) \
            & np.isfinite(rays).all(-1)
        enough = is_seen[:, SHARED_KEYPOINTS].sum(-1) >= _MIN_KEYPOINTS
        rays = np.where(is_seen[..., None], rays, np.float32(np.nan))[enough]
        scores = np.where(is_seen, scores, np.float32(0))[enough]
        return [p for p, e in zip(people, enough) if e], rays, scores

    def _lift(self, seen: list[Person2D], rays: np.ndarray, scores: np.ndarray, stamp_ns: int,
              camera: Camera, depth: DepthImage | None) -> dict[str, Skeleton]:
        """Bring the people of this frame up to date; return their skeletons by id.

        A person whose skeleton is not finite is left out, and starts again in the next frame: a
        numerical failure must not stay in the state.
        """
        people = [self._people.get(p.id) or self._add_person(p.id) for p in seen]
        gaps = [p.time_step(stamp_ns) for p in people]
        with self.stopwatch.stage('lift'):
            schedule = [[p.row, *p.next_frame(stamp_ns, self.config)] for p in people]
            parts = [rays.reshape(len(people), -1), scores, np.float32(schedule)]
            has_depth = np.zeros(len(people), bool)
            if self._takes_depth:
                distances = self._skin_distances(depth, seen, rays, camera)
                has_depth = np.isfinite(distances.metres).any(1)
                parts.append(measured_rows(*distances, *(
                    np.float32([getattr(p.scale, name) for p in people])
                    for name in ('ratio', 'sigma'))))
            if self._frame_lifter.appearance is not None:
                parts.append(self._picture_rows(seen))
            rows = torch.from_numpy(np.concatenate(parts, 1))
        lifted = self._run(rows)
        with self.stopwatch.stage('correct'):
            arrays = LiftedArrays.of(lifted)
            for person, change, gap, measured in zip(people, arrays.size_change, gaps, has_depth):
                person.size_by_depth = person.scale.update_from_depth(
                    *change.tolist(), gap) if measured and np.isfinite(change).all() else None
            if self.floor is not None:
                for person, positions, gap in zip(people, arrays.positions, gaps):
                    if np.isfinite(positions).all():
                        person.scale.update_from_floor(positions, self.floor, gap)
            skeletons = assemble_skeletons(
                seen, rays, people, arrays, camera, self.config.correction,
                self.config.min_keypoint_score)
        for person, skeleton in zip(people, skeletons):
            if all(np.isfinite(x).all()
                   for x in (skeleton.xyz, skeleton.covariance, skeleton.velocity)):
                person.skeleton = skeleton
            else:
                self._states.clear(person.row)
                person.restart()
        return {p.id: skeleton for p, person, skeleton in zip(seen, people, skeletons)
                if person.skeleton is skeleton}

    def _skin_distances(self, depth: DepthImage | None, people: list[Person2D], rays: np.ndarray,
                        camera: Camera) -> SkinDistances:
        if depth is None:
            return no_distances(len(people))
        with self.stopwatch.stage('depth'):
            found = skin_distances(depth, camera, np.stack([p.keypoints for p in people]), rays,
                                   self.config.depth)
        self.depth_share = found.share
        return found

    def _picture_rows(self, people: list[Person2D]) -> np.ndarray:
        """Return the features of the pictures of P people in rows, see `PictureFeatures.of`."""
        channels = self._frame_lifter.appearance.channels
        turned = math.radians(self.config.rotation)  # an upright crop has the turn -turned
        rows = np.zeros((len(people), 2 + len(APPEARANCE_POINTS) * channels), np.float32)
        for row, person in zip(rows, people):
            if person.appearance is not None:
                row[:2] = 1, person.appearance.turn + turned
                row[2:] = person.appearance.features.ravel()
        return rows

    def _run(self, rows: Tensor) -> np.ndarray:
        """Return `_compute` of rows on the CPU, with one upload and one download on a GPU."""
        if not self._graphs.are_used or self.config.correction == 'paper':
            # The correction of the paper stops when it is good enough, which a graph cannot.
            return self._compute(
                rows.to(self.device), self.config, self._takes_depth).cpu().numpy()
        with self.stopwatch.stage('lift'):
            return self._graphs.of_rows(
                rows, config=self.config, with_depth=self._takes_depth,
                capacity=self._states.capacity).cpu().numpy()

    def _compute(self, rows: Tensor, config: LiftingConfig, with_depth: bool = False,
                 capacity: int = 0) -> Tensor:
        """Lift and correct people, and keep their new state; return LiftedFrame.rows.

        A person's row (P, N) is made of 17 rays, 17 scores, the row of the state, the schedule,
        `with_depth` the measured depth, and, with an appearance network, the features of the
        picture. `capacity` is that of the states: another one is another graph.
        """
        with self.stopwatch.stage('lift'):
            rays, scores, places, schedule, picture = rows.tensor_split(_SECTIONS, 1)
            measured = None
            if with_depth:
                columns, picture = picture.tensor_split((COLUMNS,), 1)
                measured = MeasuredDepth.of(columns)
            places, schedule = places[:, 0].long(), Schedule.of(schedule)
            state = self._states.read(places)
            lift = self._frame_lifter.lift(
                rays.unflatten(1, (-1, 3)), scores, schedule, state,
                _upright(config.rotation, self.device),
                PictureFeatures.of(picture) if picture.shape[1] else None)
        with self.stopwatch.stage('correct'):
            lifted, state = self._frame_lifter.correct(
                lift, schedule, state, config.correction, measured)
            self._states.write(places, state)
            return lifted.rows()

    def _extrapolate(self, person: Person2D, stamp_ns: int, camera: Camera) -> Skeleton:
        known = self._people.get(person.id)
        if known is None or known.skeleton is None:
            return empty_skeleton(person, camera)
        return extrapolate(known.skeleton, known.time_step(stamp_ns), state=person.state,
                           keypoints=person.keypoints, box=person.box)

    def _add_person(self, identity: str) -> LiftedPerson:
        person = LiftedPerson(self._states.add(), self._initial_scale())
        self._people[identity] = person
        return person

    def _initial_scale(self) -> PersonScale:
        if height := self.config.person_height:
            return PersonScale(height / NOMINAL_STATURE, _KNOWN_STATURE_SIGMA)
        return PersonScale(1.0, _STATURE_SIGMA)


def load_recurrent_lifter(device: torch.device | str = 'cpu') -> RecurrentLifter:
    """Return the trained lifter; raises WeightsError if its weights are not usable."""
    return _load('lifter', lambda w: RecurrentLifter(RecurrentLifterConfig.of(w)), device)


def load_learned_correction(device: torch.device | str = 'cpu') -> LearnedCorrection:
    """Return the trained correction; raises WeightsError if its weights are not usable."""
    return _load('update', lambda _: LearnedCorrection(), device)


def load_appearance_network(device: torch.device | str = 'cpu') -> AppearanceNetwork | None:
    """Return the network for features of the picture, None if there are no weights for it.

    Raises WeightsError if its weights are not usable.
    """
    return _load('appearance', AppearanceNetwork.of, device) if has_weights('appearance') else None


def _load(name: str, make: Callable[[dict[str, Tensor]], nn.Module],
          device: torch.device | str) -> nn.Module:
    """Return the network of the weights called `name`, which `make` makes for their sizes."""
    weights = load_weights(name)
    try:
        network = make(weights)
        network.load_state_dict(weights)
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(f'weights {name!r} do not fit this version ({error}); train them again '
                           'or use those of the package') from error
    return network.to(device).eval()


@functools.cache
def _upright(rotation: int, device: torch.device) -> Tensor | None:
    """Return the rotation (3, 3) into a frame in which people are upright, None if they are."""
    return torch.from_numpy(quarter_turn(rotation)).to(device) if rotation else None


def _floor(config: LiftingConfig) -> Floor | None:
    if not config.camera_height:
        return None
    level = floor_below(config.camera_height, config.camera_pitch)
    if not config.rotation:
        return level
    up = level.normal @ quarter_turn(config.rotation)  # in the frame of the image as given
    return Floor(tuple(up.tolist()), level.height)
