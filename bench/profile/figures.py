"""What others published about the device classes, and what was measured here: the numbers that devices.py computes with.

A figure is a rate in tokens a second, a time in milliseconds or a rate in bytes a second, always with the page that
it is from. Those in `held_out` are not computed with: the profile predicts them, and docs/devices.md has the errors.
"""

GIB = 1 << 30


class Decoder:
    """A decoder of a published figure: what a token reads, and what a token of a prompt computes with."""

    def __init__(self, layers, file_bytes, table_bytes=0.0, parameters=0.0):
        self.layers = layers
        self.read_bytes = file_bytes - table_bytes  # the table of embeddings is not read, but where it is also the head
        self.parameters = parameters  # of the layers; the head is computed for the last token alone


DECODERS = {
    "Llama 2 7B, Q4_0": Decoder(32, 3.56 * GIB, 131e6 * 0.5625, 6.48e9),
    "Llama 2 7B, F16": Decoder(32, 12.55 * GIB, 131e6 * 2, 6.48e9),
    "Llama 3 8B, Q4_K_M": Decoder(32, 4.58 * GIB, 525e6 * 0.5625, 6.98e9),
    "Llama 3 8B, F16": Decoder(32, 14.96 * GIB, 525e6 * 2, 6.98e9),
    "Llama 3 70B, Q4_K_M": Decoder(80, 39.59 * GIB, 1051e6 * 0.5625, 68.5e9),
    "Llama 3.2 3B, Q4_K_M": Decoder(28, 2.02e9, 0, 2.82e9),
    "Qwen 2.5 0.5B, Q8_0": Decoder(24, 669_763_072, 136.1e6 * 1.0625, 0.358e9),
    "Qwen 2.5 1.5B, Q4_K_M": Decoder(28, 0.986e9, 0, 1.31e9),
    "Qwen 2.5 1.5B, F16": Decoder(28, 3.087e9, 0, 1.31e9),
    "Qwen 2.5 3B, of which only the layers": Decoder(36, 3.09e9 * 0.6, 0, 2.77e9),
    "Qwen 2.5 7B, Q8_0": Decoder(28, 7.62e9 * 1.0625, 545e6 * 1.0625, 6.53e9),
    "Qwen 2.5 7B, Q4_0": Decoder(28, 7.62e9 * 0.5625, 545e6 * 0.5625, 6.53e9),
    "Qwen 3 8B, BF16": Decoder(36, 8.19e9 * 2, 622e6 * 2, 6.95e9),
    "SmolLM2 135M, Q4_K_M": Decoder(30, 101 * (1 << 20), 0, 0.106e9),
    "Nemotron 3 Nano 4B, Q4_K_M": Decoder(42, 2.63 * GIB, 0, 3.97e9),
    "Cosmos Reason 2 2B, Q4_K_M": Decoder(28, 1.11e9, 0, 1.41e9),
}

