// Tables of the names in libmtmd. A projector that a newer library adds is refused until its name is added
// here.
#include "engine/llama/vision/projectors.h"

#include <algorithm>
#include <array>
#include <format>

#include "engine/llama/gguf/model_shape.h"

namespace fovea::llama {

namespace {

constexpr std::string_view vision_projectors[] = {"mlp",
                                                  "ldp",
                                                  "ldpv2",
                                                  "resampler",
                                                  "adapter",
                                                  "qwen2vl_merger",
                                                  "qwen2.5vl_merger",
                                                  "qwen3vl_merger",
                                                  "qwen2.5o",
                                                  "ling3vl",
                                                  "step3vl",
                                                  "gemma3",
                                                  "gemma3nv",
                                                  "gemma4v",
                                                  "gemma4uv",
                                                  "phi4",
                                                  "idefics3",
                                                  "pixtral",
                                                  "internvl",
                                                  "llama4",
                                                  "lfm2",
                                                  "d1omni_v",
                                                  "kimivl",
                                                  "paddleocr",
                                                  "lightonocr",
                                                  "cogvlm",
                                                  "janus_pro",
                                                  "dots_ocr",
                                                  "dots3note_v",
                                                  "deepseekocr",
                                                  "deepseekocr2",
                                                  "deepseek4v",
                                                  "glm4v",
                                                  "glm5v",
                                                  "youtuvl",
                                                  "yasa2",
                                                  "kimik25",
                                                  "nemotron_v2_vl",
                                                  "nemotron_omni",
                                                  "exaone4_5",
                                                  "hunyuanvl",
                                                  "minicpmv4_6",
                                                  "minicpmv4_7",
                                                  "mimovl",
                                                  "minimax_m3",
                                                  "granite4_vision",
                                                  "muse-glimmer",
                                                  "cohere2v"};

constexpr std::string_view audio_projectors[] = {
    "ultravox",       "qwen2a",        "qwen3a",          "glma",          "voxtral",
    "meralion",       "musicflamingo", "lfm2a",           "d1omni_a",      "gemma3na",
    "gemma4a",        "gemma4ua",      "dots3note_a",     "parakeet",      "mimo_audio",
    "granite_speech", "qwen3tts_gen",  "qwen3tts_spkenc", "pockettts_gen", "pockettts_spkenc"};

constexpr std::string_view mlp_layers[] = {"mm.0", "mm.2"};
constexpr std::string_view janus_layers[] = {"mm.0", "mm.1"};
constexpr std::string_view pixtral_layers[] = {"mm.1", "mm.2"};
constexpr std::string_view internvl_layers[] = {"mm.model.mlp.1", "mm.model.mlp.3"};
constexpr std::string_view fc_layers[] = {"mm.model.fc"};

struct ProjectorLayers {
  std::string_view projector;
  std::span<const std::string_view> layers;
};
constexpr ProjectorLayers layers_of_projectors[] = {
    {"mlp", mlp_layers},
    {"qwen2vl_merger", mlp_layers},
    {"qwen2.5vl_merger", mlp_layers},
    {"qwen3vl_merger", mlp_layers},
    {"janus_pro", janus_layers},
    {"pixtral", pixtral_layers},
    {"lfm2", pixtral_layers},
    {"internvl", internvl_layers},
    {"idefics3", fc_layers},
};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// How many layers' intermediate results go to the decoder beside the last layer's.
std::int64_t deepstack_layers(const GgufFile& mmproj) {
  const std::uint32_t layers = read_vision_shape(mmproj).layers;
  std::int64_t count = 0;
  for (std::uint32_t layer = 0; layer < layers; ++layer)
    count += mmproj.find_tensor(std::format("v.deepstack.{}.fc1.weight", layer)) != nullptr;
  return count;
}

}  // namespace

bool is_known_projector(std::string_view projector) { return contains(vision_projectors, projector); }
bool is_audio_projector(std::string_view projector) { return contains(audio_projectors, projector); }

std::span<const std::string_view> projector_layers(std::string_view projector) {
  const auto* found = std::ranges::find(layers_of_projectors, projector, &ProjectorLayers::projector);
  return found == std::end(layers_of_projectors) ? std::span<const std::string_view>() : found->layers;
}

std::int64_t projection_width(const GgufFile& mmproj) {
  const std::string_view projector = projector_of(mmproj);
  // These two multiply from the other side, so their output width is the first extent.
  const std::string_view turned = projector == "gemma3"      ? "mm.input_projection.weight"
                                  : projector == "resampler" ? "resampler.proj.weight"
                                                             : "";
  if (const GgufTensor* tensor = mmproj.find_tensor(turned)) return tensor->extent(0);
  const auto layers = projector_layers(projector);
  const GgufTensor* last = layers.empty() ? nullptr : mmproj.find_tensor(std::format("{}.weight", layers.back()));
  if (last == nullptr) return 0;
  return projector == "qwen3vl_merger" ? last->extent(1) * (1 + deepstack_layers(mmproj)) : last->extent(1);
}

}  // namespace fovea::llama
