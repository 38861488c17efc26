#include "cache/policy/policy_harness.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace fovea {

namespace {

void require(bool holds, const std::string& contract) {
  if (!holds) throw std::logic_error("the contract is broken: " + contract);
}

}  // namespace

std::uint64_t drawn(Random& random, std::uint64_t low, std::uint64_t high) { return low + random() % (high - low + 1); }

std::vector<ItemFacts> small_facts(Random& random, std::uint32_t count) {
  std::vector<ItemFacts> facts(count);
  for (ItemFacts& each : facts) {
    each.size = drawn(random, 1, 16);
    each.cost_ms = static_cast<double>(drawn(random, 1, 8));
    each.importance = static_cast<float>(drawn(random, 0, 8)) / 8;
    each.level = static_cast<std::uint8_t>(drawn(random, 0, 2));
  }
  return facts;
}

PolicyHarness::PolicyHarness(std::unique_ptr<Policy> policy, std::uint64_t bytes_max,
                             const std::vector<ItemFacts>& facts)
    : items_(facts.size()), policy_(std::move(policy)), bytes_max_(bytes_max) {
  Random ids(facts.size());
  for (std::size_t key = 0; key < facts.size(); ++key) {
    items_[key].id = ids();
    items_[key].size = facts[key].size;
    items_[key].cost_ms = facts[key].cost_ms;
    items_[key].importance = facts[key].importance;
    items_[key].level = facts[key].level;
  }
  policy_->resized(bytes_max);
}

bool PolicyHarness::request(std::uint32_t key) {
  Item& item = items_[key];
  if (pinned_.contains(key)) return true;
  if (present_.contains(key)) {
    ++item.hits;
    policy_->hit(item);
    return true;
  }
  if (item.size <= bytes_max_) store(item);
  return false;
}

void PolicyHarness::store(Item& item) {
  item.hits = 0;
  while (bytes_ + item.size > bytes_max_) {
    if (evict_one(&item)) continue;
    policy_->declined(item);
    ++declined_;
    return;
  }
  present_.insert(static_cast<std::uint32_t>(&item - items_.data()));
  bytes_ += item.size;
  policy_->inserted(item);
}

bool PolicyHarness::evict_one(const Item* incoming) {
  Item* victim = policy_->victim(incoming);
  require(victim != nullptr || incoming != nullptr || present_.empty(), "a shrinking budget finds a victim");
  if (victim == nullptr) return false;
  require(victim >= items_.data() && victim < items_.data() + items_.size(), "a victim is an item of this harness");
  const auto key = static_cast<std::uint32_t>(victim - items_.data());
  require(present_.contains(key), "victim " + std::to_string(key) + " is cached");
  if (on_victim) on_victim(key);
  evicted_.push_back(key);
  erase(key, RemovalCause::evicted);
  return true;
}

void PolicyHarness::erase(std::uint32_t key, RemovalCause why) {
  require(present_.erase(key) == 1, "the test erases a cached key");
  bytes_ -= items_[key].size;
  policy_->removed(items_[key], why);
}

void PolicyHarness::pin(std::uint32_t key) {
  erase(key, RemovalCause::pinned);
  bytes_ += items_[key].size;
  pinned_.insert(key);
}

void PolicyHarness::unpin(std::uint32_t key) {
  require(pinned_.erase(key) == 1, "the test unpins a pinned key");
  present_.insert(key);
  policy_->inserted(items_[key]);
  shrink();
}

void PolicyHarness::set_importance(std::uint32_t key, float importance) {
  items_[key].importance = importance;
  if (present_.contains(key)) policy_->importance_changed(items_[key]);
}

void PolicyHarness::resize(std::uint64_t bytes_max) {
  bytes_max_ = bytes_max;
  policy_->resized(bytes_max);
  shrink();
}

void PolicyHarness::shrink() {
  while (bytes_ > bytes_max_ && evict_one(nullptr)) {
  }
}

std::vector<std::uint32_t> PolicyHarness::drain() {
  const std::size_t before = evicted_.size();
  while (evict_one(nullptr)) {
  }
  return {evicted_.begin() + static_cast<std::ptrdiff_t>(before), evicted_.end()};
}

}  // namespace fovea
