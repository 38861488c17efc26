"""One process of vLLM: ask.py MODEL CONNECTOR QUESTIONS, the last two as JSON. Prints its answers as JSON.

A question is {"seed": of the random picture, "text", "salt", "uuid"}, or {"grid_only": true}: a picture without pixels.
An answer is {"tokens", "finish", "encoder_calls"}, the last by vLLM's own count. One line of the output has them
all ("answers"), with vLLM's Prometheus counters of the connector ("counters"); the others are vLLM's log.
"""

import json
import os
import sys

os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")


def picture(seed):
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (112, 168, 3), dtype=np.uint8))


def prompt(question):
    import torch

    text = question.get("text", "What is this?")
    grid = {"image_grid_thw": torch.tensor([[1, 8, 12]])}
    asked = {
        "prompt": f"<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>{text}<|im_end|>\n<|im_start|>assistant\n",
        "multi_modal_data": {"image": grid if question.get("grid_only") else picture(question["seed"])},
    }
    if question.get("salt"):
        asked["cache_salt"] = question["salt"]
    if question.get("uuid"):
        asked["multi_modal_uuids"] = {"image": [question["uuid"]]}
    return asked


def encoder_calls(llm):
    """vLLM's own count, since it was last asked."""
    return sum(
        request["num_encoder_calls"]
        for worker in llm.collective_rpc("get_encoder_timing_stats")
        for request in worker.values()
    )


def main():
    from vllm import LLM, SamplingParams

    model, connector, questions = sys.argv[1], *(json.loads(argument) for argument in sys.argv[2:])
    llm = LLM(
        model,
        dtype="float32",
        max_model_len=1024,
        max_num_seqs=4,
        enforce_eager=True,
        gpu_memory_utilization=0.2,
        limit_mm_per_prompt={"image": 4, "video": 0},
        enable_mm_processor_stats=True,
        disable_log_stats=False,
        ec_transfer_config=connector,
    )
    encoder_calls(llm)  # What was encoded to measure the model does not count.
    answers = []
    for question in questions:
        output = llm.generate([prompt(question)], SamplingParams(temperature=0, max_tokens=8), use_tqdm=False)[0]
        completion = output.outputs[0]
        answers.append(
            {
                "tokens": list(completion.token_ids),
                "finish": completion.finish_reason,
                "encoder_calls": encoder_calls(llm),
            }
        )
    counters = {m.name: m.value for m in llm.get_metrics() if "fovea" in m.name}
    print("\n" + json.dumps({"answers": answers, "counters": counters}), flush=True)


if __name__ == "__main__":
    main()
