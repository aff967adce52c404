"""Writes a trained encoder as an ONNX file of few bits and says what the rounding costs.

  tools/smartsynch quantize --weights student.safetensors --out encoder.onnx

Each variant (bits of the token table / bits of the layers) is built, loaded and run on the
project's titles, and on CLINC150's and BANKING77's test sets where --public-data names their folder:
size, size under gzip, cosine to float32, accuracy of a linear head (ridge regression on the training
embeddings of the same variant), share of labels that differ from float32's, and milliseconds a text.
The variant asked for is written to --out; the same weights give the same bytes. Exit status: 0
success, 1 failure, 2 wrong usage.
"""

import argparse
import csv
import hashlib
import json
import os
import pathlib
import sys
import tempfile
import time
import zlib

import numpy as np
import onnxruntime
import tokenizers
from safetensors.numpy import load_file

import corpus
import embedding
import onnx_graph

ROOT = pathlib.Path(__file__).resolve().parents[2]
VARIANTS = ((32, 32), (8, 8), (4, 8))
RIDGE = 1.0


class Encoder:
    def __init__(self, graph, tokenizer):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(graph, options,
                                                    providers=["CPUExecutionProvider"])
        self.tokenizer = tokenizer

    def tokens(self, texts):
        return [e.ids for e in self.tokenizer.encode_batch(texts)]

    def embed(self, texts):
        return embedding.embed(self.session, self.tokens(texts))

    def milliseconds(self, texts):
        """Median of one text at a time."""
        times = []
        for row in self.tokens(texts):
            started = time.perf_counter()
            embedding.embed_batch(self.session, [row])
            times.append(time.perf_counter() - started)
        return 1000 * float(np.median(times))


def read_sets(data, public):
    """{name: (training texts, labels, test texts, labels)}"""
    rows = json.loads((data / "training_data.json").read_text(encoding="utf-8"))["samples"]
    parts = ([r for r in rows if not corpus.is_held_out(r)],
             [r for r in rows if corpus.is_held_out(r)])
    sets = {"own titles": sum(([list(map(corpus.task_text, part)), [r["category"] for r in part]]
                               for part in parts), [])}
    if public:
        clinc = json.loads((public / "clinc150_data_full.json").read_text(encoding="utf-8"))
        sets["CLINC150"] = sum(([[t for t, _ in clinc[part]], [l for _, l in clinc[part]]]
                                for part in ("train", "test")), [])
        sets["BANKING77"] = []
        for part in ("train", "test"):
            with open(public / f"banking77_{part}.csv", encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            sets["BANKING77"] += [[r["text"] for r in rows], [r["category"] for r in rows]]
    return sets


def linear_answers(train, labels, test):
    """Labels that ridge regression on one-hot targets gives the test embeddings."""
    names = sorted(set(labels))
    targets = np.array([[name == label for name in names] for label in labels], np.float64)
    x = np.hstack([train, np.ones((len(train), 1))]).astype(np.float64)
    weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ targets)
    scores = np.hstack([test, np.ones((len(test), 1))]) @ weights
    return [names[i] for i in scores.argmax(axis=1)]


def measure(graph, tokenizer, sets, reference):
    """`reference`: {set: (test embeddings, answers)} of float32; filled when empty."""
    encoder = Encoder(graph, tokenizer)
    figures = {"bytes": len(graph), "gzip_bytes": len(zlib.compress(graph, 9)), "sets": {}}
    for name, (texts, labels, test_texts, test_labels) in sets.items():
        test = encoder.embed(test_texts)
        answers = linear_answers(encoder.embed(texts), labels, test)
        known, known_answers = reference.setdefault(name, (test, answers))
        cosine = (test * known).sum(axis=1)
        figures["sets"][name] = {
            "accuracy": float(np.mean([a == b for a, b in zip(answers, test_labels)])),
            "labels_changed": float(np.mean([a != b for a, b in zip(answers, known_answers)])),
            "cosine_mean": float(cosine.mean()), "cosine_min": float(cosine.min())}
    figures["milliseconds_a_text"] = encoder.milliseconds(sets["own titles"][2][:300])
    return figures


def write_atomically(path, content):
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def print_table(variants):
    print(f"{'token/layer bits':<17}{'bytes':>11}{'gzip':>11}{'ms/text':>9}  "
          "set: accuracy, labels changed, cosine mean and minimum")
    for name, v in variants.items():
        print(f"{name:<17}{v['bytes']:>11,}{v['gzip_bytes']:>11,}{v['milliseconds_a_text']:>9.2f}  "
              + "; ".join(f"{s}: {100 * f['accuracy']:.2f} %, {100 * f['labels_changed']:.2f} %, "
                          f"{f['cosine_mean']:.4f} {f['cosine_min']:.4f}"
                          for s, f in v["sets"].items()))


def main():
    parser = argparse.ArgumentParser(prog="smartsynch quantize", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    path = pathlib.Path
    parser.add_argument("--weights", type=path, required=True,
                        help="float32 weights as tools/encoder/train_encoder.py writes them")
    parser.add_argument("--out", type=path, help="ONNX file to write (default: measure only)")
    parser.add_argument("--token-bits", type=int, choices=(4, 8, 32), default=4)
    parser.add_argument("--layer-bits", type=int, choices=(8, 32), default=8)
    parser.add_argument("--data", type=path, default=ROOT / "data")
    parser.add_argument("--public-data", type=path, help="folder with CLINC150 and BANKING77")
    parser.add_argument("--tokenizer", type=path,
                        default=ROOT / ".cache/reference/tokenizer.json")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    options = parser.parse_args()
    try:
        weights = load_file(options.weights)
        tokenizer = tokenizers.Tokenizer.from_file(str(options.tokenizer))
        sets = read_sets(options.data, options.public_data)
    except Exception as error:  # each library has its own kinds of error
        sys.exit(f"smartsynch quantize: {error}")
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    wanted = (options.token_bits, options.layer_bits)
    reference, variants = {}, {}
    for token_bits, layer_bits in sorted({*VARIANTS, wanted}, reverse=True):
        print(f"measuring {token_bits}/{layer_bits}", file=sys.stderr, flush=True)
        graph = onnx_graph.build(weights, token_bits, layer_bits).SerializeToString()
        variants[f"{token_bits}/{layer_bits}"] = measure(graph, tokenizer, sets, reference)
        if options.out and (token_bits, layer_bits) == wanted:
            write_atomically(options.out, graph)
            variants[f"{token_bits}/{layer_bits}"]["sha256"] = hashlib.sha256(graph).hexdigest()
    if options.json:
        print(json.dumps({"variants": variants, "written": str(options.out or "")}))
    else:
        print_table(variants)


if __name__ == "__main__":
    main()
