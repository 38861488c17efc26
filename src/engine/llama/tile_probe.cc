#include "engine/llama/tile_probe.h"

#include <ggml-backend.h>

#include <span>
#include <string_view>
#include <vector>

namespace fovea::llama {

namespace {

// Adds an input tensor's type, shape and numbers, wherever it lies.
void add_tensor(KeyBuilder& builder, const ggml_tensor& tensor) {
  builder.field(ggml_type_name(tensor.type));
  for (std::int64_t extent : tensor.ne) builder.field(extent);
  const std::size_t size = ggml_nbytes(&tensor);
  if (ggml_is_contiguous(&tensor) && tensor.buffer && ggml_backend_buffer_is_host(tensor.buffer)) {
    builder.field(std::span(static_cast<const std::byte*>(tensor.data), size));
    return;
  }
  std::vector<std::byte> copy(size);
  ggml_backend_tensor_get(&tensor, copy.data(), 0, size);
  builder.field(std::span<const std::byte>(copy));
}

}  // namespace

bool TileProbe::on_node(ggml_tensor* node, bool ask, void* probe) {
  auto& self = *static_cast<TileProbe*>(probe);
  if (!self.seen_) return !ask;            // not observing: needs no node, stops nothing
  return ask ? self.wants(*node) : false;  // the input has been read: stop here
}

bool TileProbe::wants(const ggml_tensor& node) {
  bool wanted = false;
  for (const ggml_tensor* source : node.src) {
    // A scheduler with several devices may have put its copy's name around ours.
    if (!source || !std::string_view(source->name).contains("inp_raw")) continue;
    add_tensor(*seen_, *source);
    wanted = true;
  }
  found_ = found_ || wanted;
  return wanted;
}

std::optional<Key> TileProbe::observe(const std::function<void()>& encode) {
  KeyBuilder seen("fovea/tile-input/1");
  seen_ = &seen;
  found_ = false;
  encode();
  seen_ = nullptr;
  if (!found_) return std::nullopt;
  return seen.finish();
}

}  // namespace fovea::llama
