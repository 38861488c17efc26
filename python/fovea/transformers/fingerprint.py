"""What else than a picture's numbers decides its features: the weights, the configuration and the kernels.

`Weights` hashes every parameter and buffer outside the language model once, and looks at each call whether
they are still the same ones. It looks at
  - modules and tensors: identity, address, and the version that PyTorch counts up at in-place writes;
  - 64 numbers of each tensor, because writes through `.data` (adapters are merged so) leave the former alone;
  - plain attributes of modules that neither PyTorch nor transformers wrote, such as an adapter's switch;
  - the configuration.
A change makes it hash again, so weights that were only moved keep their name. An in-place write through
`.data` that misses all 64 numbers is not noticed. `Attached.refresh()` is for those. Hashing 370 MB takes some
0.2 s, looking some 0.5 ms.

`kernels` names what computes: versions, the processor's instructions or the GPU, libraries, threads, precision
flags, and the bits that a few small operations give, which tell apart what names do not.
"""

import functools
import json
import re
import threading

import torch
import transformers

import fovea

from .architectures import PassThrough

SAMPLES = 64  # numbers of each tensor that are compared at each call
LANGUAGE_MODEL = ("language_model", "text_model")  # attributes of the model whose weights encode no picture
OWN_PACKAGES = (
    "torch",
    "transformers",
    "accelerate",
    "kernels",
)  # whose hooks and forwards leave values alone, or are named


