#!/usr/bin/env python3
"""Categorises a backlog of tasks with Ray: JSON Lines in, JSON Lines out, on as many machines as the
cluster has.

  ray_backlog.py --data FOLDER_OR_FILE --out FOLDER [--tier instant] [--program PATH] [--blocks N]
                 [--batch-rows 10000]

Each batch of rows goes through one `smartsynch predict` (categorise_backlog.py beside this file), so
the project's folder must be on every machine. The rows come back in their order, as parts of FOLDER.
`ray.init()` joins the cluster that RAY_ADDRESS names, else it starts one here.
"""

import argparse
import json
import pathlib

import ray
from categorise_backlog import PROGRAM, categorise_lines


def categorise_batch(batch, program, tier):
    """`batch`: {"text": lines}, as ray.data.read_text() gives them."""
    return {"text": list(categorise_lines(batch["text"].tolist(), program, tier))}


def write_part(block, folder):
    """One file a block, named by where it stands; whole, or not there."""
    number, lines = block
    part = folder / f"part-{number:05}.jsonl"
    unfinished = part.with_suffix(".unfinished")
    with open(unfinished, "w", encoding="utf-8") as output:
        output.writelines(line + "\n" for line in lines)
    unfinished.rename(part)
    return len(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tier", choices=("instant", "full"), default="instant")
    parser.add_argument("--program", default=str(PROGRAM))
    parser.add_argument("--blocks", type=int, default=200, help="pieces that are shared out")
    parser.add_argument("--batch-rows", type=int, default=10000)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    ray.data.DataContext.get_current().execution_options.preserve_order = True
    rows = ray.data.read_text(args.data, override_num_blocks=args.blocks).map_batches(
        categorise_batch, batch_size=args.batch_rows,
        fn_kwargs={"program": args.program, "tier": args.tier},
    )
    count = number = 0
    for batch in rows.iter_batches(batch_size=args.batch_rows):
        count += write_part((number, batch["text"]), args.out)
        number += 1
    print(json.dumps({"rows": count, "parts": number}))


if __name__ == "__main__":
    main()
