// Every number has its whole beside it: a share alone says nothing of how much it is.
#include "audit/report/finding_tables.h"

#include <cmath>
#include <format>
#include <utility>

#include "audit/report/finding_texts.h"
#include "report/number_text.h"

namespace fovea {

namespace {

std::string share_cell(double part, double all) { return all > 0 ? share_text(part / all) : "-"; }

// A unit in which the largest number of a column is readable.
std::pair<double, const char*> unit_of(double largest_ms) {
  if (largest_ms >= 3.6e6) return {3.6e6, "h"};
  if (largest_ms >= 60'000) return {60'000, "min"};
  return {1000, "s"};
}

std::uint64_t rounded(double number) { return number > 0 ? static_cast<std::uint64_t>(std::llround(number)) : 0; }

}  // namespace

Table again_table(const ReuseFindings& reuse) {
  Table table{.name = "again",
              .caption = "What an earlier request of the log had already. Each picture counts once a time it was sent.",
              .head = {"what", "again", "of", "share"},
              .rows = {}};
  const auto add = [&](const char* what, std::uint64_t again, std::uint64_t of) {
    if (of > 0)
      table.rows.push_back(
          {what, count_text(again), count_text(of), share_cell(static_cast<double>(again), static_cast<double>(of))});
  };
  const PictureReuse& pictures = reuse.pictures;
  add("pictures, in the same file", pictures.same_file, pictures.sent);
  add("pictures, the same pixels in another file", pictures.other_file, pictures.sent);
  add("pictures, some of their tiles", pictures.as_tiles, pictures.sent);
  add("pictures that look like an earlier one: likely copies", pictures.near, pictures.sent);
  add("tiles of pictures", pictures.tiles_again, pictures.tiles);
  const std::uint64_t again = pictures.same_file + pictures.other_file;
  add("pictures that came again, behind the same beginning", pictures.same_prompt, again);
  add("pictures that came again, in another prompt", pictures.other_prompt, again);
  add("pictures that came again, new to their client", pictures.other_client, again);
  const PrefixReuse& prefixes = reuse.prefixes;
  add("prompts that begin as an earlier one", prefixes.shared, prefixes.prompts);
  add("tokens of prompts, in such beginnings", rounded(prefixes.tokens_known), rounded(prefixes.tokens));
  add("tokens of prompts, in whole messages that begin one", rounded(prefixes.tokens_by_messages),
      rounded(prefixes.tokens));
  const QuestionReuse& questions = reuse.questions;
  add("questions, with the same settings", questions.repeats, questions.asked);
  add("of these, deterministic: a stored answer is the answer", questions.repeats_stored, questions.repeats);
  add("questions, with other settings", questions.other_settings, questions.asked);
  return table;
}

Table savings_table(const SavingsFindings& savings, std::span<const SavingsRow> rows, std::string name,
                    std::string caption) {
  const auto [unit_ms, unit] = unit_of(savings.baseline_ms);
  Table table{.name = std::move(name),
              .caption = std::move(caption),
              .head = {"cache", "mean ms", "as fast", std::format("{} saved", unit), "of all", "tokens not read",
                       "not written"},
              .rows = {}};
  const AuditPrices& prices = savings.prices;
  const bool of_machine = prices.per_hour.has_value();
  const bool of_tokens = prices.per_million_prompt_tokens || prices.per_million_answer_tokens;
  if (of_machine) table.head.push_back(std::format("{}, hours", prices.currency));
  if (of_tokens) table.head.push_back(std::format("{}, tokens", prices.currency));
  for (const SavingsRow& row : rows) {
    std::vector<std::string> cells = {row.name,
                                      number_text(row.mean_ms),
                                      number_text(row.factor) + "x",
                                      number_text(row.saved_ms / unit_ms),
                                      share_cell(row.saved_ms, savings.baseline_ms),
                                      tokens_text(row.prompt_tokens_saved),
                                      tokens_text(row.answer_tokens_saved)};
    if (of_machine) cells.push_back(row.machine_money ? number_text(*row.machine_money) : "-");
    if (of_tokens) cells.push_back(row.token_money ? number_text(*row.token_money) : "-");
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Table levels_table(const SavingsFindings& savings) {
  return savings_table(savings, savings.levels, "levels",
                       "What each level would have saved, and several together, in memory without a bound. Tokens not "
                       "read: of prompts, with those of pictures. Not written: of answers.");
}

Table sizes_table(const SavingsFindings& savings) {
  return savings_table(savings, savings.sizes, "sizes",
                       "All levels in a memory of this size, with the policy " + savings.policy + ".");
}

Table tiers_table(const SavingsFindings& savings) {
  return savings_table(savings, savings.tiers, "tiers",
                       "With a disk behind the memory, and several nodes without and with a shared tier. What is "
                       "fetched from a tier costs what the profile says.");
}

Table reuse_by_table(std::span<const ReuseBy> rows, const std::string& what) {
  Table table{.name = "by-" + what,
              .caption = "",
              .head = {what, "requests", "pictures", "again", "tokens of prompts", "known", "questions again"},
              .rows = {}};
  for (const ReuseBy& row : rows)
    table.rows.push_back({shown_name(row.name), count_text(row.requests), count_text(row.pictures),
                          share_cell(static_cast<double>(row.pictures_again), static_cast<double>(row.pictures)),
                          tokens_text(row.prompt_tokens), share_cell(row.prompt_tokens_known, row.prompt_tokens),
                          share_cell(static_cast<double>(row.repeats), static_cast<double>(row.requests))});
  return table;
}

Table spoilers_table(std::span<const Spoiler> spoilers) {
  Table table{.name = "spoilers",
              .caption = "What keeps requests from being found, by what it costs.",
              .head = {"where", "what", "do this", "requests", "tokens", "time"},
              .rows = {}};
  for (const Spoiler& spoiler : spoilers)
    table.rows.push_back({spoiler_place(spoiler), (spoiler.sure ? "" : "Likely: ") + spoiler.what, spoiler.fix,
                          count_text(spoiler.requests), tokens_text(spoiler.tokens), span_text(spoiler.ms)});
  return table;
}

}  // namespace fovea
