# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From people in 2D to skeletons in 3D: lifter, correction, position; state per person."""

from __future__ import annotations

from dataclasses import dataclass, field
import math

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.camera import Camera
from pose_machine_ros.camera.rotations import quarter_turn, ROTATIONS
from pose_machine_ros.correction import geometric
from pose_machine_ros.correction.learned import LearnedConfig, LearnedCorrection
from pose_machine_ros.correction.root import locate
from pose_machine_ros.correction.scale import Floor, floor_below, PersonScale
from pose_machine_ros.devices import pick_device, single_thread
from pose_machine_ros.errors import InputError
from pose_machine_ros.lifting import motion
from pose_machine_ros.lifting.confidence import keypoint_support, probability_within
from pose_machine_ros.lifting.features import view_people
from pose_machine_ros.lifting.person import extrapolate, LiftedFrame, LiftedPerson
from pose_machine_ros.lifting.recurrent_lifter import (
    NOMINAL_STATURE, RecurrentLifter, RecurrentLifterConfig)
from pose_machine_ros.lifting.recurrent_state import lift_newest
from pose_machine_ros.pose import Motion, Person2D, Skeleton, Space, TrackingState
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS
from pose_machine_ros.stamp_order import StampOrder
from pose_machine_ros.timing import Stopwatch
from pose_machine_ros.weights import load_weights

CORRECTIONS = ('none', 'learned', 'geometric')
_HIPS = [HUMAN36M_17.index(f'{side}_hip') for side in ('left', 'right')]
_LEAST_RAYS = 2  # keypoints of a person who can be lifted
_STATURE_SIGMA = 0.06  # of an adult's height, where it is not known
_KNOWN_STATURE_SIGMA = 0.02  # proportions differ even where the height is known
# Factors on the deviations: the lifter knows those of the people it was trained on, and the
# geometric correction takes the errors of neighbouring frames and joints for independent. Chosen so
# that 68 and 95 % of held-out motion lie within one and two deviations; see docs/evaluation.md.
_SIGMA_FACTOR = {'none': 1.25, 'learned': 1.25, 'geometric': 1.6}
_SCORE_RADIUS = 0.15  # metres; a joint's score is the chance that it is right within this


@dataclass(frozen=True)
class LiftingConfig:
    """How people in 2D become skeletons."""

    correction: str = 'geometric'  # one of CORRECTIONS
    person_height: float = 0.0  # metres, of everyone in view; 0 = unknown adults
    camera_height: float = 0.0  # metres above the floor people stand on; 0 = unknown
    camera_pitch: float = 0.0  # degrees that the camera looks down; used with camera_height
    min_keypoint_score: float = 0.1  # keypoints below count as unseen
    max_gap: float = 1.0  # seconds; after a longer one everything is forgotten
    rotation: int = 0  # degrees clockwise that turn the image upright; one of ROTATIONS
    geometric: geometric.GeometricConfig = field(default_factory=geometric.GeometricConfig)
    learned: LearnedConfig = field(default_factory=LearnedConfig)

    def __post_init__(self) -> None:
        if self.correction not in CORRECTIONS:
            raise InputError(f'correction = {self.correction!r} is unknown; '
                             f'choose one of {", ".join(CORRECTIONS)}')
        if self.person_height and not 0.4 <= self.person_height <= 2.5:
            raise InputError(f'person_height = {self.person_height} m is not between 0.4 and 2.5; '
                             '0 stands for unknown')
        if not 0 <= self.camera_height <= 20:
            raise InputError(f'camera_height = {self.camera_height} m is not between 0 and 20; '
                             '0 stands for unknown')
        if not -80 <= self.camera_pitch <= 80:
            raise InputError(
                f'camera_pitch = {self.camera_pitch} degrees is not between -80 and 80')
        if not 0 <= self.min_keypoint_score < 1:
            raise InputError(f'min_keypoint_score = {self.min_keypoint_score} is not in [0, 1)')
        if not self.max_gap > 0:
            raise InputError(f'max_gap = {self.max_gap} seconds must be positive')
        if self.rotation not in ROTATIONS or not isinstance(self.rotation, int):
            raise InputError(f'rotation = {self.rotation} degrees is not one of '
                             f'{", ".join(map(str, ROTATIONS))}')


