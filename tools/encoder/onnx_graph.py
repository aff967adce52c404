"""Writes an encoder's weights as an ONNX graph that is small as a file, small in memory and fast.

The token table stays rounded: its rows are gathered as integers and scaled afterwards. The other
weights are stored as int8 and become float32 once, when ONNX Runtime folds constants on loading, so
every product runs in float32 and gives the same answer on every host. Attention, the skip
connections and the feed-forward activation use ONNX Runtime's fused operators.

  inputs   input_ids, attention_mask   int64 [batch, sequence]
  output   last_hidden_state           float32 [batch, sequence, 384]
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import rounding

FUSED = "com.microsoft"
HEADS = 12
EPSILON = 1e-12


class Graph:
    def __init__(self, bits):
        """`bits`: 32 keeps the layers' weights as they are, 8 rounds them."""
        self.bits = bits
        self.nodes = []
        self.initializers = []

    def constant(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, op, inputs, output, domain="", **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, domain=domain,
                                           **attributes))
        return output

    def weight(self, name, matrix):
        """[inputs, outputs]"""
        if self.bits == 32:
            return self.constant(name, matrix)
        codes, scale = rounding.quantize8_columns(matrix)
        return self.scaled(name, codes, scale[None, :])

    def scaled(self, name, codes, scale):
        stored = self.constant(f"{name}.codes", codes)
        as_float = self.node("Cast", [stored], f"{name}.float", to=TensorProto.FLOAT)
        return self.node("Mul", [as_float, self.constant(f"{name}.scale", scale)], name)


def pack4(codes):
    """int8 -7..7 [rows, columns] to uint8 [rows, columns / 2]: the first half of the columns in the
    low four bits, the second in the high ones, each with 8 added."""
    shifted = (codes + 8).astype(np.uint8)
    half = codes.shape[1] // 2
    return shifted[:, :half] | (shifted[:, half:] << 4)


def add_token_rows(graph, table, bits):
    """The rows of input_ids, float32 [batch, sequence, columns]."""
    if bits == 32:
        return graph.node("Gather", [graph.constant("token.table", table), "input_ids"], "token")
    if bits == 8:
        codes, scale = rounding.quantize8_rows(table)
        stored = graph.constant("token.codes", codes)
        rows = graph.node("Gather", [stored, "input_ids"], "token.rows")
        values = graph.node("Cast", [rows], "token.values", to=TensorProto.FLOAT)
    else:
        codes, scale = rounding.quantize4(table)
        stored = graph.constant("token.codes", pack4(codes))
        rows = graph.node("Gather", [stored, "input_ids"], "token.rows")
        packed = graph.node("Cast", [rows], "token.packed", to=TensorProto.FLOAT)
        sixteenth = graph.constant("token.sixteenth", np.float32(1 / 16))
        shifted = graph.node("Mul", [packed, sixteenth], "token.shifted")
        high = graph.node("Floor", [shifted], "token.high")
        sixteen = graph.constant("token.sixteen", np.float32(16))
        high_part = graph.node("Mul", [high, sixteen], "token.high_part")
        low = graph.node("Sub", [packed, high_part], "token.low")
        joined = graph.node("Concat", [low, high], "token.joined", axis=-1)
        values = graph.node("Sub", [joined, graph.constant("token.eight", np.float32(8))],
                            "token.values")
    scales = graph.node("Gather", [graph.constant("token.scale", scale[:, None]), "input_ids"],
                        "token.row_scale")
    return graph.node("Mul", [values, scales], "token")


def add_positions(graph, table):
    if graph.bits == 32:
        position = graph.constant("position.table", table)
    else:
        codes, scale = rounding.quantize8_rows(table)
        position = graph.scaled("position.table", codes, scale[:, None])
    shape = graph.node("Shape", ["input_ids"], "sequence", start=1, end=2)
    begin = graph.constant("position.begin", np.array([0], np.int64))
    axis = graph.constant("position.axis", np.array([0], np.int64))
    return graph.node("Slice", [position, begin, shape, axis], "position")


def add_layer(graph, x, index, weights):
    name = f"layer.{index}"
    get = lambda part: weights[f"{name}.{part}"]
    attention = graph.node("Attention", [
        x,
        graph.weight(f"{name}.qkv", np.concatenate(
            [get("q.weight"), get("k.weight"), get("v.weight")], axis=1)),
        graph.constant(f"{name}.qkv.bias", np.concatenate(
            [get("q.bias"), get("k.bias"), get("v.bias")])),
        "mask"], f"{name}.attention", FUSED, num_heads=HEADS)
    mixed = graph.node("MatMul", [attention, graph.weight(f"{name}.o", get("o.weight"))],
                       f"{name}.mixed")
    x = add_skip_norm(graph, mixed, x, f"{name}.norm1", get("norm1.weight"), get("norm1.bias"),
                      get("o.bias"))
    wide = graph.node("MatMul", [x, graph.weight(f"{name}.up", get("up.weight"))], f"{name}.wide")
    bias = graph.constant(f"{name}.up.bias", get("up.bias"))
    active = graph.node("BiasGelu", [wide, bias], f"{name}.active", FUSED)
    narrow = graph.node("MatMul", [active, graph.weight(f"{name}.down", get("down.weight"))],
                        f"{name}.narrow")
    output = f"{name}.norm2"
    return add_skip_norm(graph, narrow, x, output, get("norm2.weight"), get("norm2.bias"),
                         get("down.bias"))


def add_skip_norm(graph, x, skip, name, gamma, beta, bias):
    return graph.node("SkipLayerNormalization", [
        x, skip, graph.constant(f"{name}.gamma", gamma), graph.constant(f"{name}.beta", beta),
        graph.constant(f"{name}.skip_bias", bias)], name, FUSED, epsilon=EPSILON)


def build(weights, token_bits, layer_bits):
    """`weights`: {name: array} as student.to_tensors gives them. Returns the ONNX model."""
    graph = Graph(layer_bits)
    token = add_token_rows(graph, weights["table.token"], token_bits)
    position = add_positions(graph, weights["table.position"])
    summed = graph.node("Add", [token, position], "embedding.sum")
    x = graph.node("LayerNormalization", [
        summed, graph.constant("embedding.gamma", weights["norm0.weight"]),
        graph.constant("embedding.beta", weights["norm0.bias"])], "embedding",
        axis=-1, epsilon=EPSILON)
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    layers = 1 + max(int(n.split(".")[1]) for n in weights if n.startswith("layer."))
    for index in range(layers):
        x = add_layer(graph, x, index, weights)
    graph.nodes[-1].output[0] = "last_hidden_state"
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
           for name in ("input_ids", "attention_mask")]
    out = helper.make_tensor_value_info(
        "last_hidden_state", TensorProto.FLOAT,
        ["batch", "sequence", weights["table.token"].shape[1]])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "sentence_encoder", ids, [out], graph.initializers),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)],
        producer_name="smartsynch")
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model