class Weights:
    """The weights, configuration and code that encode pictures. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._known = None  # (state, samples, their numbers, key)

    def key(self, model):
        """The key of all that encodes, hashed anew if it has changed. Raises PassThrough where it cannot be
        named.
        """
        modules = list(_modules(model))
        state = _state(model, modules)
        with self._lock:
            if self._known is not None:
                known_state, samples, numbers, key = self._known
                if known_state == state and _read(samples) == numbers:
                    return key
            samples = _samples(modules)
            key = _hash(model, modules)
            self._known = (state, samples, _read(samples), key)
            return key

    def forget(self):
        with self._lock:
            self._known = None


def _modules(model):
    """(name, module) of the model and all below it, but the language model."""
    stack = [("", model)]
    while stack:
        name, module = stack.pop()
        yield name, module
        for child_name, child in module._modules.items():
            if child is not None and not (module is model and child_name in LANGUAGE_MODEL):
                stack.append((f"{name}.{child_name}", child))


def needs_gradients(model):
    return any(p.requires_grad for _, m in _modules(model) for p in m._parameters.values() if p is not None)


def place(model):
    """The device that encodes, and the type of its numbers."""
    for _, module in _modules(model):
        for parameter in module._parameters.values():
            if parameter is not None:
                return parameter.device, parameter.dtype
    return torch.device("cpu"), torch.float32


def is_training(model):
    return any(module.training for _, module in _modules(model) if module is not model)


def _tensors(module):
    for kind in (module._parameters, module._buffers):
        for name, tensor in kind.items():
            if tensor is not None:
                yield name, tensor


def _state(model, modules):
    """What changes when weights, modules, code or configuration do: cheap to make, and compared as a
    whole.
    """
    state = [_plain_configuration(model.config)]
    for name, module in modules:
        state.append((id(module), type(module).forward))
        for _, tensor in _tensors(module):
            version = -1 if tensor.is_inference() else tensor._version
            state.append((id(tensor), version, 0 if tensor.is_meta else tensor.data_ptr()))
        own = vars(module)
        if own.get("_forward_hooks") or own.get("_forward_pre_hooks") or "forward" in own:
            state.extend(_code_names(name, module))
        if not _is_own(type(module).__module__):
            state.append(_plain_attributes(module))
    return state


def _plain_configuration(config):
    visual = getattr(config, "vision_config", None)
    return [_plain_attributes(config), _plain_attributes(visual) if visual is not None else None]


def _plain_attributes(thing):
    return repr([(name, value) for name, value in vars(thing).items() if _is_plain(value)])


def _is_plain(value):
    if isinstance(value, (list, tuple, set)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(part) for key, part in value.items())
    return value is None or isinstance(value, (bool, int, float, str))


def _code_names(name, module):
    """The names of hooks and of a forward of the module's own. What foreign code does to values has no
    name.
    """
    own = vars(module)
    codes = [*own["_forward_hooks"].values(), *own["_forward_pre_hooks"].values()]
    if "forward" in own:
        codes.append(own["forward"])
    for code in codes:
        while isinstance(code, functools.partial):
            code = code.func
        package = getattr(code, "__module__", None) or type(code).__module__
        if not _is_own(package):
            where = name.lstrip(".") or type(module).__name__
            raise PassThrough(
                f"{where} has a hook or forward of {package}, which may change what it computes"
            )
        # The hooks with which transformers records hidden states come at the first call, and change nothing.
        if not package.startswith("transformers.utils.output_capturing"):
            yield f"{package}.{getattr(code, '__qualname__', type(code).__qualname__)}"


def _is_own(package):
    return package.split(".")[0] in OWN_PACKAGES


def _samples(modules):
    """Views of a few numbers of each tensor: {(device, type): [view]}. They share the tensors' memory."""
    samples = {}
    for _, module in modules:
        for _, tensor in _tensors(module):
            if tensor.numel() == 0 or tensor.is_meta:
                continue
            tensor = tensor.detach()
            flat = tensor.view(-1) if tensor.is_contiguous() else _in_memory_order(tensor)
            step = max(1, flat.numel() // SAMPLES)
            samples.setdefault((tensor.device, tensor.dtype), []).append(flat[::step][:SAMPLES])
    return samples


def _in_memory_order(tensor):
    room = tensor.untyped_storage().nbytes() // tensor.element_size() - tensor.storage_offset()
    return tensor.as_strided((min(tensor.numel(), room),), (1,), tensor.storage_offset())


def _read(samples):
    return [torch.cat(views).view(torch.uint8).to("cpu").numpy().tobytes() for views in samples.values()]


def _hash(model, modules):
    parts = [json.dumps(_configuration(model.config), sort_keys=True, default=str)]
    for name, module in sorted(modules, key=lambda pair: pair[0]):
        kind = type(module)
        parts.append(f"{name}: {kind.__module__}.{kind.__qualname__}")
        own = vars(module)
        if own["_forward_hooks"] or own["_forward_pre_hooks"] or "forward" in own:
            parts.extend(_code_names(name, module))
        if not _is_own(kind.__module__) or not _is_own(getattr(kind.forward, "__module__", None) or ""):
            parts += [_plain_attributes(module), _code(kind.forward)]
        for tensor_name, tensor in _tensors(module):
            parts.append(_tensor_key(f"{name}.{tensor_name}", tensor))
    return fovea.key("transformers/weights/1", *parts)


def _code(function):
    """What a forward of foreign code does, as far as its bytecode says: another class may have the same name."""
    code = getattr(function, "__code__", None)
    if code is None:
        raise PassThrough(f"{getattr(function, '__qualname__', function)} has no code that could be named")
    return f"{code.co_code.hex()} {code.co_names} {[value for value in code.co_consts if _is_plain(value)]}"


def _configuration(config):
    """All of it that says how pictures are encoded: not the language model's part, nor where it was loaded
    from.
    """
    said = {name: value for name, value in config.to_dict().items() if name != "text_config"}
    for part in (said, said.get("vision_config") or {}):
        for name in ("_name_or_path", "transformers_version", "architectures", "dtype"):
            part.pop(name, None)
    visual = getattr(config, "vision_config", None)
    return [
        said,
        getattr(config, "_attn_implementation", None),
        getattr(visual, "_attn_implementation", None),
    ]


def _tensor_key(name, tensor):
    plain = type(tensor) in (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer)
    if not plain or tensor.is_meta or tensor.layout is not torch.strided or tensor.is_quantized:
        kind = "on the meta device" if tensor.is_meta else f"a {type(tensor).__name__}"
        raise PassThrough(f"{name.lstrip('.')} is {kind}, whose content cannot be read for its name")
    return fovea.key("transformers/tensor/1", name, *described(tensor))


def described(tensor):
    """The fields that name a tensor's content in a key: its type, its shape, its bytes."""
    flat = tensor.detach().to("cpu").contiguous().reshape(-1)
    return str(tensor.dtype), str(tuple(tensor.shape)), memoryview(flat.view(torch.uint8).numpy())


def kernels(device, dtype):
    """What computes on `device` with numbers of `dtype`, as a string."""
    flags = [
        torch.get_num_threads() if device.type == "cpu" else None,
        torch.backends.mkldnn.enabled,
        torch.get_float32_matmul_precision(),
        torch.are_deterministic_algorithms_enabled(),
        torch.backends.cuda.flash_sdp_enabled(),
        torch.backends.cuda.mem_efficient_sdp_enabled(),
        torch.backends.cuda.math_sdp_enabled(),
        torch.backends.cuda.cudnn_sdp_enabled(),
        torch.is_autocast_enabled(device.type) and str(torch.get_autocast_dtype(device.type)),
    ]
    if device.type == "cuda":
        flags += [
            torch.backends.cuda.matmul.allow_tf32,
            torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction,
            torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction,
            torch.backends.cudnn.enabled,
            torch.backends.cudnn.deterministic,
            torch.backends.cudnn.allow_tf32,
            torch.backends.cudnn.benchmark,
        ]
    return f"{flags} {_kernel_names(device, dtype, torch.get_num_threads())}"


@functools.lru_cache(maxsize=64)
def _kernel_names(device, dtype, threads):
    names = [torch.__version__, transformers.__version__, device.type, str(dtype)]
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        names += [torch.version.cuda, torch.backends.cudnn.version()]
        names += [properties.major, properties.minor, properties.multi_processor_count]
    elif device.type == "cpu":
        names += [torch.__config__.show(), torch.backends.cpu.get_cpu_capability(), _linear_algebra()]
    names.append(_probe(device, dtype))
    return fovea.key("transformers/kernels/1", *map(str, names)).hex()


def _linear_algebra():
    """The BLAS and oneDNN libraries of this process: the same PyTorch runs with any of them.

    NumPy's and SciPy's own (libscipy_openblas) are not PyTorch's, and not in every process.
    """
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            libraries = re.findall(r"/(lib(?!scipy)(?:[a-z_]*blas|mkl|dnnl|blis)[^/\s]*)\n", maps.read())
        return sorted(set(libraries))
    except OSError:
        return []


def _probe(device, dtype):
    """The bits of small products, sums and functions, large enough for the kernels that a tower meets."""
    with torch.no_grad(), torch.autocast(device.type, enabled=False):
        # Numbers that are exact in any type and the same everywhere: no generator, no sine.
        numbers = (torch.arange(192 * 2048) * 7919 % 251 - 125).reshape(192, 2048).to(device, dtype) / 128
        product = numbers @ numbers.T
        heads = product.reshape(1, 4, 48, 192)
        attention = torch.nn.functional.scaled_dot_product_attention(heads, heads, heads)
        normal = torch.nn.functional.layer_norm(product, (192,))
        soft = torch.nn.functional.gelu(normal, approximate="tanh").softmax(-1)
        return [fovea.key("probe", *described(result)).hex() for result in (product, attention, soft)]
