// SchemaRules: the rules that are made of one JSON Schema, or the first reason why there are none. Whatever
// is made behind a refusal is not used.
//
// Borrows the rules of the grammar, to which it adds. Used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/llama/grammar/gbnf_rules.h"
#include "fovea/result.h"

namespace fovea::llama {

// What becomes of a part of a schema that a grammar cannot keep to.
enum class Unkept : std::uint8_t {
  refused,
  passed_over,  // as if it were not there; the rest is kept to
};

class SchemaRules {
 public:
  using Id = GbnfRules::Id;

  // `size_max`: rules, alternatives and repetitions that `grammar` may have in all.
  SchemaRules(GbnfRules& grammar, std::size_t size_max, Unkept unkept = Unkept::refused)
      : grammar_(grammar), size_max_(size_max), unkept_(unkept) {}

  GbnfRules& grammar() { return grammar_; }
  bool has_room() const { return grammar_.size() <= size_max_; }

  // The schema at `where`, like #/properties/a, is refused, because it `why` (the end of a sentence). Returns
  // a rule, so that it can be used where one is needed.
  Id refuse(Fault fault, const std::string& where, std::string_view why);
  Id refuse_size(const std::string& where);
  // Whether the part at `where` is passed over, because it `why`. Otherwise it is refused.
  bool pass_over(const std::string& where, std::string_view why);
  bool passes_over() const { return unkept_ == Unkept::passed_over; }
  const std::optional<Error>& refusal() const { return refusal_; }

 private:
  GbnfRules& grammar_;
  const std::size_t size_max_;
  const Unkept unkept_;
  std::optional<Error> refusal_;
};

}  // namespace fovea::llama