class PoseLifter:
    """People of one camera, frame by frame.

    Call `step` with every frame's people, oldest first; all people of a frame go through the
    networks together. `reset` forgets everybody. `floor` may be set at any time, where it is known
    better than by `camera_height` and `camera_pitch`.
    """

    def __init__(self, config: LiftingConfig = LiftingConfig(),
                 device: torch.device | str = 'auto', stopwatch: Stopwatch | None = None,
                 lifter: RecurrentLifter | None = None) -> None:
        """Load the networks, but for a `lifter` on `device` that others may use too."""
        self.config = config
        self.device = pick_device(device)
        self.stopwatch = stopwatch or Stopwatch(self.device)
        self._network = lifter or load_recurrent_lifter(self.device)
        self._learned: LearnedCorrection | None = None
        self.floor = _floor(config)
        self._tracks: dict[str, LiftedPerson] = {}
        self._order = StampOrder()
        self.configure(config)

    def prepare(self, config: LiftingConfig) -> None:
        """Load what other settings need; this may be done while `step` runs in another thread.

        Raises WeightsError where the learned correction is wanted and its weights are not usable.
        """
        if config.correction == 'learned' and self._learned is None:
            learned = LearnedCorrection(config.learned).to(self.device).eval()
            learned.load_state_dict(load_weights('correction'))
            self._learned = learned

    def configure(self, config: LiftingConfig) -> None:
        """Go on with other settings; only another rotation forgets everybody.

        Raises WeightsError as `prepare` does; nothing has changed then.
        """
        self.prepare(config)
        if self._learned is not None:
            self._learned.config = config.learned
        before, self.config = self.config, config
        if is_new_floor := _floor(config) != _floor(before):
            self.floor = _floor(config)
        if config.rotation != before.rotation:
            self.reset()
        self._upright = torch.from_numpy(quarter_turn(config.rotation)).to(self.device) \
            if config.rotation else None
        for track in self._tracks.values():
            track.keep(config.geometric.window)
            if is_new_floor or config.person_height != before.person_height:
                track.scale = self._usual_scale()

    def reset(self) -> None:
        """Forget all people."""
        self._tracks.clear()
        self._order.reset()

    @torch.no_grad()
    @single_thread
    def step(self, people: list[Person2D], stamp_ns: int, camera: Camera) -> list[Skeleton]:
        """Return a skeleton for every one of `people`, in their order.

        `stamp_ns` is the image's; what it does, and the errors it raises, are as in
        `PoseMachine.step`. People without keypoints in this frame are carried on from earlier ones;
        those never lifted before have NaN positions.
        """
        if self._order.begins_anew(stamp_ns, self.config.max_gap):
            self.reset()
        self._order.accept(stamp_ns)

        present = {p.id for p in people if p.state != TrackingState.LOST}
        for gone in self._tracks.keys() - present:
            del self._tracks[gone]
        seen, rays, scores = self._see([p for p in people if p.id in present], camera)
        if seen:
            self._lift(seen, rays, scores, stamp_ns, camera)
        seen_ids = {p.id for p in seen}
        return [self._tracks[p.id].skeleton if p.id in seen_ids
                else self._unseen(p, stamp_ns, camera) for p in people]

    def predict_motion(self, stamp_ns: int, camera: Camera) -> dict[str, Motion]:
        """Return how everybody lifted should have moved in the picture since last seen, by id."""
        return motion.predict_motion(self._tracks, stamp_ns, camera)

    def _see(self, people: list[Person2D],
             camera: Camera) -> tuple[list[Person2D], Tensor | None, Tensor | None]:
        """Return who can be lifted, the rays (P, 17, 3) of their keypoints, and scores (P, 17).

        A keypoint without a score, or in a part of the picture where the lens draws nothing, is
        unseen: NaN, with the score 0.
        """
        if not people:
            return [], None, None
        keypoints = torch.from_numpy(np.stack([p.keypoints for p in people])).to(self.device)
        rays, scores = camera.rays(keypoints[..., :2]), keypoints[..., 2]
        is_seen = (scores >= self.config.min_keypoint_score) & rays.isfinite().all(-1)
        rays = torch.where(is_seen[..., None], rays, torch.nan)
        scores = torch.where(is_seen, scores, 0.0)
        enough = (is_seen[:, SHARED_KEYPOINTS].sum(-1) >= _LEAST_RAYS).cpu()
        return [p for p, e in zip(people, enough) if e], rays[enough], scores[enough]

    def _unseen(self, person: Person2D, stamp_ns: int, camera: Camera) -> Skeleton:
        track = self._tracks.get(person.id)
        if track is not None and track.skeleton is not None:
            return extrapolate(track.skeleton, track.time_step(stamp_ns), state=person.state,
                            keypoints=person.keypoints, box=person.box)
        joints = len(HUMAN36M_17)
        nothing = np.full((joints, 3), np.nan, np.float32)
        return Skeleton(
            person.id, person.state, _space(camera), nothing,
            np.full((joints, 3, 3), np.nan, np.float32), nothing, np.zeros(joints, np.float32), 0.0,
            person.keypoints, person.box, math.nan, 0.0)

    def _lift(self, people: list[Person2D], rays: Tensor, scores: Tensor, stamp_ns: int,
              camera: Camera) -> None:
        """Bring the tracks of `people` up to this frame."""
        tracks = [self._tracks.setdefault(p.id, self._new_track()) for p in people]
        with self.stopwatch.stage('lift'):
            gaps = [t.time_step(stamp_ns) for t in tracks]
            steps = rays.new_tensor(gaps)
            view = view_people(rays, scores, steps, self._upright)
            joints, log_sigma = lift_newest(
                self._network, view.features, [t.memory for t in tracks])
        with self.stopwatch.stage('correct'):
            intermediate = joints
            if self.config.correction == 'learned':
                joints = self._learned.correct(joints, view.plane, view.weights)
            root = locate(joints, view.plane, view.weights)
            intermediate = intermediate @ view.rotation
            start = (joints + root[:, None]) @ view.rotation
            joints = joints @ view.rotation
            precision, covariance = _spread(log_sigma, view.rotation)
            for i, track in enumerate(tracks):
                track.frames.append(LiftedFrame(
                    stamp_ns, view.rotation[i], view.plane[i], view.weights[i], view.size[i],
                    joints[i], precision[i], start[i]))
                track.lengths.add(joints[i])
            if self.config.correction == 'geometric':
                covariance = self._correct_geometrically(tracks)
            if self.floor is not None:
                for track, gap in zip(tracks, gaps):
                    track.scale.update_from_floor(
                        track.frames[-1].positions.cpu().numpy(), self.floor, gap)
        self._answer(people, tracks, intermediate, covariance, camera)

    def _new_track(self) -> LiftedPerson:
        return LiftedPerson(self.config.geometric.window, self._usual_scale())

    def _usual_scale(self) -> PersonScale:
        if height := self.config.person_height:
            return PersonScale(height / NOMINAL_STATURE, _KNOWN_STATURE_SIGMA)
        return PersonScale(1.0, _STATURE_SIGMA)

    def _correct_geometrically(self, tracks: list[LiftedPerson]) -> Tensor:
        """Correct the buffers in place; returns the newest frames' covariance (P, 17, 3, 3)."""
        covariance: list[Tensor | None] = [None] * len(tracks)
        for length in {len(t.frames) for t in tracks}:  # equal buffers are solved together
            picked = [i for i, t in enumerate(tracks) if len(t.frames) == length]
            window = _window([tracks[i] for i in picked])
            start = torch.stack(
                [torch.stack([f.positions for f in tracks[i].frames]) for i in picked])
            positions, newest = geometric.correct(window, start, self.config.geometric)
            for row, i in enumerate(picked):
                covariance[i] = newest[row]
                for t, frame in enumerate(tracks[i].frames):
                    frame.positions = positions[row, t]
        return torch.stack(covariance)

    def _answer(self, people: list[Person2D], tracks: list[LiftedPerson], intermediate: Tensor,
                covariance: Tensor, camera: Camera) -> None:
        """Write each track's newest skeleton."""
        # All is for a nominal adult up to here.
        ratio, sigma = (covariance.new_tensor([getattr(t.scale, name) for t in tracks])
                        for name in ('ratio', 'sigma'))
        positions = torch.stack([t.frames[-1].positions for t in tracks]) * ratio[:, None, None]
        relative = positions - positions[:, :1]
        moved = relative - intermediate * ratio[:, None, None]
        moved = moved.norm(dim=-1)[:, 1:].mean(-1)
        factor = _SIGMA_FACTOR[self.config.correction] * ratio[:, None, None, None]
        covariance = covariance * factor.square()
        chance = probability_within(covariance, _SCORE_RADIUS)
        # Size and distance can't be told apart in one image: everything may be a few percent nearer
        # and smaller, or further and larger.
        away = positions * sigma[:, None, None]
        covariance = covariance + away[..., None] * away[..., None, :]
        pixels = camera.project(positions[:, SHARED_JOINTS])
        velocity = torch.stack([t.velocity() for t in tracks]) * ratio[:, None, None]

        positions, covariance, velocity, moved, chance, pixels = (
            x.cpu().numpy() for x in (positions, covariance, velocity, moved, chance, pixels))
        for i, (person, track) in enumerate(zip(people, tracks)):
            support = keypoint_support(person.keypoints, self.config.min_keypoint_score)
            weights = person.keypoints[SHARED_KEYPOINTS, 2]
            weights = np.where(weights >= self.config.min_keypoint_score, weights, 0)
            away = np.linalg.norm(pixels[i] - person.keypoints[SHARED_KEYPOINTS, :2], axis=-1)
            counted = (weights > 0) & np.isfinite(away)
            error = float(np.average(away[counted], weights=weights[counted])) \
                if counted.any() else math.nan
            track.skeleton = Skeleton(
                person.id, person.state, _space(camera), positions[i], covariance[i], velocity[i],
                (support * chance[i]).astype(np.float32),
                float(np.nan_to_num(person.keypoints[:, 2]).mean()), person.keypoints, person.box,
                error, float(moved[i]))


