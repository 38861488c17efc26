// The devices that compute, as the class of their kernels. Pure functions of the machine; thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace fovea::llama {

// The classes of kernels that will compute with this many layers on GPUs (LlamaOptions::gpu_layers). They
// differ between kinds of devices, so that their embeddings are not bit-identical. A processor is known by
// its kernels, a GPU by its name.
std::string device_classes(std::int32_t gpu_layers);

// Whether a device other than the processor computes.
bool computes_elsewhere(std::int32_t gpu_layers);

}  // namespace fovea::llama
