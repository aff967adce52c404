"""all-MiniLM-L6-v2 in float32, written out in numpy from its original weights: the specification
that the shipped encoder is measured against. BERT as in Devlin et al. 2018 (arXiv:1810.04805),
then mean pooling and L2 normalisation as in Reimers and Gurevych 2019 (arXiv:1908.10084)."""

import json

import numpy as np
import tokenizers
from safetensors.numpy import load_file

MAX_TOKENS = 256


class Reference:
    """`folder` holds config.json and model.safetensors; `tokenizer` is a tokenizer.json."""

    def __init__(self, folder, tokenizer):
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        self.weights = {name.removeprefix("bert."): w for name, w in weights.items()}
        self.tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)

    def embed(self, texts):
        return np.stack([self._embed(e.ids) for e in self.tokenizer.encode_batch(texts)])

    def _embed(self, ids):
        w = self.weights
        x = (w["embeddings.word_embeddings.weight"][ids]
             + w["embeddings.position_embeddings.weight"][:len(ids)]
             + w["embeddings.token_type_embeddings.weight"][0])
        x = self._norm(x, "embeddings.LayerNorm")
        for layer in range(self.config["num_hidden_layers"]):
            x = self._layer(x, f"encoder.layer.{layer}")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, x, name):
        attended = self._linear(self._attention(x, f"{name}.attention.self"),
                                f"{name}.attention.output.dense")
        x = self._norm(x + attended, f"{name}.attention.output.LayerNorm")
        wide = gelu(self._linear(x, f"{name}.intermediate.dense"))
        return self._norm(x + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, x, name):
        heads = self.config["num_attention_heads"]
        # [tokens, hidden] -> [heads, tokens, hidden / heads]
        q, k, v = (self._linear(x, f"{name}.{part}").reshape(len(x), heads, -1).transpose(1, 0, 2)
                   for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(q.shape[-1]))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return (weights @ v).transpose(1, 0, 2).reshape(len(x), -1)

    def _linear(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, x, name):
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + np.float32(self.config["layer_norm_eps"]))
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


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
