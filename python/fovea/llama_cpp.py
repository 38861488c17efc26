"""A cache for the image embeddings of llama-cpp-python's chat handlers: one line, and the second look is free.

    handler = MTMDChatHandler(clip_model_path="mmproj.gguf")
    fovea.llama_cpp.attach(handler, store)                # a fovea.Store or fovea.Level, before its first request
    llm = Llama("model.gguf", chat_handler=handler, n_ctx=4096)

Any handler that speaks to libmtmd will do: MTMDChatHandler, Llava15ChatHandler, and those made from them. A handler
asks the module llama_cpp.mtmd_cpp for everything. An attached one asks an object that passes all on to that module
but for four functions. A picture's tile is then named by the picture's pixels, which tile of it it is, the content
of the projector's file, and what else changes the numbers. A tile that is known is decoded from the stored
embedding, and the encoder is not called. libmtmd decodes both ways through the same function
(mtmd_helper_decode_image_chunk), so answers are the same, bit for bit.

Audio and the frames of videos, which libmtmd may merge, are passed through.
"""

from __future__ import annotations

import ctypes
import logging
import mmap
import re
from dataclasses import dataclass
from typing import Any

try:
    import numpy as np
    from llama_cpp import llama_cpp, mtmd_cpp
    from llama_cpp import __version__ as _version
except ImportError as missing:
    raise ImportError(
        "fovea.llama_cpp needs llama-cpp-python 0.3.36 or later: pip install 'llama-cpp-python>=0.3.36'"
    ) from missing

import fovea

__all__ = ["Attached", "AttachedStats", "attach"]

log = logging.getLogger("fovea.llama_cpp")

# What of an mtmd_context_params may change an embedding. Logs and the marker's text do not.
CONTEXT_PARAMS = ("use_gpu", "n_threads", "flash_attn_type", "image_min_tokens", "image_max_tokens")


@dataclass
class AttachedStats:
    """What became of the tiles since `attach`."""

    hits: int = 0
    encoded: int = 0
    bypassed: int = 0


def attach(handler: Any, store: Any) -> Attached:
    """Gives a chat handler's image encoder the cache `store`. The result can detach it again."""
    if not hasattr(handler, "_mtmd_cpp") or not hasattr(handler, "mtmd_ctx"):
        raise TypeError(
            f"{type(handler).__name__} does not speak to libmtmd: give a MTMDChatHandler, a Llava15ChatHandler or one "
            "made from them (llama-cpp-python 0.3.36 or later)"
        )
    if handler.mtmd_ctx is not None:
        raise ValueError("attach before the handler's first request: how its projector was opened is not known now")
    if isinstance(handler._mtmd_cpp, _CachedMtmd):
        raise ValueError("a cache is attached to this handler: detach it first")
    return Attached(handler, store)


class Attached:
    """A handler with its cache, until `detach` or the end of a `with`. Used by the handler's one thread."""

    def __init__(self, handler: Any, store: Any) -> None:
        self.stats = AttachedStats()
        self._handler = handler
        self._module = handler._mtmd_cpp
        handler._mtmd_cpp = _CachedMtmd(self._module, store, self.stats)

    def detach(self) -> None:
        """The handler is as it was. What was stored stays."""
        self._handler._mtmd_cpp = self._module

    def __enter__(self) -> Attached:
        return self

    def __exit__(self, *_: object) -> None:
        self.detach()


