// The footer of a command's help becomes three sections: its indented lines are EXAMPLES, the paragraph that
// begins with "Exit codes:" is EXIT STATUS, and the rest belongs to DESCRIPTION. Only what roff itself would
// misread is escaped; help is plain ASCII. A dash stays a dash everywhere, since it may begin a flag; in
// words that a person may copy (flags, examples) quotes, circumflexes and tildes stay what they are too: by
// default roff typesets them.
#include "app/manual/man_page.h"

#include <algorithm>
#include <cctype>
#include <format>
#include <ranges>
#include <utility>
#include <vector>

namespace fovea::app {

namespace {

constexpr std::string_view exit_codes_label = "Exit codes: ";

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// Text that is set as it is. A line must not begin with what roff takes for a request.
std::string escaped(std::string_view text, bool literal) {
  std::string roff;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) roff += "\\&";
    line_begins = c == '\n';
    if (c == '\\')
      roff += "\\e";
    else if (c == '-')
      roff += "\\-";
    else if (literal && c == '\'')
      roff += "\\(aq";
    else if (literal && c == '^')
      roff += "\\(ha";
    else if (literal && c == '~')
      roff += "\\(ti";
    else if (literal && c == '`')
      roff += "\\(ga";
    else
      roff += c;
  }
  return roff;
}

std::string prose(std::string_view text) { return escaped(text, false); }
std::string bold(std::string_view text) { return "\\fB" + escaped(text, true) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + escaped(text, true) + "\\fR"; }

// A sentence's end belongs to the end of an input line, and a short text ends with a full stop.
std::string sentence(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  if (!text.empty() && !std::string_view(".!?:").contains(text.back())) text += '.';
  return text;
}

// The footer, taken apart.
struct Notes {
  std::vector<std::string> paragraphs;
  std::vector<std::string> examples;  // blocks of lines, without what indents them
  std::string exit_codes;
};

void add_block(Notes& notes, std::string block) {
  if (block.empty()) return;
  if (block.starts_with(exit_codes_label))
    notes.exit_codes = block.substr(exit_codes_label.size());
  else if (block.starts_with("  "))
    notes.examples.push_back(std::move(block));
  else
    notes.paragraphs.push_back(std::move(block));
}

Notes notes_of(const std::string& footer) {
  Notes notes;
  std::string block;
  for (const auto part : std::views::split(footer, '\n')) {
    const std::string line(part.begin(), part.end());
    // A block ends at an empty line, and where indented lines meet others.
    if (line.empty() || (!block.empty() && block.starts_with("  ") != line.starts_with("  ")))
      add_block(notes, std::exchange(block, ""));
    if (!line.empty()) block += block.empty() ? line : '\n' + line;
  }
  add_block(notes, block);
  return notes;
}

std::string synopsis(const CommandInfo& command) {
  std::string text = bold(command.path) + " [" + italic("OPTION") + "]...";
  for (const OptionInfo& word : command.positionals) {
    const std::string value = word.required ? italic(word.value) : "[" + italic(word.value) + "]";
    text += " " + value + (word.repeats ? "..." : "");
  }
  if (!command.commands.empty()) text += " " + italic("COMMAND") + "...";
  return text + '\n';
}

// What is true of an option beside its description, in sentences.
std::string facts(const OptionInfo& option) {
  std::string text;
  const auto add = [&](std::string_view what, const std::string& value) {
    text += std::format("\n{} {}.", what, value);
  };
  if (!option.choices.empty()) {
    std::string names;
    for (const std::string& name : option.choices) names += (names.empty() ? "" : ", ") + bold(name);
    add(option.kind == ValueKind::list ? "Names:" : "One of", names);
  }
  if (!option.limits.empty()) add("Values:", prose(option.limits));
  if (!option.default_value.empty()) add("Default:", bold(option.default_value));
  if (!option.environment.empty()) add("Environment:", bold(option.environment));
  if (option.required) text += "\nRequired.";
  return text;
}