def load_recurrent_lifter(device: torch.device | str = 'cpu') -> RecurrentLifter:
    """Return the trained lifter, ready to run; WeightsError where its weights are missing."""
    weights = load_weights('lifter')
    network = RecurrentLifter(RecurrentLifterConfig.of(weights))
    network.load_state_dict(weights)
    return network.to(device).eval()


def _spread(log_sigma: Tensor, rotation: Tensor) -> tuple[Tensor, Tensor]:
    """Turn deviations in the person camera into precision and covariance (P, 17, 3, 3).

    The lifter answers relative to the pelvis and knows no deviation of its place; that of the
    hips, from which it comes, stands for it.
    """
    variance = (2 * log_sigma).exp()
    variance = torch.cat((variance[:, _HIPS].mean(1, keepdim=True), variance[:, 1:]), 1)
    turn = rotation[:, None]
    precision = turn.mT @ ((1 / variance)[..., None] * turn)
    return precision, turn.mT @ (variance[..., None] * turn)


def _window(tracks: list[LiftedPerson]) -> geometric.Window:
    def stacked(name: str) -> Tensor:
        return torch.stack([torch.stack([getattr(f, name) for f in t.frames]) for t in tracks])

    joints = stacked('joints')
    steps = joints.new_tensor([[0.0] + [
        (b.stamp_ns - a.stamp_ns) * 1e-9 for a, b in zip(list(t.frames), list(t.frames)[1:])]
        for t in tracks])
    lengths = torch.stack([t.lengths.mean for t in tracks])
    return geometric.Window(stacked('rotation'), stacked('plane'), stacked('weights'),
                            stacked('size'), joints, stacked('precision'), steps, lengths)


def _floor(config: LiftingConfig) -> Floor | None:
    if not config.camera_height:
        return None
    level = floor_below(config.camera_height, config.camera_pitch)
    if not config.rotation:
        return level
    up = level.normal @ quarter_turn(config.rotation)  # back into the image's frame
    return Floor(tuple(up.tolist()), level.height)


def _space(camera: Camera) -> Space:
    return Space.CAMERA_METRIC if camera.calibrated else Space.ROOT_RELATIVE
