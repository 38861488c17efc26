#include "tier/rocksdb/learnt.h"

#include <cstdint>

namespace fovea {

namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t use_bytes = 8 + 8 + 4 + 1;

}  // namespace

ByteWriter written(const ReuseMemory& memory) {
  ByteWriter writer;
  writer.u32(version).u64(memory.calls).u32(static_cast<std::uint32_t>(memory.counts.size()));
  for (const double count : memory.counts) writer.f64(count);
  writer.u32(static_cast<std::uint32_t>(memory.uses.size()));
  for (const ReuseMemory::Use& use : memory.uses) writer.u64(use.id).u64(use.age).u32(use.uses).u8(use.kind);
  return writer;
}

std::optional<ReuseMemory> reuse_memory_in(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  if (reader.u32() != version) return std::nullopt;
  ReuseMemory memory{.calls = reader.u64(), .counts = {}, .uses = {}};
  for (std::uint32_t left = reader.count(sizeof(double)); left > 0; --left) memory.counts.push_back(reader.f64());
  for (std::uint32_t left = reader.count(use_bytes); left > 0; --left) {
    const std::uint64_t id = reader.u64(), age = reader.u64();
    const std::uint32_t uses = reader.u32();
    memory.uses.push_back({id, age, uses, reader.u8()});
  }
  return reader.finished() ? std::optional(std::move(memory)) : std::nullopt;
}

}  // namespace fovea
