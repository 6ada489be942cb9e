# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The training form of the learned correction: the same as frame by frame, and its cameras."""

import math

import pytest
from support import captured
import torch

from pose_machine_ros.correction.learned import LearnedCorrection
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.features import rays_of
from pose_machine_ros.lifting.frame_lifter import FrameLifter, Schedule
from pose_machine_ros.lifting.people_state import PeopleStates
from pose_machine_ros.lifting.person import LiftedPerson
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.synthesis.clips import ClipSynthesizer
from pose_machine_ros.training.lifted_clips import lift_clips, LiftedClips, random_clips
from pose_machine_ros.training.update_stage import run_on_clips, UpdateLoss

PEOPLE, FRAMES, SECOND = 3, 6, 1_000_000_000


def small_lifter():
    torch.manual_seed(0)
    return RecurrentLifter(RecurrentLifterConfig(width=32)).eval()


def correction():
    torch.manual_seed(1)
    network = LearnedCorrection().eval()
    torch.nn.init.normal_(network.out.weight, std=0.2)
    return network


@pytest.fixture(scope='module')
def clips(tmp_path_factory):
    path = captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')
    data = MotionCaptureDataset.load([path], 'train')
    return lift_clips(small_lifter(), ClipSynthesizer(data, PEOPLE, FRAMES), 2)


def test_a_frame_lifter_corrects_as_in_training(clips, monkeypatch):
    """Frame by frame, with the state of each person, and the pose and bones of earlier frames."""
    clips = clips[torch.arange(PEOPLE)]
    config = LiftingConfig(correction='learned')
    lifter = FrameLifter(small_lifter(), config)
    lifter.learned = correction()
    results = []
    monkeypatch.setattr(
        lifter.learned, 'forward', lambda *x: results.append(type(lifter.learned).forward(
            lifter.learned, *x)) or results[-1])
    states = PeopleStates(lifter.streaming.width, torch.device('cpu'))
    rows = torch.tensor([states.add() for _ in range(PEOPLE)])
    people = [LiftedPerson(0, None) for _ in range(PEOPLE)]
    stamps = [0] * PEOPLE
    lifted = []
    with torch.no_grad():
        for t in range(FRAMES):
            rays = rays_of(clips.plane[:, t]) @ clips.rotation[:, t]
            rays = torch.where(clips.weights[:, t, :, None] > 0, rays, torch.nan)
            stamps = [s + round(float(step) * SECOND)
                      for s, step in zip(stamps, clips.time_step[:, t])]
            schedule = Schedule.of(torch.tensor(
                [p.next_frame(s, config) for p, s in zip(people, stamps)]))
            state = states.read(rows)
            lift = lifter.lift(rays, clips.weights[:, t], schedule, state, None)
            lifted.append(lift)
            _, state = lifter.correct(lift, schedule, state, 'learned')
            states.write(rows, state)

        def over_time(values):
            return torch.stack(list(values), 1)

        same = LiftedClips(
            over_time(x.joints for x in lifted), over_time(x.sigma.log() for x in lifted),
            clips.target, clips.counted, over_time(x.view.plane for x in lifted),
            over_time(x.view.weights for x in lifted), over_time(x.view.size for x in lifted),
            over_time(x.view.rotation for x in lifted), clips.time_step)
        poses, log_sigma = run_on_clips(lifter.learned, same)
    assert (poses[-1] - same.joints).abs().max() > 1e-3
    torch.testing.assert_close(over_time(r[0] for r in results), poses[-1], atol=1e-4, rtol=0)
    torch.testing.assert_close(over_time(r[1] for r in results), log_sigma, atol=1e-3, rtol=0)


def test_clips_have_what_the_lifter_makes_of_them(clips):
    assert len(clips) == 2 * PEOPLE and clips.joints.shape == (2 * PEOPLE, FRAMES, 17, 3)
    assert (clips.joints[:, :, 0] == 0).all() and (clips.time_step[:, 0] == 0).all()
    assert ((clips.time_step[:, 1:] > 0.015) & (clips.time_step[:, 1:] < 0.6)).all()


def test_a_rolled_camera_sees_the_same_person(clips):
    angles = torch.linspace(-1, 1, len(clips))
    rolled = clips.rolled(angles)
    for before, after in ((clips.joints @ clips.rotation, rolled.joints @ rolled.rotation),
                          (clips.target @ clips.rotation, rolled.target @ rolled.rotation),
                          (rays_of(clips.plane) @ clips.rotation,
                           rays_of(rolled.plane) @ rolled.rotation)):
        torch.testing.assert_close(after, before, atol=1e-4, rtol=0)
    up = clips.rolled(torch.full((len(clips),), math.pi / 2)).log_sigma
    torch.testing.assert_close(up[..., 0], clips.log_sigma[..., 1], atol=1e-4, rtol=0)
    # What does not depend on directions stays.
    for before, after in zip(clips.evidence()[6:], rolled.evidence()[6:]):
        torch.testing.assert_close(after, before, atol=1e-4, rtol=0)


def test_every_pass_has_every_clip_once(clips):
    batches = random_clips(clips, 2, 0.0, seed=0)
    sizes = torch.cat([next(batches).size for _ in range(PEOPLE)])
    torch.testing.assert_close(sizes.sort(0)[0], clips.size.sort(0)[0])


def test_a_few_steps_lower_the_loss(clips):
    torch.manual_seed(0)
    network = LearnedCorrection()
    loss = UpdateLoss(network)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    losses = []
    for _ in range(40):
        total = sum(loss(clips).values())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        losses.append(float(total.detach()))
    assert losses[-1] < 0.9 * losses[0]
