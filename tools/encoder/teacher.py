"""Embeddings of the teacher, kept in a cache folder by the hash of what they were made from."""

import hashlib
import sys

import numpy as np
import onnxruntime

BATCH = 64


def embed(graph, tokens, cache):
    """`tokens`: ids of each text. Returns float32 [texts, 384], mean-pooled and L2-normalised."""
    digest = hashlib.sha256(graph.read_bytes())
    for row in tokens:
        digest.update(np.asarray([len(row), *row], np.int32).tobytes())
    kept = cache / f"teacher-{digest.hexdigest()[:16]}.npy"
    if kept.exists():
        return np.load(kept)
    options = onnxruntime.SessionOptions()
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    names = {i.name for i in session.get_inputs()}
    out = None
    order = np.argsort([len(t) for t in tokens], kind="stable")
    for start in range(0, len(order), BATCH):
        rows = order[start:start + BATCH]
        length = max(len(tokens[i]) for i in rows)
        ids = np.zeros((len(rows), length), np.int64)
        mask = np.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, :len(tokens[row])] = tokens[row]
            mask[index, :len(tokens[row])] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = session.run(None, {n: v for n, v in feeds.items() if n in names})[0]
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        if out is None:
            out = np.zeros((len(tokens), mean.shape[1]), np.float32)
        out[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        if start % (BATCH * 100) == 0:
            print(f"teacher {start}/{len(order)}", file=sys.stderr, flush=True)
    cache.mkdir(parents=True, exist_ok=True)
    np.save(kept, out)
    return out
