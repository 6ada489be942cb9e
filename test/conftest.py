# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import torch

# The tests' tensors are small: a second thread would only wait for the first.
torch.set_num_threads(1)
