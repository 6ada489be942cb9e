# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import itertools
import math
from types import SimpleNamespace

import pytest
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.training import run as run_module
from pose_machine_ros.training.run import mean_weights, TrainingRun
from pose_machine_ros.training.workers import Workers


def begin(folder, minutes, network=None):
    network = network or torch.nn.Linear(3, 1)
    return network, TrainingRun('toy', network, folder, minutes, 0.1, Workers(torch.device('cpu')))


def squares(network):
    return lambda batch: {name: network(torch.ones(1, 3)).square().sum() for name in batch}


@pytest.fixture
def clock(monkeypatch):
    """Replace the clock with one on which every step takes 0.25 s."""
    ticks = itertools.count(0, 0.25)
    monkeypatch.setattr(run_module, 'time', SimpleNamespace(monotonic=lambda: next(ticks)))


def expected_rate(peak, done):
    if done > 0.02:
        return 0.5 * peak * (1 + math.cos(math.pi * (done - 0.02) / 0.98))
    return peak * min(1.0, (done + 0.001) / 0.02)


def test_the_learning_rate_follows_the_elapsed_time(tmp_path, clock):
    network, run = begin(tmp_path, 1.0)
    rates = []

    def loss(batch):
        rates.append((run.elapsed / 60, run._optimizer.param_groups[0]['lr']))
        return squares(network)(batch)

    run.train(itertools.repeat(['a']), loss, lambda _: {})
    assert len(rates) == 240 and rates[0] == (0, pytest.approx(0.005))
    assert max(rate for _, rate in rates) > 0.0999 and rates[-1][1] < 1e-5
    for done, rate in rates:
        assert rate == pytest.approx(expected_rate(0.1, done), rel=1e-9)


def test_a_resumed_run_has_the_learning_rate_of_its_elapsed_time(tmp_path, clock):
    network, run = begin(tmp_path, 0.5)
    run.train(itertools.repeat(['a']), squares(network), lambda _: {})
    network, again = begin(tmp_path, 1.0)
    assert again.resume()
    rates = []

    def loss(batch):
        rates.append(again._optimizer.param_groups[0]['lr'])
        return squares(network)(batch)

    again.train(itertools.repeat(['a']), loss, lambda _: {})
    assert rates[0] == pytest.approx(expected_rate(0.1, 0.5))


def test_the_mean_of_the_weights_has_a_decay_that_increases():
    torch.manual_seed(0)
    network = torch.nn.BatchNorm1d(3)  # it has buffers, too
    mean = mean_weights(network)
    expected = {name: value.clone() for name, value in network.state_dict().items()
                if value.is_floating_point()}
    for step in range(1, 6000):
        with torch.no_grad():
            for name in expected:
                network.state_dict()[name].normal_()
        mean.update_parameters(network)
        rate = min(0.998, step / (step + 10))
        for name, value in expected.items():
            value.lerp_(network.state_dict()[name], 1 - rate)
    for name, value in expected.items():
        torch.testing.assert_close(mean.module.state_dict()[name], value, rtol=1e-6, atol=1e-7)


def test_a_trained_network_ends_with_the_mean_of_its_weights(tmp_path, clock):
    network, run = begin(tmp_path, 0.1)
    seen = []

    def loss(batch):
        seen.append(network.weight.detach().clone())
        return squares(network)(batch)

    run.train(itertools.repeat(['a']), loss, lambda _: {})
    saved = torch.load(tmp_path / 'toy.pt', weights_only=True)
    mean = seen[0]
    for step, weight in enumerate([*seen[1:], saved['network']['weight']], 1):
        mean = mean.lerp(weight, 1 - step / (step + 10))
    torch.testing.assert_close(network.weight.detach(), mean)
    assert float((mean - saved['network']['weight']).detach().abs().max()) > 1e-4


def test_an_interrupted_run_resumes_with_all_its_state(tmp_path):
    """Weights, their mean, the optimiser and the log; not every batch has every term."""
    torch.manual_seed(0)
    terms = [['a']] + [['a', 'b']] * 60
    network, run = begin(tmp_path, 0.01)
    run.train(itertools.cycle(terms), squares(network), lambda _: {})
    saved = torch.load(tmp_path / 'toy.pt', weights_only=True)
    again, run_again = begin(tmp_path, 0.02)
    assert run_again.resume() and run_again.step == run.step > 50
    for name, value in again.state_dict().items():
        torch.testing.assert_close(value, saved['network'][name])
        torch.testing.assert_close(run_again._mean.module.state_dict()[name],
                                   saved['mean'][f'module.{name}'])
    assert int(run_again._mean.n_averaged) == 1 + run.step
    moments = run_again._optimizer.state_dict()['state'][0]
    torch.testing.assert_close(moments['exp_avg'], saved['optimizer']['state'][0]['exp_avg'])
    run_again.train(itertools.cycle(terms), squares(again), lambda _: {})
    assert run_again.step > run.step and run_again.elapsed >= 1.2
    rows = (tmp_path / 'toy.csv').read_text().splitlines()
    assert len(rows) == 1 + run_again.step // 50 and rows[0] == 'step,seconds,a,b'


def test_an_interrupted_run_ends_as_an_uninterrupted_one(tmp_path, monkeypatch, clock):
    """All steps take the same time here, so that the learning rates are the same."""
    weights = []
    for parts in ((1.0,), (0.4, 1.0)):
        folder = tmp_path / str(len(parts))
        for until in parts:
            torch.manual_seed(0)
            network, run = begin(folder, 1.0)
            run.resume()
            stop = 60 * until

            def batches():
                while run.elapsed < stop:
                    yield ['a']
                run._save()
                raise KeyboardInterrupt

            try:
                run.train(batches(), squares(network), lambda _: {})
            except KeyboardInterrupt:
                assert until < 1
        assert run.step == 240
        weights.append(network.weight.detach())
    torch.testing.assert_close(weights[1], weights[0])


def test_a_checkpoint_of_an_older_version_is_refused(tmp_path):
    network, run = begin(tmp_path, 1.0)
    torch.save({'network': network.state_dict(), 'mean': network.state_dict(), 'optimizer':
                run._optimizer.state_dict(), 'elapsed': 1.0, 'step': 1}, tmp_path / 'toy.pt')
    with pytest.raises(InputError, match='toy.pt is a checkpoint of another version.*--out'):
        run.resume()


def test_no_time_is_refused(tmp_path):
    with pytest.raises(InputError, match='minutes = 0 '):
        begin(tmp_path, 0)
