# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A frame as tensor operations: how many there are, and that a GPU could run them as one graph."""

from dataclasses import replace

import numpy as np
import pytest
from support.graph_captures import Captures, trace
from support.walkers import CAMERA, seen, STEP
import torch

from pose_machine_ros.correction import positive_definite
from pose_machine_ros.cuda_graphs import CudaGraphs
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.frame_lifter import FrameLifter, Schedule
from pose_machine_ros.lifting.lifter import (
    load_learned_correction, load_recurrent_lifter, PoseLifter)
from pose_machine_ros.lifting.people_state import PeopleStates
from pose_machine_ros.lifting.person import LiftedPerson
from pose_machine_ros.torch_calls import TorchCallCounter


@pytest.fixture
def as_on_gpu(monkeypatch):
    """Equations are solved as on a GPU, where matrices of nobody raise no error."""
    monkeypatch.setattr(positive_definite, '_is_inverse_better', lambda device: True)


def crowd(number, index):
    """Return `number` people in frame `index`."""
    return [replace(seen(index, 1 + i % 3), id=f'p{i}') for i in range(number)]


def calls(people, frames=4):
    """Return the calls of torch in a frame of `people` people, after `frames` others."""
    lifter = PoseLifter(LiftingConfig(), 'cpu')
    for index in range(frames):
        lifter.step(crowd(people, index), index * STEP, CAMERA)
    newest = crowd(people, frames)
    with TorchCallCounter() as counter:
        lifter.step(newest, frames * STEP, CAMERA)
    return counter


def test_the_calls_of_a_frame_do_not_depend_on_the_number_of_people():
    one, six = calls(1).kernels, calls(6).kernels
    assert one <= six <= one + 2  # a few matrices of one row need no copy
    assert six <= 265


def operations(config, people, correction):
    """Return rays, scores, schedule and state of people, and the frame as a function of them."""
    lifter = FrameLifter(load_recurrent_lifter(), config)
    lifter.learned = load_learned_correction()
    states = PeopleStates(lifter.streaming.width, torch.device('cpu'))
    rows = torch.tensor([states.add() for _ in range(people)])
    generator = torch.Generator().manual_seed(0)
    rays = torch.randn(people, 17, 3, generator=generator) * 0.1 + torch.tensor([0, 0, 1.0])
    schedule = Schedule.of(torch.tensor(
        [LiftedPerson(0, None).next_frame(0, config) for _ in range(people)]))

    @torch.no_grad()
    def frame(rays, scores, schedule, state):
        lift = lifter.lift(rays, scores, schedule, state, None)
        return lifter.correct(lift, schedule, state, correction)
    return (rays, torch.ones(people, 17), schedule, states.read(rows)), frame


@pytest.mark.parametrize('on_gpu', [False, True], ids=['cpu', 'gpu'])
@pytest.mark.parametrize('correction', ['none', 'geometric', 'learned'])
def test_a_frame_can_be_captured_as_a_graph(correction, on_gpu, monkeypatch):
    """The graph computes the same as the function, for other input too."""
    monkeypatch.setattr(positive_definite, '_is_inverse_better', lambda device: on_gpu)
    inputs, frame = operations(LiftingConfig(), 2, correction)
    graph = trace(frame, *inputs)
    other = (inputs[0] + 0.01 * torch.randn(2, 17, 3), *inputs[1:])
    for ours, theirs in zip(torch.utils._pytree.tree_leaves(graph(*other)),
                            torch.utils._pytree.tree_leaves(frame(*other))):
        torch.testing.assert_close(ours, theirs)


def test_the_whole_step_on_the_device_can_be_captured(as_on_gpu, monkeypatch):
    """With the states of people read from their table, and written back."""
    lifter, rows = PoseLifter(LiftingConfig(), 'cpu'), []
    run = PoseLifter._run
    monkeypatch.setattr(
        PoseLifter, '_run', lambda self, people: rows.append(people) or run(self, people))
    for index in range(3):
        lifter.step(crowd(2, index), index * STEP, CAMERA)
    graph = trace(torch.no_grad()(lambda x: lifter._compute(x, lifter.config)), rows[-1])
    assert 'aten.index_copy_.default' in {str(node.target) for node in graph.graph.nodes}


@pytest.mark.parametrize('correction', ['none', 'geometric', 'learned', 'paper'])
def test_people_in_padded_graphs_are_those_of_the_cpu(correction, as_on_gpu):
    """Also when people come and go, and when the table of states moves."""
    config, captures = LiftingConfig(correction=correction), Captures()
    plain, padded = (PoseLifter(config, 'cpu') for _ in range(2))
    padded._graphs = CudaGraphs(padded._compute, padded.device, captures)
    counts = (1, 3, 3, 2, 5, 5, 17, 3)
    for index, people in enumerate(counts):
        ours, theirs = (lifter.step(crowd(people, index), index * STEP, CAMERA)
                        for lifter in (padded, plain))
        assert len(ours) == len(theirs) == people
        for one, other in zip(ours, theirs):
            np.testing.assert_allclose(one.xyz, other.xyz, atol=1e-3)
            np.testing.assert_allclose(one.covariance, other.covariance, rtol=0.02, atol=1e-5)
            np.testing.assert_allclose(one.velocity, other.velocity, atol=2e-2)
    assert captures.replayed == (0 if correction == 'paper' else 7)  # none for 17 people


def test_other_settings_are_another_graph(as_on_gpu):
    captures = Captures()
    lifter = PoseLifter(LiftingConfig(), 'cpu')
    lifter._graphs = CudaGraphs(lifter._compute, lifter.device, captures)
    for index, correction in enumerate(('geometric', 'none', 'geometric')):
        lifter.configure(LiftingConfig(correction=correction))
        lifter.step(crowd(1, index), index * STEP, CAMERA)
    assert captures.captured >= 2 and captures.replayed == 3


def test_a_person_without_a_score_is_not_lifted():
    """Also if `min_keypoint_score` admits everything: some detectors give unseen keypoints 0."""
    person = crowd(1, 0)[0]
    person.keypoints[:, 2] = 0
    skeleton, = PoseLifter(LiftingConfig(min_keypoint_score=0.0), 'cpu').step([person], 0, CAMERA)
    assert skeleton.id == person.id and np.isnan(skeleton.xyz).all()


def test_a_numerical_failure_does_not_stay(monkeypatch):
    """That person has no position in that frame, and starts from nothing in the next one."""
    lifter = PoseLifter(LiftingConfig(), 'cpu')
    good = [lifter.step(crowd(2, i), i * STEP, CAMERA) for i in range(6)][-1]
    correct = FrameLifter.correct

    def broken(self, *arguments):
        lifted, state = correct(self, *arguments)
        lifted.positions[0] = torch.nan
        state.trajectory.positions[0] = torch.nan
        return lifted, state
    monkeypatch.setattr(FrameLifter, 'correct', broken)
    skeletons = lifter.step(crowd(2, 6), 6 * STEP, CAMERA)
    assert np.isnan(skeletons[0].xyz).all() and skeletons[0].id == good[0].id
    assert np.isfinite(skeletons[1].xyz).all()
    monkeypatch.undo()
    for i in range(7, 20):
        skeletons = lifter.step(crowd(2, i), i * STEP, CAMERA)
        assert all(np.isfinite(s.xyz).all() and np.isfinite(s.covariance).all()
                   for s in skeletons)
    assert np.linalg.norm(skeletons[0].xyz - good[0].xyz, axis=-1).mean() < 0.5
