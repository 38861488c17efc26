#include "engine/llama/model_info.h"

#include <algorithm>
#include <functional>

namespace fovea::llama {

namespace {

std::vector<ModelInfo::Share> shares_of(const GgufFile& file) {
  std::vector<ModelInfo::Share> shares;
  for (const GgufTensor& tensor : file.tensors()) {
    auto share = std::ranges::find(shares, tensor.type_name(), &ModelInfo::Share::type);
    if (share == shares.end()) share = shares.insert(share, {std::string(tensor.type_name()), 0, 0});
    ++share->tensors;
    share->parameters += tensor.elements();
  }
  std::ranges::sort(shares, std::greater<>(), &ModelInfo::Share::parameters);
  return shares;
}

// Where a projector's last tensor keeps the width of its output. The metadata's projection_dim is no help: older files state
// the width inside the vision model there.
std::optional<std::uint32_t> output_width(const GgufFile& file, std::string_view projector) {
  struct Place {
    std::string_view projector, tensor;
    std::size_t dimension;
  };
  constexpr Place places[] = {
      {"idefics3", "mm.model.fc.weight", 1},   {"gemma3", "mm.input_projection.weight", 0}, {"internvl", "mm.model.mlp.3.weight", 1},
      {"janus_pro", "mm.1.bias", 0},           {"mlp", "mm.2.weight", 1},
  };
  const auto* place = std::ranges::find(places, projector, &Place::projector);
  if (place == std::end(places)) return std::nullopt;
  const GgufTensor* tensor = file.find_tensor(place->tensor);
  if (tensor == nullptr) return std::nullopt;
  return static_cast<std::uint32_t>(tensor->extent(place->dimension));
}

}  // namespace

Result<ModelInfo> read_model_info(const std::filesystem::path& path, const FingerprintMemo& memo, const Progress& progress) {
  const Result<GgufFile> file = GgufFile::open(path);
  if (!file) return std::unexpected(file.error());
  const Result<Key> fingerprint = fingerprint_file(path, memo, progress);
  if (!fingerprint) return std::unexpected(fingerprint.error());

  ModelInfo info{.path = path,
                 .file_bytes = file->size(),
                 .name = std::string(file->text("general.name").value_or("")),
                 .architecture = std::string(file->text("general.architecture").value_or("")),
                 .parameters = 0,
                 .types = shares_of(*file),
                 .has_chat_template = file->has("tokenizer.chat_template"),
                 .fingerprint = *fingerprint};
  for (const ModelInfo::Share& share : info.types) info.parameters += share.parameters;
  if (info.architecture != "clip") {
    info.decoder = read_decoder_shape(*file);
    return info;
  }
  info.vision = read_vision_shape(*file);
  info.tile_tokens = tokens_per_tile(*info.vision);
  info.token_width = output_width(*file, info.vision->projector);
  if (info.tile_tokens && info.token_width) info.tile_bytes = std::uint64_t{4} * *info.tile_tokens * *info.token_width;
  return info;
}

}  // namespace fovea::llama
