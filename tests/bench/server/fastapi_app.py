"""The peer of the server bench: the same encoder and vocabulary behind FastAPI.

Written to be as fast as this stack goes: uvloop and httptools, one process a core, one thread a
session, the model run in the event loop (handing it to a thread pool was slower), `tokenizers`'
own WordPiece, plain responses. It does less than the product: one dense head, no
lexical or token head, no calibration. With SMARTSYNCH_BENCH_REDIS answers are kept in that Redis.
"""

import hashlib
import json
import os
import pathlib
import struct

import numpy
import onnxruntime
import redis.asyncio
from fastapi import FastAPI, Request, Response
from tokenizers import BertWordPieceTokenizer

BASE = pathlib.Path(__file__).resolve().parents[3] / "models" / "base_model"


def load_head():
    """The dense head's tensors, and the names of the categories."""
    data = (BASE / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    tensors = {}
    for name in ("dense.w1", "dense.b1", "dense.w2", "dense.b2"):
        begin, end = header[name]["data_offsets"]
        tensors[name] = numpy.frombuffer(data[8 + size + begin:8 + size + end],
                                         numpy.float32).reshape(header[name]["shape"])
    return tensors


HEAD = load_head()
OPTIONS = onnxruntime.SessionOptions()
OPTIONS.intra_op_num_threads = 1
OPTIONS.inter_op_num_threads = 1
SESSION = onnxruntime.InferenceSession(str(BASE / "encoder.onnx"), OPTIONS,
                                       providers=["CPUExecutionProvider"])
INPUTS = [node.name for node in SESSION.get_inputs()]
TOKENIZER = BertWordPieceTokenizer(str(BASE / "vocab.txt"), lowercase=True)
TOKENIZER.enable_truncation(256)
TOKENIZER.enable_padding()

app = FastAPI()
cache = None
if os.environ.get("SMARTSYNCH_BENCH_REDIS"):
    cache = redis.asyncio.from_url(os.environ["SMARTSYNCH_BENCH_REDIS"])


def answers(texts):
    encoded = TOKENIZER.encode_batch(texts)
    ids = numpy.array([one.ids for one in encoded], numpy.int64)
    mask = numpy.array([one.attention_mask for one in encoded], numpy.int64)
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
    hidden = SESSION.run(None, {name: feed[name] for name in INPUTS})[0]
    weights = mask[:, :, None].astype(numpy.float32)
    pooled = (hidden * weights).sum(1) / weights.sum(1)
    pooled /= numpy.linalg.norm(pooled, axis=1, keepdims=True)
    layer = numpy.maximum(pooled @ HEAD["dense.w1"] + HEAD["dense.b1"], 0)
    logits = layer @ HEAD["dense.w2"] + HEAD["dense.b2"]
    scores = numpy.exp(logits - logits.max(1, keepdims=True))
    scores /= scores.sum(1, keepdims=True)
    best = scores.argmax(1)
    return [{"category": int(i), "confidence": float(row[i])} for i, row in zip(best, scores)]


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


@app.post("/v1/predict")
async def predict(request: Request):
    title = json.loads(await request.body())["title"]
    if cache is None:
        return Response(json.dumps(answers([title])[0]), media_type="application/json")
    key = "bench:" + hashlib.sha256(title.encode()).hexdigest()
    body = await cache.get(key)
    if body is None:
        body = json.dumps(answers([title])[0])
        await cache.set(key, body)
    return Response(body, media_type="application/json")


@app.post("/v1/batch")
async def batch(request: Request):
    titles = [row["title"] for row in json.loads(await request.body())]
    # By length, as whoever knows padding would.
    order = sorted(range(len(titles)), key=lambda i: len(titles[i]))
    found = [None] * len(titles)
    for begin in range(0, len(order), 64):
        chosen = order[begin:begin + 64]
        for i, answer in zip(chosen, answers([titles[i] for i in chosen])):
            found[i] = answer
    return Response(json.dumps(found), media_type="application/json")
