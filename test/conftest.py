# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import os

from hypothesis import settings
import torch

# The tests' tensors are small: a second thread would only wait for the first.
torch.set_num_threads(1)

# Where a change is judged the same messages are drawn each time: it must not fail for another's.
settings.register_profile('ci', derandomize=True, database=None)
if os.environ.get('CI'):
    settings.load_profile('ci')
