// EntryCache: which entries a replay's memory or tier has. Entries of all levels have dense keys, and are
// only sizes.
//
// PolicyEntries decides by a real policy, as a Level does; UnboundedEntries keeps everything. Not
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "cache/exact_cache.h"
#include "trace/trace.h"

namespace fovea {

class EntryCache {
 public:
  virtual ~EntryCache() = default;
  virtual bool contains(std::uint32_t key) const = 0;
  // Whether it is there. The policy is told of the hit.
  virtual bool find(std::uint32_t key) = 0;
  // Stores it, if the policy wants it. Does nothing if it is there.
  virtual void insert(std::uint32_t key, const ItemFacts& facts) = 0;
  virtual std::uint64_t evictions() const { return 0; }
};

// Keeps everything.
class UnboundedEntries final : public EntryCache {
 public:
  explicit UnboundedEntries(std::uint32_t keys) : present_(keys) {}
  bool contains(std::uint32_t key) const override { return present_[key]; }
  bool find(std::uint32_t key) override { return present_[key]; }
  void insert(std::uint32_t key, const ItemFacts& facts) override;
  // What is stored of each level.
  const std::array<std::uint64_t, trace_levels>& bytes() const { return bytes_; }

 private:
  std::vector<bool> present_;
  std::array<std::uint64_t, trace_levels> bytes_{};
};

// Keeps what a policy chooses, in so many bytes for all levels together.
class PolicyEntries final : public EntryCache {
 public:
  PolicyEntries(std::unique_ptr<Policy> policy, std::uint64_t bytes_max, std::uint32_t keys)
      : cache_(std::move(policy), bytes_max, keys) {}
  bool contains(std::uint32_t key) const override { return cache_.contains(key); }
  bool find(std::uint32_t key) override { return cache_.find(key); }
  void insert(std::uint32_t key, const ItemFacts& facts) override;
  std::uint64_t evictions() const override { return cache_.evictions(); }

 private:
  ExactCache cache_;
};

}  // namespace fovea
