#!/usr/bin/env python3
"""Are answers with the prefix level equal to those of cold runs? answers.py [--program build/release/bin/fovea]
[--turns N]

Asks the bundled model every distinct question of samples/questions.json about every sample, greedily, once with the
prefix level and once without it. The questions come one by one about a picture, where the prefix ends with the
picture, and as conversations, where it ends in the middle of a text. Counts the answers that differ and shows them.
Responses are not stored, so every answer is generated.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT / "samples"


def ask(program, pictures, questions, lines, prefix_cache):
    """The answers and cached tokens; `lines`: the questions are turns of one conversation."""
    command = [program, "ask", *pictures, *([] if lines else questions), "--json", "--response-cache", "0",
               "--prefix-cache", prefix_cache, "--max-tokens", "64"]
    ran = subprocess.run(command, cwd=SAMPLES, input="\n".join(questions) if lines else None, capture_output=True,
                         text=True, check=False)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(command[:4])}...: {ran.stderr}")
    answers = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    return [answer["answer"] for answer in answers], sum(
        answer["usage"]["prompt_tokens_details"]["cached_tokens"] for answer in answers)


def compare(name, program, asked, lines):
    different, cached, off_cached, count = [], 0, 0, 0
    for number, (pictures, questions) in enumerate(asked):
        if sys.stderr.isatty():
            print(f"\r{name}: {number} of {len(asked)}", end="", file=sys.stderr)
        warm, warm_cached = ask(program, pictures, questions, lines, "1GiB")
        cold, cold_cached = ask(program, pictures, questions, lines, "0")
        cached, off_cached, count = cached + warm_cached, off_cached + cold_cached, count + len(cold)
        if len(warm) != len(cold) or len(cold) != len(questions):
            sys.exit(f"{pictures}: {len(warm)} and {len(cold)} answers to {len(questions)} questions")
        different += [(pictures, *triple) for triple in zip(questions, warm, cold) if triple[1] != triple[2]]
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    print(f"{name}: {count} questions, {cached} prompt tokens not prefilled ({off_cached} with the level off); "
          f"{count - len(different)} answers equal = {100 * (1 - len(different) / count):.2f} %")
    for pictures, question, warm, cold in different:
        print(f"  {' '.join(pictures)}: {question}\n    with the level:  {warm}\n    without:         {cold}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(CHECKOUT / "build/release/bin/fovea"))
    parser.add_argument("--turns", type=int, default=8, help="of a conversation (default: %(default)s)")
    arguments = parser.parse_args()
    samples = json.loads((SAMPLES / "questions.json").read_text("utf-8"))["samples"]
    questions = list(dict.fromkeys(each["question"] for sample in samples for each in sample["questions"]))
    pictures = [sample["pictures"] for sample in samples]
    compare("separate questions", arguments.program, [(picture, questions) for picture in pictures], False)
    turns = [(picture, questions[start:start + arguments.turns])
             for picture in pictures for start in range(0, len(questions), arguments.turns)]
    compare("conversations", arguments.program, turns, True)


if __name__ == "__main__":
    main()
