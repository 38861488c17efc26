// A page is some sixty lines of a hundred columns: tables have their most important rows, and sentences are
// broken between words.
#include "app/output/audit/audit_text.h"

#include <algorithm>
#include <format>
#include <string_view>
#include <vector>

#include "app/output/table_text.h"
#include "audit/report/finding_tables.h"
#include "audit/report/finding_texts.h"

namespace fovea::app {

namespace {

constexpr std::size_t columns = 100;
constexpr std::size_t spoilers_shown = 5, rows_shown = 5;

// `text` in lines of at most `columns`, the first behind `first` and the others behind as many spaces.
std::string wrapped(std::string_view text, std::string_view first) {
  std::string out(first), line_start(first.size(), ' ');
  std::size_t line = first.size();
  bool empty = true;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (!empty && line + 1 + space > columns) {
      out += '\n' + line_start;
      line = line_start.size();
      empty = true;
    }
    if (!empty) out += ' ';
    line += space + (empty ? 0 : 1);
    out += text.substr(0, space);
    empty = false;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out + '\n';
}

std::string headed(const char* head, const Table& table) {
  const std::string text = table_text(table);
  return text.empty() ? text : std::format("{}\n{}", head, text);
}

Table with_rows(Table table, std::size_t rows) {
  if (table.rows.size() > rows) table.rows.resize(rows);
  return table;
}

// Without rows about what did not happen, but for the first one.
Table without_zeros(Table table) {
  std::size_t row = 0;
  std::erase_if(table.rows, [&](const auto& cells) { return row++ > 0 && cells[1] == "0"; });
  return table;
}

// Who asked, where there is more than one of them.
std::string by_text(const ReuseFindings& reuse) {
  std::string text;
  const auto add = [&](const std::vector<ReuseBy>& rows, const char* what) {
    if (rows.size() > 1) text += table_text(with_rows(reuse_by_table(rows, what), rows_shown));
  };
  add(reuse.by_client, "client");
  add(reuse.by_route, "route");
  add(reuse.by_model, "model");
  return text;
}

std::string spoilers_text(const std::vector<Spoiler>& spoilers) {
  if (spoilers.empty()) return {};
  std::string text = "What keeps requests from being found, the costliest first\n";
  for (std::size_t i = 0; i < std::min(spoilers.size(), spoilers_shown); ++i) {
    const Spoiler& spoiler = spoilers[i];
    text += wrapped(std::format("{}: {}", spoiler_place(spoiler), spoiler_cost(spoiler)), std::format("  {}. ", i + 1));
    text += wrapped((spoiler.sure ? "" : "Likely: ") + spoiler.what, "     ");
    text += wrapped(spoiler.fix, "     -> ");
  }
  if (spoilers.size() > spoilers_shown)
    text += std::format("  {} more are in --json and --report.\n", spoilers.size() - spoilers_shown);
  return text + '\n';
}

std::string notes_text(const AuditFindings& findings, std::span<const std::string> notes) {
  std::string text = "How sure this is\n";
  for (const std::string& sentence : basis_sentences(findings)) text += wrapped(sentence, "  - ");
  for (const std::string& sentence : findings.savings.assumptions) text += wrapped(sentence, "  - ");
  for (const std::string& sentence : notes) text += wrapped(sentence, "  - ");
  return text;
}

}  // namespace

std::string audit_text(const AuditFindings& findings, std::span<const std::string> notes) {
  std::string text;
  for (const std::string& sentence : answer_sentences(findings)) text += wrapped(sentence, "");
  text += '\n' + wrapped(traffic_sentence(findings.traffic), "") + '\n';
  text += headed("What came again", without_zeros(again_table(findings.reuse)));
  text += by_text(findings.reuse);
  const SavingsFindings& savings = findings.savings;
  text += headed("What each level would have saved, without a bound", levels_table(savings));
  text += headed("What all levels would have saved in memories of these sizes", sizes_table(savings));
  text += headed("With tiers behind the memory", tiers_table(savings));
  text += spoilers_text(findings.spoilers);
  return text + notes_text(findings, notes);
}

}  // namespace fovea::app
