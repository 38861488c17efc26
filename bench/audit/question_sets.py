#!/usr/bin/env python3
"""What `fovea audit` says of question files: question_sets.py [--profile NAME[:MODEL]]... NAME=FILE...

Prints two Markdown tables: what came again in each file, and what share of the machine's time each level saves with each profile.
A FILE that ends with .gz or .gzip is unpacked first.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

LEVELS = ("embedding", "prefix", "response", "embedding + response", "all")


def audited(file, profile):
    name, _, model = profile.partition(":")
    command = ["fovea", "audit", str(file), "--format", "questions", "--json", "--profile", name, *(("--model", model) if model else ())]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}")
    return json.loads(done.stdout)


def unpacked(file, folder):
    if not file.endswith((".gz", ".gzip")):
        return file
    plain = Path(folder) / Path(file).stem
    plain.write_bytes(gzip.decompress(Path(file).read_bytes()))
    return plain


def percent(part, whole=1):
    return f"{100 * part / whole:.1f} %".replace("-0.0 ", "0.0 ") if whole else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", action="append", help="default: 2-core-cpu:smolvlm-256m and l4:llava-1.5-7b")
    parser.add_argument("files", nargs="+", metavar="NAME=FILE")
    given = parser.parse_args()
    profiles = given.profile or ["2-core-cpu:smolvlm-256m", "l4:llava-1.5-7b"]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for text in given.files:
            name, _, file = text.partition("=")
            plain = unpacked(file, folder)
            found[name] = [audited(plain, profile) for profile in profiles]
    print("| questions of | questions | pictures | questions a picture | pictures again | the same question again |\n|---|---|---|---|---|---|")
    for name, audits in found.items():
        pictures, questions = audits[0]["reuse"]["pictures"], audits[0]["reuse"]["questions"]
        print(f"| {name} | {questions['asked']:,} | {pictures['different']:,} | {pictures['sent'] / pictures['different']:.1f} | "
              f"{percent(pictures['same_file'], pictures['sent'])} | {percent(questions['repeats'], questions['asked'])} |")
    print("\n| questions of | profile | " + " | ".join(LEVELS) + " |\n|---|---|" + "---|" * len(LEVELS))
    for name, audits in found.items():
        for profile, audit in zip(profiles, audits):
            shares = {row["name"]: row["saved_share"] for row in audit["savings"]["levels"]}
            print(f"| {name} | {profile.replace(':', ', ')} | " + " | ".join(percent(shares[each]) for each in LEVELS) + " |")


if __name__ == "__main__":
    main()
