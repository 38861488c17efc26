// What must hold of any bytes given as a pack: entries that were sealed, or faults that have a name, and an
// end. Shared by the fuzz target and by the test that replays its corpus; stops the program where it does not
// hold.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <format>
#include <span>
#include <vector>

#include "base/check.h"
#include "store/hostile_entry.h"
#include "store/pack/pack_format.h"
#include "store/pack/pack_reader.h"

namespace fovea {

// A file in memory, which has a name as long as it is open.
class MemoryFile {
 public:
  explicit MemoryFile(std::span<const std::byte> bytes) : file_(::memfd_create("pack", MFD_CLOEXEC)) {
    check(file_ >= 0, "a file in memory can be made");
    check(::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "and written");
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return std::format("/proc/self/fd/{}", file_); }

 private:
  const int file_;
};

struct ReadPack {
  std::uint64_t sound = 0;
  std::uint64_t doubtful = 0;
  bool whole = false;  // it ended as it should
};

inline ReadPack read_hostile_pack(std::span<const std::byte> bytes, std::span<const SealKey> keys) {
  const MemoryFile file(bytes);
  ReadPack seen;
  const auto reader = PackReader::open(file.path(), keys);
  if (!reader) {
    check(reader.error().fault == Fault::invalid, "what is no pack is invalid");
    return seen;
  }
  for (;;) {
    const auto next = (*reader)->next();
    if (!next) check(next.error().fault == Fault::corrupt, "a pack that is not whole is corrupt");
    seen.whole = next && !*next;
    if (!next || !*next) break;
    ++((*next)->has_value() ? seen.sound : seen.doubtful);
    if (!**next) continue;
    const auto& [kind, hit] = ***next;
    check(hit.record.header.kind == kind, "an entry is of its kind");
    check(hit.entry.record.size() < bytes.size(), "an entry lies in its pack");
  }
  check(seen.sound + seen.doubtful == (*reader)->entries(), "each entry is told once");
  check((seen.sound + seen.doubtful) * pack::length_bytes <= bytes.size(), "there are no more than fit");
  return seen;
}

inline void check_hostile_pack(std::span<const std::byte> bytes) {
  const SealKey key = hostile_key();
  const ReadPack plain = read_hostile_pack(bytes, {});
  const ReadPack sealed = read_hostile_pack(bytes, std::span(&key, 1));
  check(plain.whole == sealed.whole, "keys do not decide whether a pack is whole");
  check(plain.sound + plain.doubtful == sealed.sound + sealed.doubtful, "nor how many entries it has");
}

}  // namespace fovea
