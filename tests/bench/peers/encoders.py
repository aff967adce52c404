"""Sentence embeddings the peers stand on, all of the original all-MiniLM-L6-v2 in float32.

  minilm       the encoder itself: mean pooling, L2 normalisation
  static       a table made from it in the manner of Model2Vec (github MinishLab/model2vec): every
               token of the vocabulary through the encoder, PCA to 256 dimensions, weights that damp
               frequent tokens, and a text is the mean of its tokens' rows

Whatever is computed here is kept below .cache/bench/peers by the hash of the texts.
"""

import hashlib
import pathlib
import sys

import numpy as np
import onnxruntime
import tokenizers
from safetensors.numpy import load_file

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/encoder"))
import embedding  # noqa: E402
import onnx_graph  # noqa: E402

CACHE = ROOT / ".cache/bench/peers"
LAYERS = 6
POSITIONS = 256
STATIC_SIZE = 256
SIF = 1e-4  # Model2Vec's smoothing of the token weights (Arora et al. 2017)
LINEAR = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
          "o": "attention.output.dense", "up": "intermediate.dense", "down": "output.dense"}
NORM = {"norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"}


def student_names(original):
    """The original's tensors under the names that onnx_graph.build reads, products [in, out]."""
    position = (original["embeddings.position_embeddings.weight"][:POSITIONS]
                + original["embeddings.token_type_embeddings.weight"][0])
    named = {"table.token": original["embeddings.word_embeddings.weight"],
             "table.position": position}
    for part in ("weight", "bias"):
        named[f"norm0.{part}"] = original[f"embeddings.LayerNorm.{part}"]
        for index in range(LAYERS):
            prefix = f"encoder.layer.{index}"
            for name, module in (LINEAR | NORM).items():
                value = original[f"{prefix}.{module}.{part}"]
                transposed = part == "weight" and name in LINEAR
                named[f"layer.{index}.{name}.{part}"] = value.T if transposed else value
    return named


def minilm_graph():
    """The path of the float32 graph, built from the published weights when it is not there."""
    path = CACHE / "minilm_float32.onnx"
    if not path.exists():
        original = load_file(ROOT / ".cache/teacher/model.safetensors")
        graph = onnx_graph.build(student_names(original), 32, 32)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(graph.SerializeToString())
        part.rename(path)
    return path


def tokenize(texts):
    tokenizer = tokenizers.Tokenizer.from_file(str(ROOT / ".cache/reference/tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(POSITIONS)
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def kept(name, texts, make):
    """`make()`, or what an earlier run made of the same texts."""
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    path = CACHE / f"{name}-{digest}.npy"
    if path.exists():
        return np.load(path)
    values = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npy")
    np.save(part, values)
    part.rename(path)
    return values


def minilm(texts):
    """float32 [texts, 384], of length one."""
    def make():
        session = onnxruntime.InferenceSession(str(minilm_graph()),
                                               providers=["CPUExecutionProvider"])
        return embedding.embed(session, tokenize(texts))

    return kept("minilm", texts, make)


def static_table():
    """float32 [vocabulary, 256]. A vocabulary lists frequent tokens first, so Zipf's law on the
    rank stands in for counts, as in Model2Vec."""
    vocabulary = (ROOT / ".cache/reference/vocab.txt").read_text(encoding="utf-8").splitlines()

    def make():
        session = onnxruntime.InferenceSession(str(minilm_graph()),
                                               providers=["CPUExecutionProvider"])
        first, last = vocabulary.index("[CLS]"), vocabulary.index("[SEP]")
        rows = embedding.embed(session, [[first, token, last] for token in range(len(vocabulary))])
        centred = rows - rows.mean(0)
        _, vectors = np.linalg.eigh(centred.T @ centred)
        reduced = centred @ vectors[:, ::-1][:, :STATIC_SIZE]
        frequency = 1 / np.arange(2, len(vocabulary) + 2)
        weight = SIF / (SIF + frequency / frequency.sum())
        return (reduced * weight[:, None]).astype(np.float32)

    return kept("static-table", vocabulary, make)


def static(texts):
    """float32 [texts, 256], of length one; [CLS] and [SEP] take no part."""
    table = static_table()
    out = np.zeros((len(texts), table.shape[1]), np.float32)
    for row, tokens in enumerate(tokenize(texts)):
        if len(tokens) > 2:
            out[row] = table[tokens[1:-1]].mean(0)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
