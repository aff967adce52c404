"""Writes a public set's training split as JSON Lines for `tools/smartsynch train`.

The encoder was trained with the labels of these rows, but for a fifth. That fifth is marked
`"split": "calibration"`, so that early stopping, calibration and thresholds use no text whose label
the encoder has seen.

  python tools/encoder/public_rows.py clinc150|banking77 FOLDER > rows.jsonl
"""

import argparse
import json
import pathlib

import corpus


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("set", choices=sorted(corpus.PUBLIC_SETS))
    parser.add_argument("folder", type=pathlib.Path, help="folder of the public data")
    options = parser.parse_args()
    for text, label in corpus.PUBLIC_SETS[options.set](options.folder):
        row = {"title": text, "label": label}
        if corpus.is_held_out_public(text):
            row["split"] = "calibration"
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
