#include "audit/prompts/names.h"

namespace fovea {

std::uint32_t Names::number(std::string_view name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  if (size() + 1 == names_max) names_.emplace_back(others);
  if (size() == names_max) return names_max - 1;
  names_.emplace_back(name);
  numbers_.emplace(name, size() - 1);
  return size() - 1;
}

}  // namespace fovea
