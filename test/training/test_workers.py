# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from pose_machine_ros.training.workers import Workers

# Each of two workers trains on an input of its own, and one worker alone on both. Only the second
# input needs the second layer; none needs the third.
SCRIPT = """
import itertools
from pathlib import Path
import sys
from types import SimpleNamespace

import torch
from torch import nn

from pose_machine_ros.training import run
from pose_machine_ros.training.workers import Workers

out = Path(sys.argv[1])
workers = Workers(torch.device('cpu'))
inputs = [workers.rank] if workers.count > 1 else [0, 1]


def network():
    torch.manual_seed(0)
    return nn.ModuleList(nn.Linear(3, 3) for _ in range(3))


def loss_of(layers):
    def loss(batch):
        terms = {}
        for i in batch:
            x = torch.eye(3)[i]
            terms[f'first {i}'] = layers[0](x).square().sum() / len(batch)
            if i == 1:
                terms['second'] = layers[1](x).square().sum() / len(batch)
        return terms
    return loss


first = network()
parallel = workers.parallel(run._NetworkWithLoss(first, loss_of(first)))
sum(parallel(inputs).values()).backward()
gradients = {name: p.grad for name, p in first.named_parameters()}

ticks = itertools.count(0, 0.25)
run.time = SimpleNamespace(monotonic=lambda: next(ticks))
second = network()
trained = run.TrainingRun('toy', second, out / f'run-{workers.count}', 0.5, 0.1, workers)
trained.train(itertools.repeat(inputs), loss_of(second), lambda _: {})
torch.save({'gradients': gradients, 'weights': second.state_dict(), 'steps': trained.step,
            'of_first': workers.of_first(7.0 + workers.rank)},
           out / f'{workers.rank}-of-{workers.count}')
workers.close()
"""


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    """Return what the two workers have, and what one has alone."""
    folder = tmp_path_factory.mktemp('workers')
    (folder / 'work.py').write_text(SCRIPT)
    for launcher in ((), ('-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2')):
        subprocess.run([sys.executable, *launcher, str(folder / 'work.py'), str(folder)],
                       check=True, timeout=120, env={**os.environ, 'OMP_NUM_THREADS': '1'})
    return [torch.load(folder / name, weights_only=True)
            for name in ('0-of-2', '1-of-2', '0-of-1')]


def test_two_workers_have_the_mean_of_their_gradients(results):
    *two, alone = results
    assert alone['gradients']['2.weight'] is None
    for worker in two:
        for name, gradient in alone['gradients'].items():
            if gradient is None:
                assert worker['gradients'][name] is None
            else:
                torch.testing.assert_close(worker['gradients'][name], gradient)


def test_two_workers_train_the_network_that_one_trains_on_the_batches_of_both(results):
    *two, alone = results
    torch.manual_seed(0)
    start = nn.ModuleList(nn.Linear(3, 3) for _ in range(3)).state_dict()
    for worker in two:
        assert worker['steps'] == alone['steps'] == 120
        for name, value in alone['weights'].items():
            torch.testing.assert_close(worker['weights'][name], value, rtol=1e-4, atol=1e-5)
            assert torch.equal(value, start[name]) == name.startswith('2.')


def test_all_workers_have_the_value_of_the_first(results):
    assert [r['of_first'] for r in results] == [7.0, 7.0, 7.0]


def test_a_single_worker_has_the_module_itself():
    workers, module = Workers(torch.device('cpu')), nn.Linear(1, 1)
    assert workers.parallel(module) is module
    assert workers.is_first and workers.of_first(3.0) == 3.0