SOURCES = {
    "gpu-benchmarks": ("GPU-Benchmarks-on-LLM-Inference, of May 2024",
                       "https://github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference"),
    "gpu-benchmarks-2023": ("GPU-Benchmarks-on-LLM-Inference, of December 2023",
                            "https://github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference/blob/"
                            "00dd2bdeb2404263f22bd6c1cd46ce397e341db5/README.md"),
    "llama-cuda": ("llama.cpp, Performance on Nvidia CUDA, the scoreboard's row of an H100 80 GB",
                   "https://github.com/ggml-org/llama.cpp/discussions/15013"),
    "drinkme": ("drinkme, the uncompressed model beside its own, CUDA graphs", "https://github.com/ninachaubal/drinkme"),
    "turing": ("Turing Engine, comparison on one L4", "https://pypi.org/project/turing-engine/"),
    "forge": ("FORGE-Nano-Benchmark, vision encoder on an L4",
              "https://huggingface.co/robotflowlabs/FORGE-Nano-Benchmark/blob/main/benchmarks/"
              "bench_01_vision_encoder.json"),
    "jina": ("Jina AI, Optimizing GGUFs for decoder-only embedding models, August 2025",
             "https://jina.ai/news/optimizing-ggufs-for-decoder-only-embedding-models"),
    "fiddler": ("Fiddler, issue 7: a copy of 300 MB to an L4", "https://github.com/efeslab/fiddler/issues/7"),
    "gwenland": ("GwenLand, glcuda beside llama.cpp on one T4",
                 "https://github.com/gwenland-org/gwenland-ai/blob/ae013e4827294f373e9e62d8ebb3f7f696f81897/docs/"
                 "ArchGLCuda/ArchGLML_M2.1-M2.3.md"),
    "gwenland-small": ("GwenLand, the 0.5B model on the T4",
                       "https://github.com/gwenland-org/gwenland-ai/blob/ae013e4827294f373e9e62d8ebb3f7f696f81897/docs/"
                       "ArchGLCuda/BENCHMARK_ArchGLCuda.md"),
    "gwenland-prefill": ("GwenLand, T4 prefill head-to-head of September 2026",
                         "https://github.com/gwenland-org/gwenland-ai"),
    "whisper-m4": ("ggml's own tests: whisper.cpp on a Mac with an M4",
                   "https://github.com/ggml-org/ci/blob/00fe0715a41b6372c0de51ca80cb7807dda8b729/whisper.cpp/05/"
                   "ce7476aebc5965d22460c22b3041f8f721e05d/ggml-100-mac-m4/bench-models-table.log"),
    "m4-peak": ("huggingface.js, pull request 1044: peak of Apple's chips",
                "https://github.com/huggingface/huggingface.js/pull/1044"),
    "m3-max-peak": ("Hugging Face, hardware: Apple M3 Max", "https://huggingface.co/hardware/apple-m3-max"),
    "clpeak": ("clpeak on an M3 Max with 40 cores", "https://gist.github.com/jasondavies/d45e3fafd5440a22705a2318d570e9de"),
    "smolhub": ("SmolHub, tiny models on the Jetson Orin Nano Super 8GB, at 25 W",
                "https://www.smolhub.com/posts/jetson-nano-super-benchmark-non-reasoning/"),
    "rover": ("self-tuning-rover, llama.cpp on the Jetson Orin Nano Super 8GB",
              "https://github.com/choym92/self-tuning-rover/blob/1804adccbfb1a576ee63c3f0fa100d088c056b6d/jetson/llm/"
              "results/2026-09-25-1743-nemotron-3-nano-4b-q4km.md"),
    "vlm-jetson": ("Hokwang Choi, a VLM on the Jetson Orin Nano", "https://hokwangchoi.com/blog/vlm-benchmarks/"),
    "wayfindr": ("WayfindR, collected numbers of the Jetson Orin Nano Super at 25 W, Ollama",
                 "https://raw.githubusercontent.com/msmcs-robotics/WayfindR-driver/main/docs/"
                 "jetson_orin_nano_llm_benchmarks.md"),
    "t4-peak": ("gpu_catalog.json of gpu-runtime-predictor",
                "https://huggingface.co/RajBhope/gpu-runtime-predictor/blob/main/gpu_catalog.json"),
    "gpu-specs": ("gpu-specs, numbers from the vendor's data sheets",
                  "https://github.com/winston-zhang-orz/gpu-specs/blob/097f0fb34b7530bb7aa83535e5170a4c6701b5d7/specs.md"),
    "m3-max-memory": ("MacMegasite, M4 Max beside M3 Max, October 2024",
                      "https://macmegasite.com/2024/10/30/m4-max-chip-has-16-core-cpu-40-core-gpu-and-35-increase-in-"
                      "memory-bandwidth"),
    "jetson-peak": ("Jetson Orin Nano Super, hardware deep dive",
                    "https://www.brojogopalsapui.com/dark/ai-foundations/sub_contents/AI_hardware/"
                    "jetson_orin_nano_dark.html"),
}

