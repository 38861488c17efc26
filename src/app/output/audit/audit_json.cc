// The document's structs are its own, so that a field of AuditFindings may be renamed without anybody's
// script noticing. Names are cleaned as everywhere: a log is anybody's.
#include "app/output/audit/audit_json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/output/json_line.h"
#include "audit/report/finding_texts.h"
#include "audit/spoilers/spoiler_words.h"

namespace fovea::app {

namespace audit_document {

struct Log {
  std::string format;
  std::uint64_t bytes, requests, bad_entries, other_entries, pictures, pictures_by_url, undecoded, undecodable;
  std::string first_bad;
};

struct Traffic {
  std::uint64_t requests, failed, with_pictures, pictures, pictures_by_url, clients, routes, models, with_usage,
      with_durations, prompts_cut;
  double span_ms, prompt_tokens, picture_tokens, answer_tokens, provider_cached_tokens, bytes_per_token;
};

struct Pictures {
  std::uint64_t sent, different, same_file, other_file, as_tiles, tiles, tiles_again, near, same_prompt, other_prompt,
      other_client;
  double bytes, bytes_again, tokens, tokens_again;
};

struct Prefixes {
  std::uint64_t prompts, shared;
  double tokens, tokens_known, tokens_by_messages, text_bytes, text_bytes_known;
};

struct Questions {
  std::uint64_t asked, repeats, repeats_stored, repeats_sampled, other_settings;
};

struct By {
  std::string name;
  std::uint64_t requests, pictures, pictures_again;
  double prompt_tokens, prompt_tokens_known;
  std::uint64_t repeats;
};

struct Reuse {
  Pictures pictures;
  Prefixes prefixes;
  Questions questions;
  std::vector<By> by_client, by_route, by_model;
};

struct Spoiler {
  std::string kind, client, route, where;
  std::uint64_t first_request, requests;
  double tokens, ms;
  bool sure;
  std::string what, fix;
};

struct Level {
  std::uint64_t lookups, hits;
};

struct Row {
  std::string name;
  bool embedding, prefix, response;
  std::optional<std::uint64_t> memory_bytes;  // absent: without a bound
  std::uint64_t disk_bytes;
  std::optional<std::uint64_t> shared_bytes;  // absent: without a bound
  std::uint32_t nodes;
  double mean_ms, factor, saved_ms, saved_share, prompt_tokens_saved, picture_tokens_saved, answer_tokens_saved;
  Level embeddings, prefixes, responses;
  std::uint64_t tier_hits, evictions;
  std::optional<double> machine_money, token_money;
};

struct Prices {
  std::optional<double> per_hour, per_million_prompt_tokens, per_million_answer_tokens;
  std::string currency, source;
};

struct WorkingSet {
  std::uint64_t embedding_bytes, prefix_bytes, response_bytes;
};

struct Savings {
  std::string profile, machine, model, policy;
  std::uint64_t requests;
  bool complete;
  double baseline_ms, baseline_mean_ms;
  std::optional<double> logged_mean_ms;
  WorkingSet working_set;
  std::vector<Row> levels, sizes, tiers;
  Prices prices;
  std::vector<std::string> assumptions;
};

struct Document {
  std::vector<std::string> answer, basis;
  std::vector<Log> logs;
  Traffic traffic;
  Reuse reuse;
  Savings savings;
  std::vector<Spoiler> spoilers;
};

}  // namespace audit_document

namespace {

std::string name_of(std::string_view name) { return name.empty() ? std::string() : shown_name(name); }

std::vector<audit_document::Log> logs_of(std::span<const LogSummary> logs) {
  std::vector<audit_document::Log> out;
  for (const LogSummary& log : logs)
    out.push_back({std::string(to_string(log.format)), log.bytes, log.requests, log.bad_entries, log.other_entries,
                   log.pictures, log.pictures_by_url, log.undecoded, log.undecodable, log.first_bad});
  return out;
}

audit_document::Traffic traffic_of(const AuditTraffic& t) {
  return {t.requests,        t.failed,         t.with_pictures, t.pictures,
          t.pictures_by_url, t.clients,        t.routes,        t.models,
          t.with_usage,      t.with_durations, t.prompts_cut,   t.span_ms,
          t.prompt_tokens,   t.picture_tokens, t.answer_tokens, t.provider_cached_tokens,
          t.bytes_per_token};
}

std::vector<audit_document::By> by_of(const std::vector<ReuseBy>& rows) {
  std::vector<audit_document::By> out;
  for (const ReuseBy& row : rows)
    out.push_back({name_of(row.name), row.requests, row.pictures, row.pictures_again, row.prompt_tokens,
                   row.prompt_tokens_known, row.repeats});
  return out;
}

audit_document::Reuse reuse_of(const ReuseFindings& reuse) {
  const PictureReuse& p = reuse.pictures;
  const PrefixReuse& x = reuse.prefixes;
  const QuestionReuse& q = reuse.questions;
  return {.pictures = {p.sent, p.different, p.same_file, p.other_file, p.as_tiles, p.tiles, p.tiles_again, p.near,
                       p.same_prompt, p.other_prompt, p.other_client, p.bytes, p.bytes_again, p.tokens, p.tokens_again},
          .prefixes = {x.prompts, x.shared, x.tokens, x.tokens_known, x.tokens_by_messages, x.text_bytes,
                       x.text_bytes_known},
          .questions = {q.asked, q.repeats, q.repeats_stored, q.repeats_sampled, q.other_settings},
          .by_client = by_of(reuse.by_client),
          .by_route = by_of(reuse.by_route),
          .by_model = by_of(reuse.by_model)};
}

std::vector<audit_document::Spoiler> spoilers_of(const std::vector<Spoiler>& spoilers) {
  std::vector<audit_document::Spoiler> out;
  for (const Spoiler& s : spoilers)
    out.push_back({std::string(to_string(s.kind)), name_of(s.client), name_of(s.route), s.where, s.first_request,
                   s.requests, s.tokens, s.ms, s.sure, s.what, s.fix});
  return out;
}

audit_document::Row row_of(const SavingsRow& row, double baseline_ms) {
  const auto bound = [](std::uint64_t bytes, std::uint64_t none) {
    return bytes == none ? std::nullopt : std::optional(bytes);
  };
  const auto level = [&](TraceLevel at) {
    return audit_document::Level{row.lookups[static_cast<std::size_t>(at)], row.hits[static_cast<std::size_t>(at)]};
  };
  return {.name = row.name,
          .embedding = row.embedding,
          .prefix = row.prefix,
          .response = row.response,
          .memory_bytes = bound(row.memory_bytes, 0),
          .disk_bytes = row.disk_bytes,
          .shared_bytes = bound(row.shared_bytes, UINT64_MAX),
          .nodes = row.nodes,
          .mean_ms = row.mean_ms,
          .factor = row.factor,
          .saved_ms = row.saved_ms,
          .saved_share = baseline_ms > 0 ? row.saved_ms / baseline_ms : 0,
          .prompt_tokens_saved = row.prompt_tokens_saved,
          .picture_tokens_saved = row.picture_tokens_saved,
          .answer_tokens_saved = row.answer_tokens_saved,
          .embeddings = level(TraceLevel::embedding),
          .prefixes = level(TraceLevel::prefix),
          .responses = level(TraceLevel::response),
          .tier_hits = row.tier_hits,
          .evictions = row.evictions,
          .machine_money = row.machine_money,
          .token_money = row.token_money};
}

audit_document::Savings savings_of(const SavingsFindings& s) {
  const auto rows = [&](const std::vector<SavingsRow>& from) {
    std::vector<audit_document::Row> out;
    for (const SavingsRow& row : from) out.push_back(row_of(row, s.baseline_ms));
    return out;
  };
  const auto working_set = [&](TraceLevel at) { return s.working_set_bytes[static_cast<std::size_t>(at)]; };
  return {.profile = s.profile,
          .machine = s.machine,
          .model = s.model,
          .policy = s.policy,
          .requests = s.requests,
          .complete = s.complete,
          .baseline_ms = s.baseline_ms,
          .baseline_mean_ms = s.baseline_mean_ms,
          .logged_mean_ms = s.logged_mean_ms,
          .working_set = {working_set(TraceLevel::embedding), working_set(TraceLevel::prefix),
                          working_set(TraceLevel::response)},
          .levels = rows(s.levels),
          .sizes = rows(s.sizes),
          .tiers = rows(s.tiers),
          .prices = {s.prices.per_hour, s.prices.per_million_prompt_tokens, s.prices.per_million_answer_tokens,
                     s.prices.currency, s.prices.source},
          .assumptions = s.assumptions};
}

}  // namespace

std::string audit_json(const AuditFindings& findings, std::span<const LogSummary> logs) {
  return json_line(audit_document::Document{.answer = answer_sentences(findings),
                                            .basis = basis_sentences(findings),
                                            .logs = logs_of(logs),
                                            .traffic = traffic_of(findings.traffic),
                                            .reuse = reuse_of(findings.reuse),
                                            .savings = savings_of(findings.savings),
                                            .spoilers = spoilers_of(findings.spoilers)}) +
         "\n";
}

}  // namespace fovea::app
