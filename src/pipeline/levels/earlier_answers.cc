// Groups of images are in a list by when they were asked about, and in a table by key. An answer has its own
// tenant: tenants of a group share a scope, but each purges its own.
#include "pipeline/levels/earlier_answers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fovea {

namespace {

Key key_of(const Scope& scope, std::span<const Key> images) {
  KeyBuilder key("fovea/earlier-answers/1");
  key.field(scope.name);
  for (const Key& image : images) key.field(image);
  return key.finish();
}

}  // namespace

std::uint64_t EarlierAnswers::purges() const {
  MutexLock lock(mutex_);
  return purges_;
}

void EarlierAnswers::add(const Scope& scope, std::span<const Key> images, std::span<const Key> made_from,
                         std::vector<std::int32_t> tokens, std::uint64_t purges) {
  if (images.empty() || tokens.empty()) return;
  const Key key = key_of(scope, images);
  tokens.resize(std::min(tokens.size(), tokens_max));
  MutexLock lock(mutex_);
  if (purges != purges_) return;
  Group* group = find_group(key);
  if (group == nullptr) {
    if (groups_.size() == groups_max) drop(std::prev(groups_.end()));
    groups_.push_front({.key = key, .answers = {}});
    by_key_.emplace(key, groups_.begin());
    group = &groups_.front();
  }
  // What was said again is newest.
  std::erase_if(group->answers, [&](const Said& said) { return said.tokens == tokens; });
  if (group->answers.size() == answers_max) group->answers.pop_back();
  group->answers.insert(group->answers.begin(),
                        Said{scope.tenant, {made_from.begin(), made_from.end()}, std::move(tokens)});
}

std::vector<std::vector<std::int32_t>> EarlierAnswers::find(const Scope& scope, std::span<const Key> images) {
  if (images.empty()) return {};
  const Key key = key_of(scope, images);
  std::vector<std::vector<std::int32_t>> found;
  MutexLock lock(mutex_);
  if (const Group* group = find_group(key); group != nullptr) {
    for (const Said& said : group->answers) found.push_back(said.tokens);
  }
  return found;
}

void EarlierAnswers::purge(const PurgeLabel& label) {
  MutexLock lock(mutex_);
  ++purges_;
  for (auto group = groups_.begin(); group != groups_.end();) {
    const auto next = std::next(group);
    std::erase_if(group->answers, [&](const Said& said) {
      const bool of_image = !label.image || std::ranges::contains(said.made_from, *label.image);
      return label.everything || (of_image && said.tenant == label.tenant);
    });
    if (group->answers.empty()) drop(group);
    group = next;
  }
}

// Moves it to the front.
EarlierAnswers::Group* EarlierAnswers::find_group(const Key& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  groups_.splice(groups_.begin(), groups_, found->second);
  return &groups_.front();
}

void EarlierAnswers::drop(Groups::iterator group) {
  by_key_.erase(group->key);
  groups_.erase(group);
}

}  // namespace fovea
