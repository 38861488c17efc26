// The patterns of a CallForm become sequences of GBNF: blanks are optional white space. The tools' names and
// arguments are the alternatives of one rule, and what stands before and behind them is written once, so
// that the library follows few alternatives side by side.
//
// Each schema is first read alone. Only one that can be enforced is read again into the grammar that all
// share. If the grammar is then too slow, those that need not be enforced become any object.
#include "engine/llama/grammar/tool_grammar.h"

#include <algorithm>
#include <exception>
#include <format>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "engine/llama/grammar/free_text.h"
#include "engine/llama/grammar/gbnf_rules.h"
#include "engine/llama/grammar/schema/schema_reader.h"
#include "engine/llama/grammar/schema/schema_text.h"
#include "engine/llama/grammar/schema/tagged_properties.h"
#include "engine/tools/call_form.h"
#include "engine/tools/pattern_match.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;
using Id = GbnfRules::Id;

namespace {

constexpr std::size_t tools_max = 128;          // OpenAI's
constexpr std::size_t name_max = 128;           // Anthropic's; OpenAI's is 64
constexpr std::size_t schema_size_max = 1000;   // of one tool, as of an answer that is JSON
constexpr std::size_t grammar_size_max = 4000;  // of all tools; one of them is followed at a time

Result<void> check_tools(const ToolUse& use) {
  if (use.tools.size() > tools_max)
    return fail(Fault::invalid, std::format("there are {} tools: give at most {}", use.tools.size(), tools_max));
  std::set<std::string_view> names;
  for (const Tool& tool : use.tools) {
    if (tool.name.empty() || tool.name.size() > name_max || !std::ranges::all_of(tool.name, is_name_character))
      return fail(Fault::invalid,
                  std::format("tool {} has no proper name: take 1 to {} letters, digits and characters of "
                              "_-.:/",
                              names.size() + 1, name_max));
    if (!names.insert(tool.name).second)
      return fail(Fault::invalid, std::format("two tools have the name '{}': give each its own", tool.name));
  }
  if (!use.named.empty() && !names.contains(use.named))
    return fail(Fault::invalid, std::format("tool_choice names '{}', which is none of the tools", use.named));
  return {};
}

// A sequence for a pattern without names.
std::string sequence(CallPattern pattern) {
  std::string text;
  while (!pattern.empty()) {
    const std::size_t length = std::min(pattern.find(' '), pattern.size());
    if (length > 0) text += GbnfRules::literal(pattern.substr(0, length)) + " ";
    if (length < pattern.size()) text += "ws ";
    pattern.remove_prefix(std::min(length + 1, pattern.size()));
  }
  return text;
}

std::string before_name(CallPattern pattern) { return sequence(pattern.substr(0, pattern.find('@'))); }

// Without the first character of the arguments.
std::string behind_name(CallPattern pattern) {
  pattern.remove_suffix(1);
  return sequence(pattern.substr(pattern.find('@') + 1));
}

// Whether an object fits the schema and nothing else, as far as its root says.
bool is_of_object(const Json& schema) {
  if (const auto type = schema.find("type"); type != schema.end()) return *type == "object";
  return schema.contains("properties") || schema.contains("required") || schema.contains("additionalProperties");
}

class ToolGrammar {
 public:
  // `strict_only`: only the schemas of strict tools are kept to.
  ToolGrammar(const CallForm& form, const ToolUse& use, bool strict_only);

  Result<std::string> build(const std::optional<std::string>& content_schema);

 private:
  Result<void> add_tools();
  Result<Id> arguments(const Tool& tool);
  Result<Id> kept_to(const Tool& tool);
  Result<Id> written(GbnfRules& rules, const Json& schema, std::size_t size_max, Unkept unkept) const;
  std::string any_arguments() const;
  std::string tags(const std::vector<TaggedProperty>& properties) const;
  std::string tag(const std::string& name, const std::string& value) const;
  std::string before_first() const;
  std::string calls(const std::string& beginning) const;
  std::string answer();

