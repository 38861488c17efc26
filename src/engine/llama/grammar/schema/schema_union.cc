// Compares each alternative with each other one. Two objects are compared property by property, in the order
// in which the grammar writes them, up to the first one that is nested or optional. Saying "alike" is always
// safe: it only makes the grammar's measured cost higher.
#include "engine/llama/grammar/schema/schema_union.h"

#include <algorithm>
#include <string_view>

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

// A schema may have a hundred unions of the same large alternatives, so little of each is compared.
constexpr std::size_t compared_max = 24;    // alternatives; each is compared with each other one
constexpr std::size_t properties_seen = 8;  // the property that tells alternatives apart comes early
constexpr std::size_t required_seen = 32;   // names; searched for each property
constexpr std::size_t constants_seen = 8;   // of one property

enum class Kind : std::uint8_t { plain, object, array, unknown };

Kind kind_of(const Json& schema) {
  if (!schema.is_object()) return Kind::unknown;
  if (schema.contains("const") || schema.contains("enum")) return Kind::plain;
  const auto type = schema.find("type");
  if (type == schema.end() || !type->is_string()) return Kind::unknown;
  if (*type == "object") return Kind::object;
  return *type == "array" ? Kind::array : Kind::plain;
}

bool is_required(const Json& schema, std::string_view property) {
  const auto required = schema.find("required");
  if (required == schema.end() || !required->is_array()) return false;
  const auto end = required->begin() + static_cast<std::ptrdiff_t>(std::min(required->size(), required_seen));
  return std::find(required->begin(), end, property) != end;
}

// The values that a schema names; empty if it names none, many, or large ones.
std::span<const Json> constants(const Json& schema) {
  std::span<const Json> values;
  if (const auto one = schema.find("const"); one != schema.end())
    values = std::span(&*one, 1);
  else if (const auto some = schema.find("enum"); some != schema.end() && some->is_array())
    values = some->get_ref<const Json::array_t&>();
  const bool small = values.size() <= constants_seen && std::ranges::all_of(values, &Json::is_primitive);
  return small ? values : std::span<const Json>();
}

bool differ(const Json& a, const Json& b) {
  const auto ours = constants(a);
  const auto theirs = constants(b);
  if (ours.empty() || theirs.empty()) return false;
  return std::ranges::none_of(ours, [&](const Json& one) { return std::ranges::contains(theirs, one); });
}

// Walks over the properties that both begin with, as long as nothing nested is opened.
bool objects_told_apart(const Json& a, const Json& b) {
  const auto ours = a.find("properties");
  const auto theirs = b.find("properties");
  if (ours == a.end() || theirs == b.end() || !ours->is_object() || !theirs->is_object()) return false;
  const std::size_t common = std::min({ours->size(), theirs->size(), properties_seen});
  auto mine = ours->begin();
  auto other = theirs->begin();
  for (std::size_t i = 0; i < common; ++i, ++mine, ++other) {
    if (!is_required(a, mine.key()) || !is_required(b, other.key())) return false;
    if (mine.key() != other.key() || differ(*mine, *other)) return true;
    const Kind kind = kind_of(*mine);
    const Kind other_kind = kind_of(*other);
    if (kind == Kind::unknown || other_kind == Kind::unknown) return false;
    if (kind != Kind::plain || other_kind != Kind::plain) return kind != other_kind;
  }
  return false;
}

bool told_apart(const Json& a, const Json& b) {
  const Kind ours = kind_of(a);
  const Kind theirs = kind_of(b);
  if (ours == Kind::plain || theirs == Kind::plain) return true;
  if (ours == Kind::unknown || theirs == Kind::unknown) return false;
  return ours != theirs || (ours == Kind::object && objects_told_apart(a, b));
}

}  // namespace

bool told_apart(std::span<const Json* const> alternatives) {
  if (alternatives.size() > compared_max) return false;
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    for (std::size_t j = i + 1; j < alternatives.size(); ++j) {
      if (!told_apart(*alternatives[i], *alternatives[j])) return false;
    }
  }
  return true;
}

}  // namespace fovea::llama