# decode: two figures, from which the rate of reading weights and the fixed time of a layer follow. layer:
# where it is there, the fixed time follows from this figure instead, of a newer llama.cpp. prefill: a prompt
# of so many tokens. peak: what the memory gives at most. operations: what matrices of FP16 reach at most,
# without sparsity, which is half of what is reached with it. copy: bytes a second between the device and the
# memory of the host.
DEVICES = {
    "apple-m-class": {
        "machine": "Apple M3 Max, 40 GPU cores, unified memory",
        "decode": [("Llama 2 7B, Q4_0", 63.11, "gpu-benchmarks-2023"), ("Llama 2 7B, F16", 24.76, "gpu-benchmarks-2023")],
        "prefill": ("Llama 3 8B, F16", 512, 769.84, "gpu-benchmarks"),
        "peak": (400e9, "m3-max-memory"),
        "operations": (14.2e12, "m3-max-peak"),
        "copy": (57.99e9, "clpeak"),
        "held_out": [("Llama 3 70B, Q4_K_M", 7.65, "gpu-benchmarks"), ("Llama 3 8B, F16", 22.04, "gpu-benchmarks"),
                     ("Llama 3 8B, Q4_K_M", 48.97, "gpu-benchmarks")],
    },
    "t4": {
        "machine": "NVIDIA T4, 16 GB",
        "decode": [("Qwen 2.5 0.5B, Q8_0", 228, "gwenland-small"), ("Qwen 2.5 7B, Q8_0", 30.7, "gwenland")],
        "prefill": ("Qwen 2.5 7B, Q8_0", 512, 1439.9, "gwenland"),
        "peak": (320e9, "t4-peak"),
        "operations": (65e12, "gpu-specs"),
        "copy": (6e9, "fiddler"),
        "held_out": [("Qwen 2.5 7B, Q4_0", 49.0, "gwenland")],
    },
    "l4": {
        "machine": "NVIDIA L4, 24 GB",
        "decode": [("Qwen 2.5 1.5B, Q4_K_M", 180, "turing"), ("Qwen 2.5 1.5B, F16", 75, "turing")],
        "prefill": ("Qwen 2.5 3B, of which only the layers", 4000, 4000, "jina"),
        "peak": (300e9, "gpu-specs"),
        "operations": (121e12, "gpu-specs"),
        "copy": (6e9, "fiddler"),
        "held_out": [("Qwen 3 8B, BF16", 15.93, "drinkme")],
    },
    "h100": {
        "machine": "NVIDIA H100 PCIe, 80 GB",
        "decode": [("Llama 3 8B, Q4_K_M", 145.55, "gpu-benchmarks"), ("Llama 3 8B, F16", 68.03, "gpu-benchmarks")],
        "layer": ("Llama 2 7B, Q4_0", 267.81, "llama-cuda"),
        "prefill": ("Llama 3 8B, F16", 512, 10815.51, "gpu-benchmarks"),
        "peak": (2048e9, "gpu-specs"),
        "operations": (1513e12 / 2, "gpu-specs"),
        "copy": (6e9, "fiddler"),
        "held_out": [("Qwen 3 8B, BF16", 96.6, "drinkme"), ("Llama 3 70B, Q4_K_M", 25.01, "gpu-benchmarks")],
    },
    "jetson-orin": {
        "machine": "NVIDIA Jetson Orin Nano Super, 8 GB, unified memory",
        "decode": [("SmolLM2 135M, Q4_K_M", 165.2, "smolhub"), ("Nemotron 3 Nano 4B, Q4_K_M", 19.2, "rover")],
        "prefill": ("Nemotron 3 Nano 4B, Q4_K_M", 662, 662 / 1.24, "rover"),
        "peak": (102e9, "jetson-peak"),
        "operations": (67e12 / 4, "jetson-peak"),  # 67 are of INT8, with sparsity
        "copy": None,  # the memory's rate of decoding, halved: a copy reads and writes
        "held_out": [("Llama 3.2 3B, Q4_K_M", 30, "wayfindr"), ("Cosmos Reason 2 2B, Q4_K_M", 38, "vlm-jetson")],
    },
}

# An encoder of SigLIP's shape so400m at 384 pixels, FP16, on the L4: 27 layers, 1,152 wide, 729 places.
L4_ENCODER = {"layers": 27, "width": 1152, "ffn": 4304, "places": 729, "ms": 28.61, "source": "forge"}
# Whisper's encoder "medium" on an M4: 24 layers, 1,024 wide, 1,500 places. Peaks of both chips in operations
# a second.
M4_ENCODER = {"layers": 24, "width": 1024, "ffn": 4096, "places": 1500, "ms": 675.64, "source": "whisper-m4"}
M4_PEAK, M3_MAX_PEAK = (4.6e12, "m4-peak"), DEVICES["apple-m-class"]["operations"]
# A prompt of a decoder 896 wide on the T4, to see what narrow matrices cost.
T4_NARROW = ("Qwen 2.5 0.5B, Q8_0", 244, 11453.5, "gwenland-prefill")
# Eight answers side by side on the L4, all together.
L4_EIGHT = ("Qwen 2.5 1.5B, Q4_K_M", 8, 752, "turing")

# Measured here, on two cores, in two threads: means of docs/results/paper/raw.tar.xz (Fovea 0.2.0, commit
# 259d099), 83 first requests and 245 prefix hits of the paper's load, three seeds, on a quiet machine.
MEASURED = {
    "machine": "AMD EPYC, 2 processors, 23.5 GiB, Linux 6.18.44",
    "measured": "2026-11-29T23:28:15Z",
    "prompt_tokens": 182, "question_tokens": 42, "state_tokens": 140, "answer_tokens": 40, "steps": 39,
    "open_ms": 1.049, "preprocess_ms": 4.001, "hash_ms": 3.115, "encode_ms": 369.978, "prefill_ms": 138.371,
    "question_ms": 32.355, "generate_ms": 283.27, "state_out_ms": 1.716, "state_in_ms": 0.294,
    "first_ms": 800.02, "first_generate_ms": 280.928, "prefix_hit_ms": 316.938, "hit_ms": 0.022,
    "eight_answers": 2.1,  # docs/results/hardware.md: as fast as so many answers alone
}
