// A pack holds what pictures show, in the clear, so it is its user's alone (0600). It is on the disk before
// it has its name.
#include "store/pack/pack_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "store/byte_io.h"
#include "store/pack/pack_format.h"

namespace fovea {

PackWriter::PackWriter(std::filesystem::path file, const std::optional<SealKey>& key)
    : file_(std::move(file)), temporary_(file_.string() + std::format(".{}.part", ::getpid())), key_(key) {}

Result<std::unique_ptr<PackWriter>> PackWriter::create(const std::filesystem::path& file,
                                                       const std::optional<SealKey>& key) {
  std::unique_ptr<PackWriter> writer(new PackWriter(file, key));
  const int made = ::open(writer->temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (made < 0) return writer->failed();
  writer->out_.reset(::fdopen(made, "wb"));
  if (!writer->out_) {
    ::close(made);
    return writer->failed();
  }
  ByteWriter start;
  start.bytes(std::as_bytes(std::span(pack::magic))).u8(pack::version);
  constexpr std::array<std::byte, pack::start_bytes - pack::magic.size() - 1> reserved{};
  start.bytes(reserved);
  if (auto written = writer->write(start.written()); !written) return std::unexpected(written.error());
  return writer;
}

PackWriter::~PackWriter() {
  if (!out_) return;
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

Result<void> PackWriter::add(RecordKind kind, const TierEntry& entry) {
  // A pack has no purges, so its entries have been through none.
  const Generations none{.images = std::vector<std::uint64_t>(entry.images.size())};
  const std::vector<std::byte> head = seal_entry(kind, entry, none, key_ ? &*key_ : nullptr);
  const std::uint64_t size = head.size() + entry.record.size();
  if (size > pack::entry_bytes_max) return fail(Fault::too_large, std::format("an entry of {} bytes", size));
  if (auto written = write(ByteWriter().u64(size).written()); !written) return written;
  if (auto written = write(head); !written) return written;
  if (auto written = write(entry.record.bytes()); !written) return written;
  ++entries_;
  return {};
}

Result<void> PackWriter::finish() {
  if (auto written = write(ByteWriter().u64(0).u64(entries_).written()); !written) return written;
  if (std::fflush(out_.get()) != 0 || ::fsync(::fileno(out_.get())) != 0) return failed();
  std::error_code error;
  std::filesystem::rename(temporary_, file_, error);
  if (error) return fail(Fault::unavailable, std::format("{}: {}", file_.string(), error.message()));
  out_.reset();
  return {};
}

Result<void> PackWriter::write(std::span<const std::byte> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), out_.get()) != bytes.size()) return failed();
  bytes_ += bytes.size();
  return {};
}

std::unexpected<Error> PackWriter::failed() const {
  return fail(Fault::unavailable, std::format("{}: {}", file_.string(), std::strerror(errno)));
}

}  // namespace fovea
