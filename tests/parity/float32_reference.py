"""The shipped encoder computed in float32 by numpy from the weights in its ONNX file: the
specification that ONNX Runtime's fused operators are measured against. BERT as in Devlin et al.
2018 (arXiv:1810.04805), then mean pooling and L2 normalisation as in Reimers and Gurevych 2019
(arXiv:1908.10084)."""

import numpy as np
import onnx
import tokenizers
from onnx import numpy_helper

MAX_TOKENS = 256
HEADS = 12
EPSILON = np.float32(1e-12)


class Reference:
    """`graph` is the ONNX file, `tokenizer` a tokenizer.json."""

    def __init__(self, graph, tokenizer):
        stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(graph).graph.initializer}
        self.weights = {name: w for name, w in stored.items() if not name.endswith(".codes")}
        for name in (n.removesuffix(".codes") for n in stored if n.endswith(".codes")):
            codes = stored[f"{name}.codes"]
            if codes.dtype == np.uint8:  # two codes of four bits a byte, 8 added to each
                codes = np.concatenate([codes & 15, codes >> 4], axis=1).astype(np.float32) - 8
            self.weights[name] = codes.astype(np.float32) * stored[f"{name}.scale"]
        self.layers = sum(name.endswith(".qkv") for name in self.weights)
        self.tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)

    def embed(self, texts):
        return np.stack([self._embed(e.ids) for e in self.tokenizer.encode_batch(texts)])

    def _embed(self, ids):
        w = self.weights
        x = w["token"][ids] + w["position.table"][:len(ids)]
        x = normalize(x, w["embedding.gamma"], w["embedding.beta"])
        for index in range(self.layers):
            x = self._layer(x, f"layer.{index}")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, x, name):
        w = self.weights
        mixed = self._attention(x, name) @ w[f"{name}.o"]
        x = self._skip(mixed, x, f"{name}.norm1")
        wide = gelu(x @ w[f"{name}.up"] + w[f"{name}.up.bias"])
        return self._skip(wide @ w[f"{name}.down"], x, f"{name}.norm2")

    def _skip(self, x, skip, name):
        w = self.weights
        return normalize(x + w[f"{name}.skip_bias"] + skip, w[f"{name}.gamma"], w[f"{name}.beta"])

    def _attention(self, x, name):
        qkv = x @ self.weights[f"{name}.qkv"] + self.weights[f"{name}.qkv.bias"]
        # [tokens, 3 * hidden] -> 3 times [heads, tokens, hidden / heads]
        q, k, v = (part.reshape(len(x), HEADS, -1).transpose(1, 0, 2)
                   for part in np.split(qkv, 3, axis=1))
        scores = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(q.shape[-1]))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return (weights @ v).transpose(1, 0, 2).reshape(len(x), -1)


def normalize(x, gamma, beta):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + EPSILON) * gamma + beta


def gelu(x):
    return x * np.float32(0.5) * (1 + erf(x / np.float32(np.sqrt(2))))


def erf(x):
    """Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7 (numpy has no erf)."""
    a = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * a)
    p = np.zeros_like(t)
    for c in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        p = (p + np.float32(c)) * t
    return np.sign(x) * (1 - p * np.exp(-a * a))
