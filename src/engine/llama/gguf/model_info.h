// ModelInfo: what a model file is, for a person who wants to know before running it. Read from its head;
// nothing is loaded. A plain value; reading is thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/fingerprint.h"
#include "engine/llama/gguf/model_shape.h"

namespace fovea::llama {

struct ModelInfo {
  // The tensors of one number type.
  struct Share {
    std::string type;  // "q8_0"
    std::size_t tensors;
    std::uint64_t parameters;
  };

  std::filesystem::path path;
  std::uint64_t file_bytes;
  std::string name;          // that the file states; often empty
  std::string architecture;  // llama.cpp's word; "clip" for a vision encoder
  std::uint64_t parameters;
  std::vector<Share> types;                  // the largest share first
  std::optional<DecoderShape> decoder;       // of a file that holds no vision encoder
  std::optional<VisionShape> vision;         // of one that does
  std::optional<std::uint32_t> tile_tokens;  // of one tile; absent where they vary with the image
  std::optional<std::uint64_t> tile_bytes;   // of a tile's embedding: tokens x width x 4
  std::optional<std::uint32_t> token_width;  // of the embeddings that a vision encoder gives to the decoder
  bool has_chat_template;
  Key fingerprint;
};

// Describes the file at `path`. Faults: those of GgufFile::open and fingerprint_file.
Result<ModelInfo> read_model_info(const std::filesystem::path& path, const FingerprintMemo& memo,
                                  const Progress& progress = {});

}  // namespace fovea::llama
