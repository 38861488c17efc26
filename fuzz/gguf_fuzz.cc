// Any bytes as a model file: the reader and every check must return a value, or an error with a message.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <format>

#include "base/check.h"
#include "engine/llama/gguf/decoder_checks.h"
#include "engine/llama/gguf/gguf_file.h"
#include "engine/llama/gguf/special_tokens.h"
#include "engine/llama/gguf/vision_checks.h"
#include "engine/llama/vision/projectors.h"

namespace {

using fovea::Result;
using fovea::llama::GgufFile;

// The corpus has the first bytes of models. A hole after them stands for the weights, which nothing here
// reads.
constexpr off_t weights_bytes = 8 << 20;

Result<GgufFile> open_bytes(const std::uint8_t* data, std::size_t size) {
  static const int fd = memfd_create("model", MFD_CLOEXEC);
  fovea::check(fd >= 0 && ftruncate(fd, 0) == 0, "memory can serve as a file");
  fovea::check(pwrite(fd, data, size, 0) == static_cast<ssize_t>(size), "memory can be written");
  fovea::check(ftruncate(fd, static_cast<off_t>(size) + weights_bytes) == 0, "memory can have a hole");
  return GgufFile::open(std::format("/proc/self/fd/{}", fd));
}

void expect_message(const Result<void>& outcome) {
  fovea::check(outcome || !outcome.error().message.empty(), "an error has a message");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<GgufFile> file = open_bytes(data, size);
  if (!file) {
    fovea::check(!file.error().message.empty(), "an error has a message");
    return 0;
  }
  for (const auto& tensor : file->tensors()) {
    fovea::check(tensor.offset + tensor.bytes <= file->size(), "a tensor lies in the file");
  }
  const Result<void> decoder = fovea::llama::check_decoder(*file);
  expect_message(decoder);
  if (decoder) fovea::check(fovea::llama::decoder_input_width(*file) > 0, "a decoder that passed has an input width");
  expect_message(fovea::llama::check_vision(*file));
  expect_message(fovea::llama::check_special_tokens(*file, *file));
  fovea::check(fovea::llama::projection_width(*file) >= 0, "a width is not negative");
  return 0;
}
