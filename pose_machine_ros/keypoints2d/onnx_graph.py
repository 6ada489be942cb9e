# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MoveNet as an ONNX model, for images of any number and size.

The operations are those that `torch.fx` records of `MoveNet.forward`. This takes a fraction of the
seconds that `torch.onnx.export` needs, and no further packages.
"""

from __future__ import annotations

from collections.abc import Callable
import operator

import onnx
from onnx import helper, numpy_helper, TensorProto
import torch
from torch import fx, nn, Tensor
from torch.nn import functional

from pose_machine_ros.keypoints2d.movenet import MoveNet

INPUT = 'images'  # MoveNet.outputs names the outputs
_OPSET = 17
_IR_VERSION = 8  # that of the opset: older runtimes read it, too


def onnx_model(network: MoveNet) -> bytes:
    """Return `network` as a serialized ONNX model.

    Its input `images` (B, H, W, 3) uint8 BGR and its outputs, called as `MoveNet.outputs`, are
    those of `MoveNet.forward`.
    """
    graph = fx.symbolic_trace(network).graph
    model = _Model(network)
    for node in graph.nodes:
        model.add(node)
    pictures = helper.make_tensor_value_info(
        INPUT, TensorProto.UINT8, ['batch', 'height', 'width', 3])
    maps = [helper.make_tensor_value_info(
        name, TensorProto.FLOAT, ['batch', channels, None, None])
        for name, channels in network.outputs.items()]
    made = helper.make_graph(model.nodes, 'MoveNet', [pictures], maps, model.constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid('', _OPSET)],
                             ir_version=_IR_VERSION).SerializeToString()


class _Model:
    """The nodes and constants of a graph that grows by one recorded operation at a time."""

    def __init__(self, network: MoveNet) -> None:
        self._network = network
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, node: fx.Node) -> None:
        """Add an operation of torch; KeyError for one that MoveNet does not use."""
        if node.op == 'call_module':
            self._add_convolution(node)
        elif node.op == 'output':
            for name, value in zip(self._network.outputs, node.args[0]):
                self._add('Identity', name, value)
        elif node.op != 'placeholder':
            _OPERATIONS[node.target](self, node, *node.args, **node.kwargs)

    def _add_convolution(self, node: fx.Node) -> None:
        layer: nn.Conv2d = self._network.get_submodule(node.target)
        parameters = [self._constant(f'{node.target}.{name}', value)
                      for name, value in layer.named_parameters()]
        self._add('Conv', node, *node.args, *parameters, kernel_shape=layer.kernel_size,
                  strides=layer.stride, pads=2 * layer.padding, group=layer.groups)

    # torch.fx also records arguments that MoveNet leaves at their defaults: `_defaults`.

    def add_relu6(self, node: fx.Node, x: fx.Node, **_defaults: object) -> None:
        low, high = (self._constant(name, torch.tensor(float(value)))
                     for name, value in (('zero', 0), ('six', 6)))
        self._add('Clip', node, x, low, high)

    def add_relu(self, node: fx.Node, x: fx.Node) -> None:
        self._add('Relu', node, x)

    def add_sum(self, node: fx.Node, x: fx.Node, y: fx.Node) -> None:
        self._add('Add', node, x, y)

    def add_concatenation(self, node: fx.Node, parts: list[fx.Node], axis: int) -> None:
        self._add('Concat', node, *parts, axis=axis)

    def add_padding(self, node: fx.Node, x: fx.Node, sides: tuple[int, ...],
                    value: float, **_defaults: object) -> None:
        left, right, top, bottom = sides
        self._add('Pad', node, x,
                  self._constant(f'{node}.sides',
                                 torch.tensor((0, 0, top, left, 0, 0, bottom, right))),
                  self._constant(f'{node}.value', torch.tensor(float(value))))

    def add_resize(self, node: fx.Node, x: fx.Node, scale_factor: float,
                   **_defaults: object) -> None:
        scales = self._constant(f'{node}.scales',
                                torch.tensor((1.0, 1.0, scale_factor, scale_factor)))
        self._add('Resize', node, x, '', scales, mode='linear',
                  coordinate_transformation_mode='half_pixel')

    def add_permutation(self, node: fx.Node, x: fx.Node, *order: int) -> None:
        self._add('Transpose', node, x, perm=order)

    def add_cast(self, node: fx.Node, x: fx.Node) -> None:
        self._add('Cast', node, x, to=TensorProto.FLOAT)

    def _add(self, operation: str, output: fx.Node | str, *inputs: fx.Node | str,
             **attributes: object) -> None:
        self.nodes.append(helper.make_node(
            operation, [str(i) for i in inputs], [str(output)], **attributes))

    def _constant(self, name: str, value: Tensor) -> str:
        if all(constant.name != name for constant in self.constants):
            self.constants.append(numpy_helper.from_array(
                value.detach().cpu().contiguous().numpy(), name))
        return name


_OPERATIONS: dict[object, Callable[..., None]] = {
    functional.relu6: _Model.add_relu6, 'relu': _Model.add_relu, operator.add: _Model.add_sum,
    torch.cat: _Model.add_concatenation,
    functional.pad: _Model.add_padding, functional.interpolate: _Model.add_resize,
    'permute': _Model.add_permutation, 'float': _Model.add_cast}
