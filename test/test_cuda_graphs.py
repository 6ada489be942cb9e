# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Captures are stand-ins: these tests need no GPU, and say nothing about CUDA itself."""

import pytest
from support.graph_captures import Captures
import torch

from pose_machine_ros import cuda_graphs
from pose_machine_ros.cuda_graphs import CudaGraphs, padded_sizes

CPU = torch.device('cpu')


def sums(rows, other, factor=1):
    """Return a number for each row."""
    return factor * (rows.sum(1) + other.sum())


@pytest.fixture
def captures():
    return Captures()


@pytest.fixture
def graphs(captures):
    return CudaGraphs(sums, CPU, captures)


@pytest.mark.parametrize('people', [1, 2, 3, 5, 8, 11, 16, 17, 30])
def test_the_result_is_that_of_the_function_for_each_of_the_people(graphs, people):
    for seed in range(3):
        torch.manual_seed(seed)
        rows, other = torch.randn(people, 4), torch.randn(5)
        torch.testing.assert_close(graphs.of_rows(rows, other), sums(rows, other))


def test_there_is_one_graph_for_each_rounded_number_of_people(graphs, captures):
    for _ in range(2):
        for people in range(1, 17):
            graphs.of_rows(torch.ones(people, 4), torch.ones(5))
    assert captures.captured == 5  # 1, 2, 4, 8, 16
    assert captures.replayed == 32


def test_more_people_than_the_largest_graph_holds_have_none(graphs, captures):
    graphs.of_rows(torch.ones(17, 4), torch.ones(5))
    assert not captures.captured


def test_padding_is_zero_also_after_more_people(captures):
    graphs = CudaGraphs(lambda rows: rows + rows.sum(), CPU, captures)
    graphs.of_rows(torch.full((4, 1), 100.0))
    assert graphs.of_rows(torch.ones(3, 1)).tolist() == [[4.0]] * 3


def test_each_shape_and_each_setting_has_a_graph(graphs, captures):
    rows = torch.ones(2, 4)
    for length, factor in ((5, 1), (6, 1), (5, 2), (5, 1)):
        other = torch.ones(length)
        torch.testing.assert_close(
            graphs.of_rows(rows, other, factor=factor), sums(rows, other, factor))
    assert captures.captured == 3


def test_a_capture_sees_zeros_and_not_the_inputs(captures):
    """Its runs have the effects of a frame, on whatever the inputs select."""
    seen = []

    def function(rows):
        seen.append(rows.clone())
        return rows
    CudaGraphs(function, CPU, captures).of_rows(torch.ones(2, 3))
    assert not any(rows.any() for rows in seen[:-1]) and seen[-1].all()


def test_the_number_of_graphs_is_bounded_and_the_oldest_goes_first(graphs, captures, monkeypatch):
    monkeypatch.setattr(cuda_graphs, '_MOST_GRAPHS', 3)
    for length in (1, 2, 3, 1, 4):
        graphs(torch.ones(1, 1), torch.ones(length))
    assert captures.captured == 4
    graphs(torch.ones(1, 1), torch.ones(1))  # was used after 2
    assert captures.captured == 4
    graphs(torch.ones(1, 1), torch.ones(2))
    assert captures.captured == 5


def test_closed_graphs_are_captured_again(graphs, captures):
    for _ in range(2):
        graphs.of_rows(torch.ones(1, 4), torch.ones(5))
        graphs.close()
    assert captures.captured == 2


def test_on_a_cpu_the_function_gets_its_arguments_as_they_are():
    got = []
    graphs = CudaGraphs(lambda *inputs: got.append(inputs) or torch.ones(3), CPU)
    rows = torch.ones(3, 2)
    assert not graphs.are_used and len(graphs.of_rows(rows)) == 3
    graphs('anything')
    assert got[0][0] is rows and got[1] == ('anything',)


@pytest.mark.parametrize('most', [1, 2, 3, 6, 8, 16])
def test_no_smaller_number_of_people_needs_another_graph(graphs, captures, most):
    for size in padded_sizes(most):
        graphs.of_rows(torch.ones(size, 4), torch.ones(5))
    assert captures.captured == len(padded_sizes(most))
    for people in range(1, most + 1):
        graphs.of_rows(torch.ones(people, 4), torch.ones(5))
    assert captures.captured == len(padded_sizes(most))
