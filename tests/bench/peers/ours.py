"""SmartSynch on the same rows, by its own command line tool: `train`, then `evaluate` per tier.

Rows whose label the sentence encoder has not seen are marked as calibration rows where the project's
encoder is used (tools/encoder/corpus.py says which), so that early stopping and calibration are
honest. Few-shot rows are measured with the original encoder only: the project's has seen labels of
both public sets.
"""

import json
import os
import subprocess
import sys

import datasets
import encoders

sys.path.insert(0, str(encoders.ROOT / "tools/encoder"))
import corpus  # noqa: E402

PROGRAM = encoders.ROOT / "tools/smartsynch"


def write_rows(path, rows, mark):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            line = {"title": row["text"], "label": row["label"]}
            if row.get("split"):
                line["split"] = row["split"]
            elif mark and corpus.is_held_out_public(row["text"]):
                line["split"] = "calibration"
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def call(program, verb, *arguments, folder):
    environment = {**os.environ, "SMARTSYNCH_RUNS": str(folder / "runs"),
                   "SMARTSYNCH_HOME": str(encoders.ROOT)}
    done = subprocess.run([str(program), verb, *map(str, arguments), "--json"], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    return json.loads(done.stdout)


def measure(name, train, test, folder, encoder=None, program=PROGRAM, more=()):
    """{tier: {"accuracy", "macro_f1"}}. `encoder`: None for the project's own, with both tiers; a
    path for another one, which goes without a token table and has the full tier alone. `more`: options
    of `train`."""
    write_rows(folder / "train.jsonl", train, encoder is None and name != "dev")
    write_rows(folder / "test.jsonl", test, False)
    model = folder / "model.safetensors"
    chosen = ("--encoder", encoder, "--token-table", "none") if encoder else ()
    open_set = [] if name != "dev" else [
        part for file in corpus.OWN_FILES[1:]
        for part in ("--open-set", datasets.ROOT / "data" / file)]
    call(program, "train", "--data", folder / "train.jsonl", *open_set, "--out", model, *chosen,
         *more, folder=folder)
    out = {}
    for tier in ("full",) if encoder else ("full", "instant"):
        figures = call(program, "evaluate", "--data", folder / "test.jsonl", "--model", model,
                       "--tier", tier, *chosen, folder=folder)
        out[tier] = {key: figures[key] for key in ("accuracy", "macro_f1")}
    return out
