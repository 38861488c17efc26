// ggml writes the head; the weights follow here, each tensor padded to the alignment. They go to a file
// beside the target, which is renamed over it at the end and removed on any failure. A piece is at most 16
// MiB of floats, so a model of many gigabytes is written with little memory.
#include "engine/llama/gguf/gguf_writer.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <format>

#include "base/check.h"

namespace fovea::llama {

namespace {

constexpr std::size_t tensors_max = 4096;  // the largest shape has 700
// 16 MiB of floats: enough work for every thread, little memory.
constexpr std::int64_t piece_elements = 4 << 20;
constexpr std::uint64_t alignment = GGUF_DEFAULT_ALIGNMENT;

std::uint64_t padded(std::uint64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

int close_file(std::FILE* file) { return std::fclose(file); }

// A file that is removed with this object, unless it was renamed.
class Partial {
 public:
  explicit Partial(std::string path) : path_(std::move(path)) {}
  ~Partial() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;
  const char* path() const { return path_.c_str(); }
  bool rename_to(const std::filesystem::path& target) {
    const bool renamed = std::rename(path_.c_str(), target.c_str()) == 0;
    if (renamed) path_.clear();
    return renamed;
  }

 private:
  std::string path_;
};

std::unexpected<Error> disk_error(const std::filesystem::path& path) {
  return fail(Fault::unavailable, std::format("'{}' cannot be written: {}", path.string(), std::strerror(errno)));
}

}  // namespace

GgufWriter::GgufWriter()
    : head_(gguf_init_empty()),
      descriptions_(
          ggml_init({.mem_size = tensors_max * ggml_tensor_overhead(), .mem_buffer = nullptr, .no_alloc = true})) {
  check(head_ && descriptions_, "ggml gives an empty context");
}

void GgufWriter::set(const char* key, std::span<const std::string> texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  gguf_set_arr_str(head_.get(), key, pointers.data(), pointers.size());
}

void GgufWriter::set(const char* key, std::span<const float> numbers) {
  gguf_set_arr_data(head_.get(), key, GGUF_TYPE_FLOAT32, numbers.data(), numbers.size());
}

void GgufWriter::set(const char* key, std::span<const std::int32_t> numbers) {
  gguf_set_arr_data(head_.get(), key, GGUF_TYPE_INT32, numbers.data(), numbers.size());
}

void GgufWriter::add_tensor(const std::string& name, std::span<const std::int64_t> shape, std::int32_t type) {
  check(tensors_.size() < tensors_max, "a synthesised file has few tensors");
  check(shape.front() % ggml_blck_size(static_cast<ggml_type>(type)) == 0, "a tensor's rows consist of whole blocks");
  ggml_tensor* tensor =
      ggml_new_tensor(descriptions_.get(), static_cast<ggml_type>(type), static_cast<int>(shape.size()), shape.data());
  ggml_set_name(tensor, name.c_str());
  gguf_add_tensor(head_.get(), tensor);
  tensors_.push_back({.name = name, .shape = {shape.begin(), shape.end()}, .type = type, .bytes = ggml_nbytes(tensor)});
}

std::uint64_t GgufWriter::file_bytes() const {
  std::uint64_t bytes = gguf_get_meta_size(head_.get());
  for (const Tensor& tensor : tensors_) bytes += padded(tensor.bytes);
  return bytes;
}

Result<void> GgufWriter::write(const std::filesystem::path& path, const PieceSource& source) const {
  // The process id keeps two writers of the same file apart.
  Partial partial(std::format("{}.partial-{}", path.string(), getpid()));
  Owned<std::FILE, close_file> file(std::fopen(partial.path(), "wb"));
  if (!file) return disk_error(path);
  if (Result<void> written = write_to(file.get(), path, source); !written) return written;
  if (std::fclose(file.release()) != 0) return disk_error(path);
  if (!partial.rename_to(path)) return disk_error(path);
  return {};
}

Result<void> GgufWriter::write_to(std::FILE* file, const std::filesystem::path& path, const PieceSource& source) const {
  if (!gguf_write_to_file_ptr(head_.get(), file, /*only_meta=*/true)) return disk_error(path);
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const Tensor& tensor = tensors_[i];
    const std::int64_t row_length = tensor.shape.front();
    const std::size_t row_bytes = ggml_row_size(static_cast<ggml_type>(tensor.type), row_length);
    const auto rows = static_cast<std::int64_t>(tensor.bytes / row_bytes);
    const std::int64_t rows_at_once = std::max<std::int64_t>(1, piece_elements / row_length);
    for (std::int64_t row = 0; row < rows; row += rows_at_once) {
      const TensorPiece piece{i, tensor.name, tensor.type, row_length, row, std::min(rows_at_once, rows - row)};
      bytes.resize(static_cast<std::size_t>(piece.rows) * row_bytes);
      if (Result<void> filled = source(piece, bytes); !filled) return filled;
      if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) return disk_error(path);
    }
    constexpr std::array<char, alignment> zeros{};
    const std::uint64_t padding = padded(tensor.bytes) - tensor.bytes;
    if (std::fwrite(zeros.data(), 1, padding, file) != padding) return disk_error(path);
  }
  return {};
}

}  // namespace fovea::llama