class _EncodeFailed(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _CachedMtmd:
    """The module llama_cpp.mtmd_cpp, with a cache in front of the encoder."""

    def __init__(self, module: Any, store: Any, stats: AttachedStats) -> None:
        self._module = module
        self._store = store
        self._stats = stats
        self._projector: fovea.Key | None = None
        self._tiles: dict[int, fovea.Key] = {}  # By the address of the chunk, while the prompt's chunks live.

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def mtmd_init_from_file(self, path: bytes, model: Any, params: Any) -> Any:
        self._projector = _projector_key(path, params)
        return self._module.mtmd_init_from_file(path, model, params)

    def mtmd_tokenize(self, context: Any, chunks: Any, text: Any, bitmaps: Any, count: int) -> int:
        keys = [self._name(bitmap) for bitmap in bitmaps[:count]]
        result = self._module.mtmd_tokenize(context, chunks, text, bitmaps, count)
        if result == 0:
            self._name_tiles(chunks, keys)
        return result

    def mtmd_input_chunks_free(self, chunks: Any) -> None:
        self._tiles.clear()
        self._module.mtmd_input_chunks_free(chunks)

    def mtmd_helper_eval_chunk_single(
        self, context: Any, decoder: Any, chunk: Any, past: Any, sequence: Any, batch: Any, logits_last: Any, new_past: Any
    ) -> int:
        key = self._tiles.get(_address(chunk))
        if key is None:
            self._stats.bypassed += self._is_media(chunk)
            return self._module.mtmd_helper_eval_chunk_single(
                context, decoder, chunk, past, sequence, batch, logits_last, new_past
            )
        rows = self._module.mtmd_input_chunk_get_n_tokens(chunk)
        width = llama_cpp.llama_model_n_embd_inp(llama_cpp.llama_get_model(decoder))
        try:
            embedding = self._embedding(key, context, chunk, (rows, width))
        except _EncodeFailed as failed:
            return failed.code
        return self._module.mtmd_helper_decode_image_chunk(
            context, decoder, chunk, _floats(embedding), past, sequence, batch, new_past,
            self._module.mtmd_helper_post_decode_callback(), None,
        )  # fmt: skip

    def _embedding(self, key: fovea.Key, context: Any, chunk: Any, shape: tuple[int, int]) -> np.ndarray:
        encoded = False

        def encode() -> np.ndarray:
            nonlocal encoded
            encoded = True
            if code := self._module.mtmd_encode_chunk(context, chunk):
                raise _EncodeFailed(code)
            output = self._module.mtmd_get_output_embd(context)
            if not output:
                raise _EncodeFailed(-1)
            return np.ctypeslib.as_array(output, shape=shape).copy()

        try:
            embedding = np.asarray(self._store.get_or_compute(key, encode))
        except fovea.FoveaError as fault:
            log.warning("a picture's tile is encoded without the cache: %s", fault)
            self._stats.bypassed += 1
            return encode()
        if embedding.shape != shape or embedding.dtype != np.float32:
            embedding = encode()  # Not what this decoder takes: it is replaced.
            self._store.insert(key, embedding)
        if encoded:
            self._stats.encoded += 1
        else:
            self._stats.hits += 1
        return embedding

    def _name(self, bitmap: Any) -> fovea.Key | None:
        """Names a picture by its pixels. libmtmd hands the name on to its tiles."""
        module = self._module
        if module.mtmd_bitmap_is_audio(bitmap):
            return None
        size = module.mtmd_bitmap_get_n_bytes(bitmap)
        pixels = module.mtmd_bitmap_get_data(bitmap)
        if not pixels or not size:
            return None
        content = np.ctypeslib.as_array(ctypes.cast(pixels, ctypes.POINTER(ctypes.c_uint8)), shape=(size,))
        width, height = module.mtmd_bitmap_get_nx(bitmap), module.mtmd_bitmap_get_ny(bitmap)
        key = fovea.key("fovea/llama-cpp/image/1", width, height, memoryview(content))
        module.mtmd_bitmap_set_id(bitmap, key.hex().encode())
        return key

    def _name_tiles(self, chunks: Any, pictures: list[fovea.Key | None]) -> None:
        """The tiles' keys: libmtmd's chunks come in order, each with the name of its picture.

        A picture that stands twice in the prompt gives its tiles twice, so they are counted by picture.
        """
        module = self._module
        self._tiles.clear()
        if self._projector is None:
            return
        by_picture: dict[fovea.Key, list[Any]] = {key: [] for key in pictures if key is not None}
        for index in range(module.mtmd_input_chunks_size(chunks)):
            chunk = module.mtmd_input_chunks_get(chunks, index)
            if module.mtmd_input_chunk_get_type(chunk) == module.MTMD_INPUT_CHUNK_TYPE_IMAGE:
                name = module.mtmd_input_chunk_get_id(chunk)
                picture = next((key for key in by_picture if name and key.hex().encode() == name), None)
                if picture is not None:
                    by_picture[picture].append(chunk)
        for picture, tiles in by_picture.items():
            copies = pictures.count(picture)
            if len(tiles) % copies != 0:
                continue
            each = len(tiles) // copies
            for index, chunk in enumerate(tiles):
                self._tiles[_address(chunk)] = fovea.key(
                    "fovea/llama-cpp/tile/1", self._projector, picture, index % each, each,
                    module.mtmd_input_chunk_get_n_tokens(chunk),
                )  # fmt: skip

    def _is_media(self, chunk: Any) -> bool:
        return self._module.mtmd_input_chunk_get_type(chunk) != self._module.MTMD_INPUT_CHUNK_TYPE_TEXT


def _projector_key(path: bytes, params: Any) -> fovea.Key:
    """The encoder as it runs here: its file's content, its options, and the kernels that compute it."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        options = [int(getattr(params, name, 0)) for name in CONTEXT_PARAMS]
        return fovea.key(
            "fovea/llama-cpp/projector/1", content, *options, _version, llama_cpp.llama_print_system_info(), *_libraries()
        )


def _libraries() -> list[fovea.Key]:
    """The content of the libraries that compute: llama-cpp-python is compiled anew on each machine."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            loaded = sorted(set(re.findall(r"(/\S*/lib(?:mtmd|llama|ggml)[^/\s]*)\n", maps.read())))
    except OSError:  # No such file on this system: the version has to do.
        loaded = []
    keys = []
    for library in loaded:
        with open(library, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            keys.append(fovea.key("fovea/llama-cpp/library/1", content))
    return keys


def _address(chunk: Any) -> int:
    return chunk if isinstance(chunk, int) else int(ctypes.cast(chunk, ctypes.c_void_p).value or 0)


def _floats(embedding: np.ndarray) -> Any:
    return embedding.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
