#include "engine/llama/devices.h"

#include <ggml-backend.h>

namespace fovea::llama {

namespace {

// The instructions that a processor's kernels were compiled for, such as "AVX2=1;FMA=1;". Processors of other
// names with the same kernels compute the same bytes.
std::string kernel_features(ggml_backend_dev_t device) {
  std::string features;
  ggml_backend_reg_t backend = ggml_backend_dev_backend_reg(device);
  const auto get_features = reinterpret_cast<ggml_backend_get_features_t>(
      ggml_backend_reg_get_proc_address(backend, "ggml_backend_get_features"));
  if (get_features == nullptr) return ggml_backend_dev_description(device);
  for (const ggml_backend_feature* feature = get_features(backend); feature->name != nullptr; ++feature)
    features.append(feature->name).append("=").append(feature->value).append(";");
  return features;
}

}  // namespace

std::string device_classes(std::int32_t gpu_layers) {
  std::string names;
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i) {
    ggml_backend_dev_t device = ggml_backend_dev_get(i);
    const bool gpu = ggml_backend_dev_type(device) != GGML_BACKEND_DEVICE_TYPE_CPU;
    if (gpu && gpu_layers == 0) continue;
    names.append(ggml_backend_reg_name(ggml_backend_dev_backend_reg(device))).append(":");
    names.append(gpu ? ggml_backend_dev_description(device) : kernel_features(device)).append(";");
  }
  return names;
}

bool computes_elsewhere(std::int32_t gpu_layers) {
  for (std::size_t i = 0; gpu_layers != 0 && i < ggml_backend_dev_count(); ++i) {
    if (ggml_backend_dev_type(ggml_backend_dev_get(i)) != GGML_BACKEND_DEVICE_TYPE_CPU) return true;
  }
  return false;
}

}  // namespace fovea::llama
