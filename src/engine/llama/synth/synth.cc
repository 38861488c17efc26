// A plan (synth_plan) lists both files' metadata and tensors without any weight, so sizes are known and the
// disk is checked before anything is written. Then GgufWriter asks for the weights piece by piece, and each
// piece is drawn on all cores.
#include "engine/llama/synth/synth.h"

#include <algorithm>
#include <format>
#include <functional>

#include "base/units.h"
#include "engine/llama/synth/random_rows.h"
#include "engine/llama/synth/synth_plan.h"
#include "engine/llama/synth/synth_vocabulary.h"

namespace fovea::llama {

namespace {

struct NamedType {
  std::string_view name;
  ggml_type type;
};
constexpr NamedType types[] = {
    {"f32", GGML_TYPE_F32},   {"f16", GGML_TYPE_F16},   {"bf16", GGML_TYPE_BF16}, {"q8_0", GGML_TYPE_Q8_0},
    {"q6_k", GGML_TYPE_Q6_K}, {"q5_k", GGML_TYPE_Q5_K}, {"q5_1", GGML_TYPE_Q5_1}, {"q5_0", GGML_TYPE_Q5_0},
    {"q4_k", GGML_TYPE_Q4_K}, {"q4_1", GGML_TYPE_Q4_1}, {"q4_0", GGML_TYPE_Q4_0},
};

Result<ggml_type> type_named(std::string_view name) {
  const auto* found = std::ranges::find(types, name, &NamedType::name);
  if (found != std::end(types)) return found->type;
  std::string known;
  for (const NamedType& type : types) known += std::format("{}{}", known.empty() ? "" : ", ", type.name);
  return fail(Fault::invalid, std::format("there is no weight type '{}': choose one of {}", name, known));
}

Result<void> check_shape(const ModelShape& shape) {
  const std::uint32_t least = vocabulary_min(shape);
  if (shape.decoder.vocabulary < least) {
    return fail(Fault::invalid, std::format("a vocabulary of {} tokens is too small for this shape: {} need names",
                                            shape.decoder.vocabulary, least));
  }
  if (shape.family == ModelShape::Family::idefics3 && shape.vision.image_size_max < shape.vision.image_size) {
    return fail(Fault::invalid, std::format("pictures cannot be scaled to {} pixels, less than a tile's {}",
                                            shape.vision.image_size_max, shape.vision.image_size));
  }
  return {};
}

struct Plan {
  SynthFile decoder;
  SynthFile mmproj;
  std::uint64_t bytes() const { return decoder.writer.file_bytes() + mmproj.writer.file_bytes(); }
};

Result<Plan> plan(const ModelShape& shape, const SynthOptions& options) {
  const Result<ggml_type> type = type_named(options.type);
  if (!type) return std::unexpected(type.error());
  if (Result<void> possible = check_shape(shape); !possible) return std::unexpected(possible.error());
  return Plan{plan_decoder(shape, *type), plan_mmproj(shape, *type)};
}

SynthPaths paths_of(const ModelShape& shape, const SynthOptions& options) {
  return {.decoder = options.directory / std::format("{}-{}.gguf", shape.name, options.type),
          .mmproj = options.directory / std::format("mmproj-{}-{}.gguf", shape.name, options.type)};
}

SynthFileSize size_of(const GgufWriter& writer, const std::filesystem::path& path) {
  SynthFileSize size{.path = path, .tensors = writer.tensors().size(), .parameters = 0, .bytes = writer.file_bytes()};
  for (const GgufWriter::Tensor& tensor : writer.tensors()) {
    size.parameters +=
        static_cast<std::uint64_t>(std::ranges::fold_left(tensor.shape, std::int64_t{1}, std::multiplies<>()));
  }
  return size;
}

// Makes the folder and checks that it has room for `bytes`.
Result<void> check_room(const std::filesystem::path& directory, std::uint64_t bytes) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return fail(Fault::unavailable,
                std::format("the folder '{}' cannot be made: {}", directory.string(), error.message()));
  const std::filesystem::space_info space = std::filesystem::space(directory, error);
  if (!error && space.available < bytes) {
    return fail(Fault::unavailable,
                std::format("'{}' has {} free and the model needs {}: make room or choose another folder",
                            directory.string(), format_bytes(space.available), format_bytes(bytes)));
  }
  return {};
}

// Writes one file after the other and adds up the progress.
class Writing {
 public:
  Writing(const SynthOptions& options, std::uint64_t bytes, const Progress& progress)
      : options_(options), bytes_(bytes), progress_(progress) {}

  Result<void> write(const SynthFile& file, std::string_view part, const std::filesystem::path& path) {
    return file.writer.write(path, [&](const TensorPiece& piece, std::span<std::byte> bytes) -> Result<void> {
      if (options_.cancelled()) return fail(Fault::cancelled, "stopped: the half-written model files were removed");
      draw_rows(tensor_seed(options_.seed, part, piece.name), file.draws[piece.tensor], piece, bytes);
      done_ += bytes.size();
      report_progress(progress_, std::min(1.0, static_cast<double>(done_) / static_cast<double>(bytes_)));
      return {};
    });
  }

 private:
  const SynthOptions& options_;
  std::uint64_t bytes_;
  const Progress& progress_;
  std::uint64_t done_ = 0;
};

}  // namespace

std::vector<std::string> synth_types() {
  std::vector<std::string> names;
  for (const NamedType& type : types) names.emplace_back(type.name);
  return names;
}

Result<SynthSizes> size_synthesis(const ModelShape& shape, const SynthOptions& options) {
  const Result<Plan> planned = plan(shape, options);
  if (!planned) return std::unexpected(planned.error());
  const SynthPaths paths = paths_of(shape, options);
  return SynthSizes{size_of(planned->decoder.writer, paths.decoder), size_of(planned->mmproj.writer, paths.mmproj)};
}

Result<SynthPaths> synthesise(const ModelShape& shape, const SynthOptions& options, const Progress& progress) {
  const Result<Plan> planned = plan(shape, options);
  if (!planned) return std::unexpected(planned.error());
  if (Result<void> room = check_room(options.directory, planned->bytes()); !room) return std::unexpected(room.error());
  SynthPaths paths = paths_of(shape, options);
  Writing writing(options, planned->bytes(), progress);
  if (Result<void> done = writing.write(planned->decoder, "decoder", paths.decoder); !done)
    return std::unexpected(done.error());
  if (Result<void> done = writing.write(planned->mmproj, "mmproj", paths.mmproj); !done) {
    std::error_code ignored;  // half a pair is of no use, and the failure that matters is the one returned
    std::filesystem::remove(paths.decoder, ignored);
    return std::unexpected(done.error());
  }
  report_progress(progress, 1);
  return paths;
}

}  // namespace fovea::llama
