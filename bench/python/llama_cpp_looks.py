#!/usr/bin/env python3
"""What the second look at a picture costs with llama-cpp-python, with and without fovea.llama_cpp.

    fovea model synth --like smolvlm-256m --out build/models
    python bench/python/llama_cpp_looks.py build/models/smolvlm-256m-q8_0.gguf build/models/mmproj-smolvlm-256m-q8_0.gguf

Each look is a question about one picture with one token of answer: preprocessing, encoding, prefill. Prints medians, in
seconds of the process's time on one thread, which other programs disturb less than they do the clock. The ways take
turns.
"""

import argparse
import base64
import io
import statistics
import time


def picture(seed):
    import numpy as np
    from PIL import Image

    small = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).resize((1024, 768)).save(file, format="PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def seconds(model, url, text):
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": text}]
    began = time.process_time()
    model.create_chat_completion([{"role": "user", "content": content}], temperature=0, max_tokens=1)
    return time.process_time() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("projector")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()

    import fovea.llama_cpp
    from llama_cpp import Llama
    from llama_cpp.llama_chat_format import Llava15ChatHandler

    models = {}
    for way in ("without", "with"):
        handler = Llava15ChatHandler(clip_model_path=arguments.projector, verbose=False)
        if way == "with":
            fovea.llama_cpp.attach(handler, fovea.Store(memory="1GiB"))
        models[way] = Llama(
            arguments.model, chat_handler=handler, n_ctx=4096, n_threads=1, n_threads_batch=1, verbose=False
        )
        seconds(models[way], picture(0), "Ready?")
    looks = {}
    for round_number in range(1, arguments.rounds + 1):
        url = picture(round_number)
        for look, text in (("first", "What is this?"), ("second", "What else?")):
            for way, model in models.items():
                looks.setdefault((way, look), []).append(seconds(model, url, text))
    print("| look | without | with |")
    print("|---|---|---|")
    for look in ("first", "second"):
        print(f"| {look} | {statistics.median(looks['without', look]):.2f} s | {statistics.median(looks['with', look]):.2f} s |")


if __name__ == "__main__":
    main()
