// Names: the clients, routes and models of a log as numbers. Bounded: names beyond the bound share the last
// number. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fovea {

class Names {
 public:
  // Enough for the customers of a service; some 100 B each.
  static constexpr std::uint32_t names_max = 1 << 16;
  static constexpr const char* others = "(others)";

  // The number of `name`: 0, 1, 2 and so on in the order in which they come.
  std::uint32_t number(std::string_view name);
  const std::string& name(std::uint32_t number) const { return names_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
};

}  // namespace fovea
