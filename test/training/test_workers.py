# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys

import torch
from torch import nn

from pose_machine_ros.training.workers import Workers

SCRIPT = """
import sys, torch
from torch import nn
from pose_machine_ros.training.workers import Workers
workers = Workers(torch.device('cpu'))
used, unused = nn.Parameter(torch.zeros(3)), nn.Parameter(torch.zeros(2))
used.grad = torch.full((3,), float(2 + 4 * workers.rank))
workers.average_gradients([used, unused])
said = workers.first_says(7.0 + workers.rank)
torch.save((used.grad, unused.grad, said), f'{sys.argv[1]}/{workers.rank}')
workers.close()
"""


def test_two_workers_take_the_mean_of_their_gradients_and_the_word_of_the_first(tmp_path):
    (tmp_path / 'work.py').write_text(SCRIPT)
    subprocess.run(
        [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2',
         str(tmp_path / 'work.py'), str(tmp_path)], check=True, timeout=120,
        env={**os.environ, 'OMP_NUM_THREADS': '1'})
    for rank in (0, 1):
        used, unused, said = torch.load(tmp_path / str(rank), weights_only=True)
        torch.testing.assert_close(used, torch.full((3,), 4.0))
        torch.testing.assert_close(unused, torch.zeros(2))
        assert said == 7.0


def test_alone_nothing_changes():
    workers = Workers(torch.device('cpu'))
    parameter = nn.Parameter(torch.zeros(2))
    parameter.grad = torch.ones(2)
    workers.average_gradients([parameter])
    torch.testing.assert_close(parameter.grad, torch.ones(2))
    assert workers.is_first and workers.first_says(3.0) == 3.0
