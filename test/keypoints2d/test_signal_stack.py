# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A signal after OpenVINO was used; in processes of their own, which it may end."""

from pathlib import Path
import subprocess
import sys

import pytest

LOAD = """
import gc, os, signal, threading
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
networks = []
def load():
    networks.append(PoseNetwork2D(Keypoints2DConfig(backend='openvino')))
def free():
    networks.clear()
    gc.collect()
def in_a_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()
"""
ARRIVE = """
arrived = []
signal.signal(signal.SIGTERM, lambda *_: arrived.append(1))
os.kill(os.getpid(), signal.SIGTERM)
assert arrived
"""


@pytest.mark.parametrize('use', [
    'load()', 'load(); free()', 'load(); in_a_thread(free)', 'in_a_thread(load); free()',
    'in_a_thread(load); in_a_thread(free)'])
def test_a_signal_arrives_after_openvino_was_used(use):
    done = subprocess.run([sys.executable, '-c', f'{LOAD}{use}\n{ARRIVE}'],
                          cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
