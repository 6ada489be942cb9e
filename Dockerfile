# An image of ROS 2 Jazzy with this package in the workspace /ws. For the node to see a camera of
# the host, run it with --network=host --ipc=host; for a GPU, with --gpus all.
#   docker build --tag pose_machine_ros .
#   docker run --rm --network=host --ipc=host pose_machine_ros
# This file is checked by a linter (hadolint). No image was built from it.
FROM ros:jazzy-ros-base

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV PIP_NO_CACHE_DIR=1

WORKDIR /ws
COPY . src/pose_machine_ros

# RViz is left out: the image has no screen. Versions come from the ROS distribution.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv \
    && rosdep update --rosdistro "$ROS_DISTRO" \
    && rosdep install --yes --ignore-src --skip-keys rviz2 \
        --from-paths src/pose_machine_ros src/pose_machine_ros/pose_machine_msgs \
    && rm -rf /var/lib/apt/lists/*

# The system's cv_bridge is built for NumPy 1.
ARG TORCH=torch
RUN python3 -m venv --system-site-packages /opt/pose_venv \
    && /opt/pose_venv/bin/pip install "$TORCH" 'onnx>=1.17' 'onnxruntime>=1.18' 'openvino>=2024.6' \
        'safetensors>=0.4' 'rosbags>=0.11,<0.12' 'numpy>=1.24,<2'

# With the environment's Python, which colcon writes into the first line of the executables.
RUN . "/opt/ros/$ROS_DISTRO/setup.bash" \
    && . /opt/pose_venv/bin/activate \
    && python -m colcon build --base-paths src src/pose_machine_ros/pose_machine_msgs

ENTRYPOINT ["/bin/bash", "-c", "source /ws/install/setup.bash && exec \"$@\"", "--"]
CMD ["ros2", "launch", "pose_machine_ros", "camera.launch.py"]
