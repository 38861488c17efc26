// The scheduler asks about each node (`ask`), and after a node that was wanted it calls again with the
// result. While the probe watches, it wants the first node that takes an image input and refuses to go on
// after it. While it does not, it wants the nodes after which the graph may yield.
#include "engine/llama/vision/tile_probe.h"

#include <ggml-backend.h>

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace fovea::llama {

namespace {

// The numbers of `input`; none where they are not float32.
TileInput values_of(const ggml_tensor& input) {
  TileInput tile;
  if (input.type != GGML_TYPE_F32 || !ggml_is_contiguous(&input)) return tile;
  tile.width = static_cast<std::uint32_t>(input.ne[0]);
  tile.height = static_cast<std::uint32_t>(input.ne[1]);
  tile.values.resize(static_cast<std::size_t>(ggml_nelements(&input)));
  ggml_backend_tensor_get(&input, tile.values.data(), 0, tile.values.size() * sizeof(float));
  return tile;
}

// Calls `use` with the tensor's bytes, wherever they lie.
void with_bytes(const ggml_tensor& tensor, const std::function<void(std::span<const std::byte>)>& use) {
  const std::size_t size = ggml_nbytes(&tensor);
  if (ggml_is_contiguous(&tensor) && tensor.buffer && ggml_backend_buffer_is_host(tensor.buffer))
    return use(std::span(static_cast<const std::byte*>(tensor.data), size));
  std::vector<std::byte> copy(size);
  ggml_backend_tensor_get(&tensor, copy.data(), 0, size);
  use(copy);
}

void hash_input(const ggml_tensor& input, KeyBuilder& seen) {
  seen.field(ggml_type_name(input.type));
  for (const std::int64_t extent : input.ne) seen.field(extent);
  with_bytes(input, [&](std::span<const std::byte> bytes) { seen.field(bytes); });
}

}  // namespace

bool TileProbe::on_node(ggml_tensor* node, bool ask, void* probe) {
  auto& self = *static_cast<TileProbe*>(probe);
  if (!self.visit_) return ask ? self.yields_after(*node) : self.yield();
  return ask ? self.wants(*node) : false;  // the input was read: stop here
}

// Matrix products take nearly all of the time, so little is computed between two of them.
bool TileProbe::yields_after(const ggml_tensor& node) const {
  return yield && (node.op == GGML_OP_MUL_MAT || node.op == GGML_OP_FLASH_ATTN_EXT);
}

bool TileProbe::wants(const ggml_tensor& node) {
  bool wanted = false;
  for (const ggml_tensor* source : node.src) {
    // With several devices the scheduler may have copied the input under a longer name.
    if (!source || !std::string_view(source->name).contains("inp_raw")) continue;
    (*visit_)(*source);
    wanted = true;
  }
  found_ = found_ || wanted;
  return wanted;
}

bool TileProbe::watch(const std::function<void()>& encode, const std::function<void(const ggml_tensor&)>& visit) {
  struct Watch {  // ends even if `encode` throws, as an aborted one does
    explicit Watch(TileProbe& of) : probe(of) {}
    ~Watch() { probe.visit_ = nullptr; }
    TileProbe& probe;
  };
  const Watch until_done(*this);
  visit_ = &visit;
  found_ = false;
  encode();
  return found_;
}

std::optional<Key> TileProbe::observe(const std::function<void()>& encode) {
  KeyBuilder seen("fovea/tile-input/1");
  const bool found = watch(encode, [&](const ggml_tensor& input) { hash_input(input, seen); });
  return found ? std::optional(seen.finish()) : std::nullopt;
}

std::optional<ObservedTile> TileProbe::observe_values(const std::function<void()>& encode) {
  KeyBuilder seen("fovea/tile-input/1");
  TileInput last;
  const bool found = watch(encode, [&](const ggml_tensor& input) {
    hash_input(input, seen);
    last = values_of(input);
  });
  if (!found) return std::nullopt;
  return ObservedTile{seen.finish(), std::move(last)};
}

std::optional<TileInput> TileProbe::read(const std::function<void()>& encode) {
  TileInput tile;
  watch(encode, [&](const ggml_tensor& input) {
    if (TileInput values = values_of(input); !values.values.empty()) tile = std::move(values);
  });
  return tile.values.empty() ? std::nullopt : std::optional(std::move(tile));
}

}  // namespace fovea::llama
