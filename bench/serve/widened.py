#!/usr/bin/env python3
"""Writes the bundled model in a larger shape: widened.py OUT_DIR

Drafts depend on what is said as well as on what a token costs. The bundled model says what it was trained to say, but a
token costs it nearly nothing; a file of random weights has a real model's costs, but says nothing. This one has both: the
bundled decoder's weights stand in one corner of matrices of SmolVLM-256M's size (30 layers, width 576, 1,536 inside a layer,
18 heads of 32, 6 of keys and values; q8_0), and everything else is zero. A zero costs what any weight costs, and changes
nothing: a norm over more channels is made up for in its weight and its epsilon, and an added layer adds zero. So the answers
are those of the bundled model, but for q8_0's rounding. The vocabulary (1,248 tokens) and the vision part keep their size.
"""

import argparse
from pathlib import Path

import gguf
import numpy as np

TINY = Path(__file__).resolve().parents[2] / "models/tiny"
WIDTH, HIDDEN, LAYERS, HEADS, KV_HEADS = 576, 1536, 30, 18, 6
NAME = "Fovea tiny, widened"


def channels(heads, head_size, step):
    """Where the channels of each real head stand; query heads that share a key head must not be two real ones."""
    return np.concatenate([np.arange(head_size) + head * step * head_size for head in range(heads)])


def spread(weight, rows, columns, at_rows=None, at_columns=None):
    """`weight` (out, in) within a (rows, columns) matrix of zeros."""
    wide = np.zeros((rows, columns), np.float32)
    at_rows = np.arange(weight.shape[0]) if at_rows is None else at_rows
    at_columns = np.arange(weight.shape[1]) if at_columns is None else at_columns
    wide[np.ix_(at_rows, at_columns)] = weight
    return wide


def copy_fields(reader, writer, changed):
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kinds = field.types
        writer.add_key_value(field.name, changed.get(field.name, field.contents()), kinds[0], kinds[1] if len(kinds) > 1 else None)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def floats(tensor):
    return tensor.data.astype(np.float32)


def put_q8(writer, name, matrix):
    writer.add_tensor(name, gguf.quants.quantize(matrix, gguf.GGMLQuantizationType.Q8_0), raw_dtype=gguf.GGMLQuantizationType.Q8_0)


def widen_decoder(source, target):
    reader, writer = gguf.GGUFReader(source), gguf.GGUFWriter(target, "llama")
    value = {name: field.contents() for name, field in reader.fields.items()}
    narrow, heads = value["llama.embedding_length"], value["llama.attention.head_count"]
    more, size = WIDTH / narrow, narrow // heads
    copy_fields(reader, writer, {
        "general.name": NAME, "general.file_type": int(gguf.LlamaFileType.MOSTLY_Q8_0), "llama.block_count": LAYERS,
        "llama.embedding_length": WIDTH, "llama.feed_forward_length": HIDDEN, "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": KV_HEADS,
        "llama.attention.layer_norm_rms_epsilon": value["llama.attention.layer_norm_rms_epsilon"] / more})
    queries, keys = channels(heads, size, HEADS // KV_HEADS), channels(heads, size, 1)
    kv_width = KV_HEADS * size
    # name: rows, columns, where the rows stand, where the columns stand
    matrices = {"attn_q": (WIDTH, WIDTH, queries, None), "attn_k": (kv_width, WIDTH, keys, None), "attn_v": (kv_width, WIDTH, keys, None),
                "attn_output": (WIDTH, WIDTH, None, queries), "ffn_gate": (HIDDEN, WIDTH, None, None), "ffn_up": (HIDDEN, WIDTH, None, None),
                "ffn_down": (WIDTH, HIDDEN, None, None)}

    def put_norm(name, weight):
        wide = np.ones(WIDTH, np.float32)
        wide[:narrow] = weight / np.sqrt(more)
        writer.add_tensor(name, wide)

    tensors = {tensor.name: floats(tensor) for tensor in reader.tensors}
    for name in ("token_embd.weight", "output.weight"):
        put_q8(writer, name, spread(tensors[name], len(tensors[name]), WIDTH))
    put_norm("output_norm.weight", tensors["output_norm.weight"])
    none = np.zeros((0, 0), np.float32)
    for layer in range(LAYERS):
        for norm in ("attn_norm", "ffn_norm"):
            name = f"blk.{layer}.{norm}.weight"
            put_norm(name, tensors.get(name, 1))
        for matrix, (rows, columns, at_rows, at_columns) in matrices.items():
            name = f"blk.{layer}.{matrix}.weight"
            put_q8(writer, name, spread(tensors[name], rows, columns, at_rows, at_columns) if name in tensors
                   else spread(none, rows, columns))
    finish(writer)


def widen_vision(source, target):
    reader, writer = gguf.GGUFReader(source), gguf.GGUFWriter(target, "clip")
    copy_fields(reader, writer, {"general.name": NAME, "clip.vision.projection_dim": WIDTH})
    for tensor in reader.tensors:
        kind, data = tensor.tensor_type, tensor.data
        if tensor.name == "mm.1.weight":
            data = spread(floats(tensor), WIDTH, tensor.data.shape[1]).astype(np.float16)
        elif tensor.name == "mm.1.bias":
            data = np.concatenate([floats(tensor), np.zeros(WIDTH - len(tensor.data), np.float32)])
        writer.add_tensor(tensor.name, np.ascontiguousarray(data), raw_dtype=kind)
    finish(writer)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("out", type=Path)
    out = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    widen_decoder(TINY / "fovea-tiny.gguf", out / "widened.gguf")
    widen_vision(TINY / "fovea-tiny-mmproj.gguf", out / "mmproj-widened.gguf")
    for path in sorted(out.glob("*.gguf")):
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