std::string item(const std::string& term, const OptionInfo& option) {
  return std::format(".TP\n{}\n{}{}\n", term, prose(sentence(option.about)), facts(option));
}

std::string term_of(const OptionInfo& option) {
  std::string names;
  for (const std::string& name : option.names) names += (names.empty() ? "" : ", ") + bold(name);
  return option.kind == ValueKind::none ? names : names + " " + italic(option.value);
}

std::string option_items(const CommandInfo& command) {
  std::vector<std::string> groups;
  for (const OptionInfo& option : command.options) {
    if (!std::ranges::contains(groups, option.group)) groups.push_back(option.group);
  }
  std::string text;
  for (const std::string& group : groups) {
    // The first group is the one of --help, which needs no heading of its own.
    if (group != groups.front()) text += std::format(".SS {}\n", prose(group));
    for (const OptionInfo& option : command.options) {
      if (option.group == group) text += item(term_of(option), option);
    }
  }
  return text;
}

std::string description(const CommandInfo& command, const Notes& notes) {
  std::string text = ".SH DESCRIPTION\n" + prose(sentence(command.about)) + '\n';
  for (const std::string& paragraph : notes.paragraphs) text += ".PP\n" + prose(paragraph) + '\n';
  for (const OptionInfo& word : command.positionals) text += item(italic(word.value), word);
  return text;
}

std::string command_items(const CommandInfo& command) {
  std::string text;
  for (const CommandInfo& below : command.commands) {
    text +=
        std::format(".TP\n{}\n{}\nSee {}(1).\n", bold(below.path), prose(sentence(below.about)), bold(man_name(below)));
  }
  return text.empty() ? text : ".SH COMMANDS\n" + text;
}

std::string examples(const Notes& notes) {
  std::string text;
  for (const std::string& block : notes.examples)
    text += std::format("{}.EX\n{}\n.EE\n", text.empty() ? "" : ".PP\n", escaped(block, true));
  return text.empty() ? text : ".SH EXAMPLES\n" + text;
}

// "0 answered, 1 failed" as a list; a code is where a number begins a part.
std::string exit_status(const Notes& notes) {
  std::string text;
  for (const auto part : std::views::split(notes.exit_codes, std::string_view(", "))) {
    const std::string_view words(part.begin(), part.end());
    const std::size_t space = words.find(' ');
    if (space == std::string_view::npos || words.find_first_not_of("0123456789") != space) return "";
    text += std::format(".TP\n{}\n{}\n", bold(words.substr(0, space)),
                        prose(sentence(std::string(words.substr(space + 1)))));
  }
  return text.empty() ? text : ".SH EXIT STATUS\n" + text;
}

std::string see_also(const CommandInfo& command, const CommandInfo* parent) {
  std::vector<std::string> pages;
  if (parent != nullptr) pages.push_back(man_name(*parent));
  for (const CommandInfo& below : command.commands) pages.push_back(man_name(below));
  std::string text;
  for (const std::string& page : pages) text += std::format("{}{}(1)", text.empty() ? "" : ",\n", bold(page));
  return text.empty() ? text : ".SH SEE ALSO\n" + text + '\n';
}

}  // namespace

std::string man_name(const CommandInfo& command) {
  std::string name = command.path;
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string man_page(const CommandInfo& command, const CommandInfo* parent, const ManEdition& edition) {
  const Notes notes = notes_of(command.footer);
  std::string name = command.about.substr(0, command.about.find(": "));
  if (name.ends_with('.')) name.pop_back();
  std::string text = std::format(".TH {} 1 {} \"fovea {}\" \"Fovea manual\"\n", escaped(upper(man_name(command)), true),
                                 edition.date, edition.version);
  text += std::format(".SH NAME\n{} \\- {}\n", escaped(man_name(command), true), prose(name));
  text += ".SH SYNOPSIS\n" + synopsis(command);
  text += description(command, notes);
  text += command_items(command);
  text += ".SH OPTIONS\n" + option_items(command);
  text += exit_status(notes);
  text += examples(notes);
  text += see_also(command, parent);
  return text;
}

}  // namespace fovea::app
