# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.evaluation import gpu
from pose_machine_ros.evaluation.gpu_work import count_work, floor_ms

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))


@pytest.mark.skipif(torch.cuda.is_available(), reason='is about computers without a GPU')
def test_without_a_gpu_it_says_so_and_ends(capsys):
    assert gpu.main([]) == 0
    assert capsys.readouterr().out == f'{gpu.NO_GPU}\n'


def test_the_functions_of_a_gpu_agree_with_the_cpu(tmp_path, capsys):
    path, file = tmp_path / 'video.avi', tmp_path / 'gpu.json'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 30, (1280, 720))
    canvas = np.zeros((720, 1280, 3), np.uint8)
    canvas[40:40 + IMAGE.shape[0], 300:300 + IMAGE.shape[1]] = IMAGE[:680]
    for index in range(4):
        writer.write(np.roll(canvas, 3 * index, axis=1))
    writer.release()
    assert gpu.main(['--device', 'cpu', '--video', str(path), '--frames', '2', '--runs', '1',
                     '--people', '1', '--json', str(file)]) == 0
    figures = json.loads(file.read_text())
    assert figures['keypoints']['mean_px'] < 1.5
    assert figures['detections']['same_number'] == figures['detections']['images'] == 2
    assert figures['joints']['max_mm'] < 1e-3
    assert figures['machine frames']['most_people'] >= 1
    for name in ('frame', 'upload', 'keypoints', 'lift'):
        assert 0 < figures['times, 1 people'][name]['p50']
    printed = capsys.readouterr().out
    page = tmp_path / 'page.md'
    page.write_text('before\n<!-- gpu -->\n<!-- /gpu -->\nafter\n')
    assert gpu.main(['--figures', str(file), '--update', str(page)]) == 0
    assert capsys.readouterr().out == printed  # the same from the file
    assert page.read_text() == f'before\n<!-- gpu -->\n{printed}<!-- /gpu -->\nafter\n'
    row, = (line for line in printed.splitlines() if line.startswith('| 1 people'))
    assert f'{figures["times, 1 people"]["frame"]["p50"]:.2f} / ' in row


def test_a_part_that_fails_is_in_the_figures(capsys):
    def fail():
        raise RuntimeError('capture failed')
    figures = {}
    gpu._add(figures, 'times', fail)
    assert figures == {'times': {'error': 'capture failed'}}
    printed = gpu.table({'times, 1 people': figures['times'], 'joints': {'error': 'no memory'}})
    assert '| 1 people | capture failed |' in ' '.join(printed.split())
    assert '| joints | error no memory |' in ' '.join(printed.split())


def test_the_work_of_a_product_of_matrices():
    a, b = torch.zeros(10, 20), torch.zeros(20, 30)
    work = count_work(lambda: (a @ b).t())
    assert work['kernels'] == 1
    assert work['gflop'] == 2 * 10 * 20 * 30 / 1e9
    assert work['moved_mb'] == 4 * (200 + 600 + 300) / 1e6
    peaks = {'gb_per_s': 1.0, 'tflop_per_s': 1e-9}
    assert floor_ms(work, peaks) == pytest.approx(work['gflop'] / 1e-9)
    assert floor_ms(work, {**peaks, 'tflop_per_s': 1e3}) == pytest.approx(work['moved_mb'])