  const CallForm& form_;
  const ToolUse& use_;
  const bool strict_only_;
  GbnfRules rules_;
  GbnfRules trial_;         // what `rules_` began with
  std::string text_value_;  // the rule of text between tags, to its end
  std::string picked_;      // the rule of one tool's name and arguments
};

ToolGrammar::ToolGrammar(const CallForm& form, const ToolUse& use, bool strict_only)
    : form_(form), use_(use), strict_only_(strict_only) {
  if (form.tags != nullptr) text_value_ = GbnfRules::name(text_up_to(rules_, form.tags->value_end, "", false));
  trial_ = rules_;
}

Result<std::string> ToolGrammar::build(const std::optional<std::string>& content_schema) {
  if (auto added = add_tools(); !added) return std::unexpected(added.error());
  std::string root;
  if (use_.choice == ToolChoice::required) {
    root = "ws " + calls(before_first());
  } else if (content_schema) {
    const auto schema = parse_schema(*content_schema);
    if (!schema) return std::unexpected(schema.error());
    const auto content = SchemaReader(rules_, *schema, rules_.size() + schema_size_max).read();
    if (!content) return std::unexpected(content.error());
    root = std::format("ws {} | {}", calls(before_first()), GbnfRules::name(*content));
  } else {
    root = answer();
  }
  const Id whole = rules_.text(root);
  if (const auto obstacle = rules_.obstacle(); !obstacle.empty())
    return fail(Fault::unsupported, std::format("the schemas of all tools together cannot be kept to: {}", obstacle));
  return rules_.finish(whole, form_.tags == nullptr ? std::set<char32_t>() : std::set<char32_t>{U'<'});
}

// Strict tools first, so that the others do not take the room of them.
Result<void> ToolGrammar::add_tools() {
  std::vector<Id> all;
  for (const bool strict : {true, false}) {
    for (const Tool& tool : use_.tools) {
      if (tool.strict != strict || (!use_.named.empty() && tool.name != use_.named)) continue;
      const auto made = arguments(tool);
      if (!made) return fail(made.error().fault, std::format("the tool '{}': {}", tool.name, made.error().message));
      const std::string text = GbnfRules::literal(tool.name) + " " + behind_name(form_.first.front());
      all.push_back(rules_.container(text + GbnfRules::name(*made), {*made}));
    }
  }
  picked_ = GbnfRules::name(rules_.either(std::move(all), true)) + " ";
  return {};
}

Result<Id> ToolGrammar::arguments(const Tool& tool) {
  if (!tool.parameters.empty() && (tool.strict || !strict_only_)) {
    auto kept = kept_to(tool);
    if (kept || tool.strict || kept.error().fault == Fault::invalid) return kept;
  }
  return form_.tags == nullptr ? GbnfRules::object : rules_.container(any_arguments(), {GbnfRules::value});
}

Result<Id> ToolGrammar::kept_to(const Tool& tool) {
  const auto schema = parse_schema(tool.parameters);
  if (!schema) return std::unexpected(schema.error());
  if (const auto type = schema->find("type"); type != schema->end() && *type != "object")
    return fail(Fault::invalid, "its parameters are no schema of an object: begin with \"type\":\"object\"");
  if (!is_of_object(*schema) && !schema->empty())
    return fail(Fault::unsupported, "the JSON schema at # does not say \"type\":\"object\"");
  if (schema->empty() || (form_.tags != nullptr && !schema->contains("properties")))
    return form_.tags == nullptr ? GbnfRules::object : rules_.container(any_arguments(), {GbnfRules::value});
  GbnfRules trial = trial_;
  const std::size_t before = trial.size();
  const Unkept unkept = tool.strict ? Unkept::refused : Unkept::passed_over;
  if (auto alone = written(trial, *schema, before + schema_size_max, unkept); !alone) return alone;
  if (const auto obstacle = trial.obstacle(); !obstacle.empty())
    return fail(Fault::unsupported, std::format("the JSON schema at # cannot be kept to: {}", obstacle));
  if (rules_.size() + trial.size() - before > grammar_size_max)
    return fail(Fault::unsupported,
                std::format("all tools' schemas to it make more than {} rules, alternatives and repetitions: "
                            "simplify them, or give fewer tools",
                            grammar_size_max));
  return written(rules_, *schema, std::numeric_limits<std::size_t>::max(), unkept);
}

Result<Id> ToolGrammar::written(GbnfRules& rules, const Json& schema, std::size_t size_max, Unkept unkept) const {
  if (form_.tags == nullptr) return SchemaReader(rules, schema, size_max, unkept).read();
  const auto properties = tagged_properties(rules, schema, size_max, unkept);
  if (!properties) return std::unexpected(properties.error());
  return rules.container(tags(*properties), {GbnfRules::value});
}

std::string ToolGrammar::any_arguments() const {
  return std::format("( {}[a-zA-Z0-9_.-]{{1,64}} {}{}{} )* {}", sequence(form_.tags->open), sequence(form_.tags->named),
                     form_.tags->own_lines ? "\"\\n\" " : "", text_value_, sequence(form_.tags->close));
}

std::string ToolGrammar::tags(const std::vector<TaggedProperty>& properties) const {
  const std::string line = form_.tags->own_lines ? R"("\n" )" : "";
  const std::string end = GbnfRules::literal(form_.tags->value_end) + " ";
  std::string all;
  for (const TaggedProperty& property : properties) {
    std::string value = property.value + " ";
    if (!property.is_text)
      value = std::format("ws {}ws {}", value, end);
    else if (property.value.empty())
      value = text_value_ + " ";
    else
      value += line + end;
    const std::string text = std::format("{}{} {}{}{}", sequence(form_.tags->open), GbnfRules::literal(property.name),
                                         sequence(form_.tags->named), line, value);
    all += property.required ? text : "( " + text + ")? ";
  }
  return all + sequence(form_.tags->close);
}

// The beginnings that go on in the same way behind the name.
std::string ToolGrammar::before_first() const {
  std::string text;
  for (const CallPattern pattern : form_.first) {
    if (behind_name(pattern) == behind_name(form_.first.front()))
      text += (text.empty() ? "" : "| ") + before_name(pattern);
  }
  return text.contains("| ") ? "( " + text + ") " : text;
}

// `beginning`: of the first call, up to the tool's name.
std::string ToolGrammar::calls(const std::string& beginning) const {
  const std::string one = picked_ + (form_.tail.empty() ? "" : sequence(form_.tail.front()));
  std::string text = beginning + one;
  if (use_.parallel) {
    const std::string next = form_.next.empty() ? "ws " + before_first() : before_name(form_.next.front());
    text += std::format("( {}{})* ", next, one);
  }
  return text + (form_.close.empty() ? "" : sequence(form_.close.front()));
}

// Text, calls, or text and then calls.
std::string ToolGrammar::answer() {
  std::vector<Beginning> beginnings;
  for (CallPattern pattern : form_.first) {
    if (behind_name(pattern) != behind_name(form_.first.front())) continue;
    if (pattern.starts_with(' ')) pattern.remove_prefix(1);
    const std::string_view mark = pattern.substr(0, pattern.find_first_of(" @"));
    const std::string rest = sequence(pattern.substr(mark.size(), pattern.find('@') - mark.size()));
    beginnings.push_back({mark, GbnfRules::name(rules_.text(calls(rest)))});
  }
  return GbnfRules::name(form_.alone ? text_or(rules_, beginnings)
                                     : text_up_to(rules_, beginnings.front().mark, beginnings.front().behind, true));
}

}  // namespace

Result<std::string> tool_grammar(ToolFormat format, const ToolUse& use,
                                 const std::optional<std::string>& content_schema) {
  if (auto checked = check_tools(use); !checked) return std::unexpected(checked.error());
  try {
    auto grammar = ToolGrammar(call_form(format), use, false).build(content_schema);
    // Only the schemas together are still too slow: those that need not be kept to are left out.
    if (!grammar && grammar.error().fault == Fault::unsupported && !std::ranges::all_of(use.tools, &Tool::strict)) {
      auto fewer = ToolGrammar(call_form(format), use, true).build(content_schema);
      if (fewer) return fewer;
    }
    return grammar;
  } catch (const std::exception& error) {
    return fail(Fault::invalid, std::format("a tool's JSON schema cannot be read: {}", error.what()));
  }
}

}  // namespace fovea::llama
