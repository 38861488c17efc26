// Layout of the head (little-endian): "GGUF", version u32, tensor count u64, pair count u64; then the pairs
// (key, type, value) and the tensors (name, dimensions, type, offset); then, at the next multiple of the
// alignment, the weights. A text is a u64 length and its bytes.
//
// Every count is compared with the bytes that are left before anything is allocated for it, so memory stays
// proportional to the file. Constants bound the counts too, for files of many gigabytes.
#include "engine/llama/gguf/gguf_parser.h"

#include <ggml.h>

#include <array>
#include <cstring>
#include <format>

#include "base/units.h"

namespace fovea::llama {

namespace {

// The longest known text is a chat template of some 100 KiB.
constexpr std::uint64_t text_bytes_max = 16 << 20;
constexpr std::uint64_t key_bytes_max = 65535;  // what the format's description allows
// The largest vocabularies have about 300,000 tokens and twice as many merges.
constexpr std::uint64_t array_elements_max = 8 << 20;
constexpr std::uint64_t pairs_max = 1 << 16;         // known files have under a hundred
constexpr std::uint64_t tensors_max = 1 << 17;       // the largest models have a few thousand
constexpr std::uint64_t pair_bytes_min = 8 + 4 + 1;  // an empty key, a type, a one-byte value
constexpr std::uint64_t tensor_bytes_min = 8 + 4 + 8 + 4 + 8;
constexpr std::uint64_t alignment_default = 32;
constexpr std::uint64_t alignment_max = 1 << 20;  // files have 32 or a page
constexpr std::uint32_t version_min = 2;
constexpr std::uint32_t version_max = 3;

// Bytes of one scalar; 0 for texts, arrays and unknown types.
std::uint64_t scalar_bytes(GgufType type) {
  switch (type) {
    case GgufType::u8:
    case GgufType::i8:
    case GgufType::boolean:
      return 1;
    case GgufType::u16:
    case GgufType::i16:
      return 2;
    case GgufType::u32:
    case GgufType::i32:
    case GgufType::f32:
      return 4;
    case GgufType::u64:
    case GgufType::i64:
    case GgufType::f64:
      return 8;
    case GgufType::text:
    case GgufType::array:
      return 0;
  }
  return 0;
}

}  // namespace

GgufParser::GgufParser(const std::filesystem::path& path, std::uint64_t size) : in_(path, std::ios::binary) {
  file_.path_ = path;
  file_.size_ = size;
}

Result<GgufFile> GgufParser::parse(const std::filesystem::path& path, std::uint64_t size) {
  GgufParser parser(path, size);
  if (!parser.in_) return parser.file_.refuse(Fault::unavailable, "cannot be opened: check that you may read it");
  if (Result<void> read = parser.read_all(); !read) return std::unexpected(std::move(read.error()));
  return std::move(parser.file_);
}

Result<void> GgufParser::read_all() {
  return read_header()
      .and_then([this] { return read_pairs(); })
      .and_then([this] { return read_tensors(); })
      .and_then([this] { return place_tensors(); });
}

std::unexpected<Error> GgufParser::damaged(std::string_view what) const {
  return file_.refuse(Fault::corrupt, std::format("is damaged: {}; get the file again", what));
}

Result<void> GgufParser::read_bytes(void* target, std::uint64_t bytes) {
  if (bytes > left()) {
    return file_.refuse(
        Fault::corrupt,
        std::format("is cut short: its head goes on after the last of its {} bytes; get the file again", file_.size_));
  }
  if (bytes > 0 && !in_.read(static_cast<char*>(target), static_cast<std::streamsize>(bytes))) {
    return file_.refuse(Fault::unavailable, "cannot be read to its end: check the disk");
  }
  position_ += bytes;
  return {};
}

Result<void> GgufParser::read_text(std::string& text, std::uint64_t bytes_max, std::string_view what) {
  std::uint64_t length = 0;
  if (Result<void> done = read(length); !done) return done;
  if (length > bytes_max)
    return damaged(std::format("{} claims {} bytes where at most {} make sense", what, length, bytes_max));
  if (length > left()) {
    return file_.refuse(
        Fault::corrupt,
        std::format("is cut short: {} needs {} bytes and {} are left; get the file again", what, length, left()));
  }
  text.resize(length);
  return read_bytes(text.data(), length);
}

Result<void> GgufParser::read_header() {
  std::array<char, 4> magic{};
  if (file_.size_ == 0) return file_.refuse(Fault::invalid, "is empty: give a model file in GGUF format");
  if (Result<void> done = read(magic); !done || std::memcmp(magic.data(), "GGUF", 4) != 0) {
    return file_.refuse(Fault::invalid, "is not a GGUF file: give a model that was converted to GGUF format");
  }
  std::uint32_t version = 0;
  if (Result<void> done = read(version); !done) return done;
  if ((version & 0xffff) == 0)
    return file_.refuse(Fault::unsupported, "is a big-endian GGUF file: convert it for this machine");
  if (version < version_min || version > version_max) {
    return file_.refuse(
        Fault::unsupported,
        std::format("is a GGUF file of version {}; versions {} to {} can be read: convert the model anew", version,
                    version_min, version_max));
  }
  if (Result<void> done = read(tensors_claimed_); !done) return done;
  if (Result<void> done = read(pairs_claimed_); !done) return done;
  if (tensors_claimed_ > tensors_max || tensors_claimed_ > left() / tensor_bytes_min) {
    return damaged(std::format("it claims {} tensors in {}", tensors_claimed_, format_bytes(file_.size_)));
  }
  if (pairs_claimed_ > pairs_max || pairs_claimed_ > left() / pair_bytes_min) {
    return damaged(std::format("it claims {} entries of metadata in {}", pairs_claimed_, format_bytes(file_.size_)));
  }
  return {};
}

Result<void> GgufParser::read_pairs() {
  for (std::uint64_t i = 0; i < pairs_claimed_; ++i) {
    std::string key;
    GgufFile::Value value;
    if (Result<void> done = read_text(key, key_bytes_max, "a metadata key"); !done) return done;
    if (key.empty() || key.contains('\0')) return damaged("a metadata key is not a name");
    if (Result<void> done = read_value(key, value); !done) return done;
    if (!file_.values_.emplace(key, std::move(value)).second)
      return damaged(std::format("the metadata has '{}' twice", key));
  }
  return {};
}

Result<void> GgufParser::read_value(const std::string& key, GgufFile::Value& value) {
  if (Result<void> done = read(value.type); !done) return done;
  value.is_array = value.type == GgufType::array;
  if (value.is_array) {
    if (Result<void> done = read(value.type); !done) return done;
    if (Result<void> done = read(value.count); !done) return done;
    if (value.count > array_elements_max)
      return damaged(std::format("the list '{}' claims {} elements", key, value.count));
  }
  if (value.type == GgufType::text) return read_texts(key, value);
  return read_numbers(key, value);
}

Result<void> GgufParser::read_texts(const std::string& key, GgufFile::Value& value) {
  if (value.count > left() / sizeof(std::uint64_t)) {
    return damaged(
        std::format("the list '{}' claims {} texts and the file has {} bytes left", key, value.count, left()));
  }
  value.texts.resize(value.count);
  for (std::string& text : value.texts) {
    if (Result<void> done = read_text(text, text_bytes_max, std::format("the text '{}'", key)); !done) return done;
  }
  return {};
}

Result<void> GgufParser::read_numbers(const std::string& key, GgufFile::Value& value) {
  const std::uint64_t each = scalar_bytes(value.type);
  if (each == 0)
    return damaged(std::format("'{}' has a value of the unknown type {}", key, static_cast<std::uint32_t>(value.type)));
  if (value.count > left() / each) {
    return damaged(
        std::format("the list '{}' claims {} elements and the file has {} bytes left", key, value.count, left()));
  }
  value.numbers.resize(value.count * each);
  return read_bytes(value.numbers.data(), value.numbers.size());
}

Result<void> GgufParser::read_tensors() {
  file_.tensors_.resize(tensors_claimed_);
  for (std::size_t i = 0; i < file_.tensors_.size(); ++i) {
    GgufTensor& tensor = file_.tensors_[i];
    if (Result<void> done = read_tensor(tensor); !done) return done;
    if (Result<void> done = measure(tensor); !done) return done;
    if (!file_.tensor_index_.emplace(tensor.name, i).second)
      return damaged(std::format("it has the tensor '{}' twice", tensor.name));
  }
  return {};
}

Result<void> GgufParser::read_tensor(GgufTensor& tensor) {
  if (Result<void> done = read_text(tensor.name, GGML_MAX_NAME - 1, "a tensor's name"); !done) return done;
  if (tensor.name.empty() || tensor.name.contains('\0')) return damaged("a tensor has no name");
  std::uint32_t dimensions = 0;
  if (Result<void> done = read(dimensions); !done) return done;
  if (dimensions > GGML_MAX_DIMS)
    return damaged(std::format("tensor '{}' claims {} dimensions", tensor.name, dimensions));
  tensor.shape.resize(dimensions);
  for (std::int64_t& extent : tensor.shape) {
    if (Result<void> done = read(extent); !done) return done;
  }
  if (Result<void> done = read(tensor.type); !done) return done;
  return read(tensor.offset);
}

// The tensor's bytes, from its shape and type, without overflow on the way: rows of whole blocks.
Result<void> GgufParser::measure(GgufTensor& tensor) const {
  if (tensor.type < 0 || tensor.type >= GGML_TYPE_COUNT || ggml_blck_size(static_cast<ggml_type>(tensor.type)) == 0) {
    return damaged(std::format("tensor '{}' is of the unknown type {}", tensor.name, tensor.type));
  }
  const std::int64_t block = ggml_blck_size(static_cast<ggml_type>(tensor.type));
  unsigned __int128 elements = 1;
  for (std::int64_t extent : tensor.shape) {
    if (extent <= 0) return damaged(std::format("tensor '{}' has the shape {}", tensor.name, tensor.shape_text()));
    elements *= static_cast<std::uint64_t>(extent);
    if (elements > static_cast<std::uint64_t>(INT64_MAX) / 16) {
      return damaged(std::format("tensor '{}' has the impossible shape {}", tensor.name, tensor.shape_text()));
    }
  }
  if (tensor.extent(0) % block != 0) {
    return damaged(std::format("tensor '{}' has rows of {} elements, which {} cannot hold", tensor.name,
                               tensor.extent(0), tensor.type_name()));
  }
  tensor.bytes = static_cast<std::uint64_t>(elements) / static_cast<std::uint64_t>(block) *
                 ggml_type_size(static_cast<ggml_type>(tensor.type));
  return {};
}

// Tensors follow each other in order, each padded to the alignment. The libraries require it, so a wrong
// offset is damage.
Result<void> GgufParser::place_tensors() {
  std::uint64_t alignment = alignment_default;
  if (file_.has("general.alignment"))
    alignment = static_cast<std::uint64_t>(file_.integer("general.alignment").value_or(0));
  if (file_.has("general.alignment") && (file_.type("general.alignment") != GgufType::u32 ||
                                         alignment > alignment_max || !std::has_single_bit(alignment))) {
    return damaged("its alignment is not a power of two");
  }
  const auto padded = [alignment](std::uint64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; };
  const std::uint64_t start = padded(position_);
  std::uint64_t expected = 0;
  for (GgufTensor& tensor : file_.tensors_) {
    if (tensor.offset != expected) {
      return damaged(std::format("tensor '{}' is said to start at byte {} of the weights, not at {}", tensor.name,
                                 tensor.offset, expected));
    }
    if (tensor.bytes > INT64_MAX - 2 * alignment - start - expected)
      return damaged("its weights are larger than any file");
    expected += padded(tensor.bytes);
    tensor.offset += start;
  }
  // The padding after the last tensor may be missing.
  const std::uint64_t needed =
      file_.tensors_.empty() ? position_ : file_.tensors_.back().offset + file_.tensors_.back().bytes;
  if (needed > file_.size_) {
    return file_.refuse(Fault::corrupt, std::format("is cut short: it needs {} bytes and has {}; get the file again",
                                                    needed, file_.size_));
  }
  return {};
}

}  // namespace fovea::llama
