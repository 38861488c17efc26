# SPDX-License-Identifier: Apache-2.0
"""Writes a checkpoint as the two GGUF files that libmtmd loads: export.py DATA_DIR CHECKPOINT PREFIX.

PREFIX.gguf is the decoder (architecture `llama`), PREFIX-mmproj.gguf the vision part (projector `janus_pro`); matrices
are float16, vectors and positions float32. The attribute head only served training and is left out.
"""
import argparse
import os

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType

import tokenizer as tokens
from model import SIZE
from scenes import FRAME, PATCH

NAME = "Fovea tiny"


def _describe(writer):
    writer.add_name(NAME)
    writer.add_description("Answers questions about simple coloured shapes; made for tests and demonstrations.")
    writer.add_file_type(LlamaFileType.MOSTLY_F16)


def _put(writer, name, weight, half=None):
    half = weight.ndim >= 2 if half is None else half
    kind = GGMLQuantizationType.F16 if half else GGMLQuantizationType.F32
    writer.add_tensor(name, np.ascontiguousarray(weight, np.float16 if half else np.float32), raw_dtype=kind)


def _finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_decoder(path, weights, tokenizer, chat_template=tokens.CHAT_TEMPLATE):
    writer = GGUFWriter(path, "llama")
    _describe(writer)
    writer.add_block_count(SIZE.layers)
    writer.add_context_length(SIZE.context)
    writer.add_embedding_length(SIZE.width)
    writer.add_feed_forward_length(SIZE.hidden)
    writer.add_head_count(SIZE.heads)
    writer.add_head_count_kv(SIZE.heads)
    writer.add_layer_norm_rms_eps(SIZE.eps)
    writer.add_rope_freq_base(SIZE.rope_base)
    writer.add_rope_dimension_count(SIZE.width // SIZE.heads)
    writer.add_vocab_size(len(tokenizer.pieces))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokenizer.pieces)
    writer.add_token_types(tokenizer.types)
    writer.add_token_merges([" ".join(pair) for pair in tokenizer.merges])
    writer.add_bos_token_id(tokenizer.ids[tokens.END_OF_TEXT])
    writer.add_eos_token_id(tokenizer.ids[tokens.END])
    writer.add_eot_token_id(tokenizer.ids[tokens.END])
    writer.add_pad_token_id(tokenizer.ids[tokens.END_OF_TEXT])
    writer.add_add_bos_token(False)
    writer.add_chat_template(chat_template)
    for name in ("token_embd", "output_norm", "output"):
        _put(writer, f"{name}.weight", weights[f"{name}.weight"])
    for name, weight in weights.items():
        if name.startswith("blocks."):
            _put(writer, name.replace("blocks.", "blk."), weight)
    _finish(writer)


def write_vision(path, weights):
    writer = GGUFWriter(path, "clip")
    writer.add_type("mmproj")
    _describe(writer)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("janus_pro")
    writer.add_vision_projection_dim(SIZE.width)
    writer.add_vision_image_size(FRAME)
    writer.add_vision_patch_size(PATCH)
    writer.add_vision_embedding_length(SIZE.width)
    writer.add_vision_feed_forward_length(SIZE.vision_hidden)
    writer.add_vision_block_count(SIZE.vision_layers)
    writer.add_vision_head_count(SIZE.heads)
    writer.add_vision_image_mean([0.5] * 3)
    writer.add_vision_image_std([0.5] * 3)
    writer.add_vision_attention_layernorm_eps(SIZE.vision_eps)
    writer.add_vision_use_gelu(True)
    for name, weight in weights.items():
        name = name.removeprefix("vision.")
        if name.startswith("blocks."):
            _put(writer, name.replace("blocks.", "v.blk."), weight)
        elif name.startswith("mm_"):
            _put(writer, name.replace("mm_", "mm."), weight)
        elif name.startswith("post_ln."):
            _put(writer, f"v.{name}", weight)
    patches = weights["vision.patch_embd.weight"].reshape(SIZE.width, 3, PATCH, PATCH)
    _put(writer, "v.patch_embd.weight", patches)
    _put(writer, "v.patch_embd.bias", weights["vision.patch_embd.bias"])
    _put(writer, "v.position_embd.weight", weights["vision.position"], half=False)
    _finish(writer)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data")
    arguments.add_argument("checkpoint")
    arguments.add_argument("prefix")
    options = arguments.parse_args()
    tokenizer = tokens.Tokenizer.load(os.path.join(options.data, "vocabulary.json"))
    weights = {name: w.float().numpy() for name, w in torch.load(options.checkpoint).items()}
    write_decoder(options.prefix + ".gguf", weights, tokenizer)
    write_vision(options.prefix + "-mmproj.gguf", {n: w for n, w in weights.items() if n.startswith("vision.")})
    for path in (options.prefix + ".gguf", options.prefix + "-mmproj.gguf"):
        print(f"{path}: {os.path.getsize(path):,} bytes")


if __name__ == "__main__":
    main()
