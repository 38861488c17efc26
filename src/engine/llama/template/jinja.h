// Jinja: a parsed template and the variables of a model. The only place that minja's evaluator is called
// from. Immutable after parse(); thread-safe.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "fovea/result.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;  // templates print objects in the order in which they were written

class Jinja {
 public:
  // `source` is the template's text. `bos_token` and `eos_token` are the values of the variables of these
  // names. Faults: invalid when the text is not a template.
  static Result<Jinja> parse(const std::string& source, std::string bos_token, std::string eos_token);

  Jinja(Jinja&&) noexcept;
  Jinja& operator=(Jinja&&) noexcept;
  ~Jinja();

  // The text of `messages`, up to where the assistant's answer begins. `tools` is null where there are none.
  // `variables` is an object; the template's own variables cannot be replaced by it.
  // Throws what the template raises.
  std::string render(const Json& messages, const Json& tools = {}, const Json& variables = {}) const;

 private:
  struct State;
  explicit Jinja(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fovea::llama
