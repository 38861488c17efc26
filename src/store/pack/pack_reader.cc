// Kind and key of an entry are read off its head before its seal is proved, since open_entry compares them:
// the seal covers both, so a changed one is found out.
#include "store/pack/pack_reader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <system_error>
#include <utility>

#include "store/byte_io.h"
#include "store/pack/pack_format.h"

namespace fovea {

namespace {

constexpr std::size_t kind_at = 10;  // in an entry's head (docs/format.md)
constexpr std::size_t key_at = 16;

}  // namespace

PackReader::PackReader(std::filesystem::path file, std::span<const SealKey> keys)
    : file_(std::move(file)), keys_(keys.begin(), keys.end()) {}

Result<std::unique_ptr<PackReader>> PackReader::open(const std::filesystem::path& file, std::span<const SealKey> keys) {
  std::unique_ptr<PackReader> reader(new PackReader(file, keys));
  reader->in_.reset(std::fopen(file.c_str(), "rbe"));
  if (!reader->in_) {
    return fail(errno == ENOENT ? Fault::not_found : Fault::unavailable,
                std::format("{}: {}", file.string(), std::strerror(errno)));
  }
  std::error_code error;
  reader->size_ = std::filesystem::file_size(file, error);
  if (error) return fail(Fault::unavailable, std::format("{}: {}", file.string(), error.message()));
  std::array<std::byte, pack::start_bytes> start{};
  if (auto read = reader->read(start); !read)
    return fail(Fault::invalid, std::format("{}: not a pack of fovea cache export", file.string()));
  ByteReader fields(start);
  if (!std::ranges::equal(fields.bytes(pack::magic.size()), std::as_bytes(std::span(pack::magic))))
    return fail(Fault::invalid, std::format("{}: not a pack of fovea cache export", file.string()));
  const auto version = fields.u8();
  const auto reserved = fields.bytes(pack::start_bytes - pack::magic.size() - 1);
  if (version != pack::version || !std::ranges::all_of(reserved, [](std::byte byte) { return byte == std::byte{}; }))
    return fail(Fault::invalid, std::format("{}: a pack of version {}; this program reads version {}", file.string(),
                                            version, pack::version));
  return reader;
}

Result<std::optional<PackReader::Entry>> PackReader::next() {
  std::array<std::byte, pack::length_bytes> length{};
  if (auto got = read(length); !got) return std::unexpected(got.error());
  const std::uint64_t size = ByteReader(length).u64();
  if (size == 0) return end();
  if (size > pack::entry_bytes_max || size > size_ - at_) return cut();
  Result<void> got;
  const Blob bytes = Blob::filled(size, [&](std::span<std::byte> memory) { got = read(memory); });
  if (!got) return std::unexpected(got.error());
  ++entries_;
  return opened(bytes);
}

Result<std::optional<PackReader::Entry>> PackReader::end() {
  std::array<std::byte, pack::end_bytes - pack::length_bytes> count{};
  if (auto got = read(count); !got) return std::unexpected(got.error());
  if (ByteReader(count).u64() == entries_ && at_ == size_) return std::nullopt;
  return fail(Fault::corrupt,
              std::format("{}: its end does not belong to its {} entries: copy it again", file_.string(), entries_));
}

PackReader::Entry PackReader::opened(const Blob& bytes) const {
  const auto entry = bytes.bytes();
  const auto head_bytes = sealed_head_bytes(entry);
  if (!head_bytes) return std::unexpected(head_bytes.error());
  if (*head_bytes > entry.size()) return std::unexpected(RecordFault::too_short);
  const auto kind = static_cast<RecordKind>(entry[kind_at]);
  if (!std::ranges::contains(all_record_kinds, kind)) return std::unexpected(RecordFault::unknown_kind);
  const Key key = ByteReader(entry.subspan(key_at)).key();
  const Blob record = Blob::sharing(std::make_shared<Blob>(bytes), entry.subspan(*head_bytes));
  auto opened = open_entry(entry.first(*head_bytes), record, kind, key, keys_);
  if (!opened) return std::unexpected(opened.error());
  return Packed{kind, std::move(opened->hit)};
}

double PackReader::fraction() const { return size_ == 0 ? 1 : static_cast<double>(at_) / static_cast<double>(size_); }

Result<void> PackReader::read(std::span<std::byte> bytes) {
  const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), in_.get());
  at_ += got;
  if (got == bytes.size()) return {};
  if (std::ferror(in_.get()) != 0)
    return fail(Fault::unavailable, std::format("{}: {}", file_.string(), std::strerror(errno)));
  return cut();
}

std::unexpected<Error> PackReader::cut() const {
  return fail(Fault::corrupt,
              std::format("{}: damaged or cut off behind {} entries: copy it again", file_.string(), entries_));
}

}  // namespace fovea
