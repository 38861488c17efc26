// DiskIndex: which of a log's values are alive, and in which order they lie.
//
// The disk is a log: values are appended, and its oldest file goes. Which values are worth their bytes, the
// policy `value` decides here, in memory; those that it evicts are dead bytes, which go when their file does.
// A live value that has become old is appended again. So what is kept is what `value` keeps, and not what
// came last (docs/results/disk-fifo.md). A look-up of what is not there costs no access to the disk.
// Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "cache/policy/reuse_memory.h"
#include "fovea/key.h"
#include "store/record.h"
#include "store/tier.h"

namespace fovea {

class ValuePolicy;
struct Item;
enum class RemovalCause : std::uint8_t;

// The name of a value on the disk.
struct DiskName {
  RecordKind kind = RecordKind::embedding;
  Key key;

  friend bool operator==(const DiskName&, const DiskName&) = default;
};

// What the index knows of a value.
struct DiskFacts {
  std::uint64_t place = 0;  // bytes that were appended before it
  std::uint64_t bytes = 0;  // of it
  double cost_ms = 0;       // compute that a hit saves
  float importance = 0.5F;  // [0, 1]
};

class DiskIndex {
 public:
  // An entry takes some 300 bytes of memory, and 100 of the disk beside its value. So there is an end to
  // their number, and small values are charged as if they were larger.
  static constexpr std::uint64_t entries_max = 2'000'000;
  static constexpr std::uint64_t charged_min = 4096;  // bytes

  // For `bytes_max` bytes of live values.
  explicit DiskIndex(std::uint64_t bytes_max);
  ~DiskIndex();

  struct Taken {
    bool stored = false;            // false: the policy declined it
    std::vector<DiskName> evicted;  // in either case
  };
  // Takes in a value that is about to be written, in place of any other of its name. Until settle(), it is
  // not found.
  Taken insert(const DiskName& name, const DiskFacts& facts);
  // Takes in a value that is there from an earlier time, as insert() does but as no use of it. They come in
  // the order of their last uses.
  Taken restore(const DiskName& name, const DiskFacts& facts);
  // The value is written.
  void settle(const DiskName& name);

  // The facts of a value that is there; a use of it.
  std::optional<DiskFacts> find(const DiskName& name);
  // The same without a use.
  std::optional<DiskFacts> facts(const DiskName& name) const;

  // A live value was appended again; false where it is alive no longer.
  bool move(const DiskName& name, std::uint64_t place);
  // The oldest value that lies before `place`.
  std::optional<DiskName> oldest_before(std::uint64_t place) const;

  // Removes the value, or only if it lies at `place`; whether there was one.
  bool erase(const DiskName& name);
  bool erase(const DiskName& name, std::uint64_t place);

  // What the policy has learnt, and going on from it. REQUIRES, of recall(): nothing was taken in yet.
  ReuseMemory learnt();
  bool recall(const ReuseMemory& memory);

  // Live values of a kind, and their bytes.
  TierContent content(RecordKind kind) const;

 private:
  struct Node;
  struct NameHash {
    std::size_t operator()(const DiskName& name) const {
      return name.key.bits() ^ (static_cast<std::uint64_t>(name.kind) * 0x9e3779b97f4a7c15);
    }
  };

  Node* find_node(const DiskName& name) const FOVEA_REQUIRES(mutex_);
  std::unique_ptr<Node> node_of(const DiskName& name, const DiskFacts& facts) const;
  bool make_room(const Node& node, const Item* incoming, Taken& taken) FOVEA_REQUIRES(mutex_);
  void keep(std::unique_ptr<Node> node) FOVEA_REQUIRES(mutex_);
  void remove(Node& node, RemovalCause why) FOVEA_REQUIRES(mutex_);

  const std::uint64_t bytes_max_;
  mutable Mutex mutex_;
  std::unordered_map<DiskName, std::unique_ptr<Node>, NameHash> nodes_ FOVEA_GUARDED_BY(mutex_);
  std::map<std::uint64_t, Node*> by_place_ FOVEA_GUARDED_BY(mutex_);
  std::array<TierContent, record_kinds> contents_ FOVEA_GUARDED_BY(mutex_);
  std::uint64_t charged_ FOVEA_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<ValuePolicy> policy_ FOVEA_GUARDED_BY(mutex_);  // goes before the nodes
};

}  // namespace fovea
