#include "engine/llama/gguf/model_info.h"

#include <algorithm>
#include <functional>

#include "engine/llama/vision/projectors.h"

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

}  // namespace

Result<ModelInfo> read_model_info(const std::filesystem::path& path, const FingerprintMemo& memo,
                                  const Progress& progress) {
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
  // From the tensors: in older files the metadata's projection_dim is the width inside the vision model.
  if (const std::int64_t width = projection_width(*file); width > 0)
    info.token_width = static_cast<std::uint32_t>(width);
  if (info.tile_tokens && info.token_width) info.tile_bytes = std::uint64_t{4} * *info.tile_tokens * *info.token_width;
  return info;
}

}  // namespace fovea::llama
