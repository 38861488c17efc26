// AuditFindings: what an audit found in a log: what came again, what kept it from being found, and what a
// cache would have saved. Everything that `fovea audit` prints is here.
//
// It has counts, times and the names of clients, routes and models, and nothing of any request's content.
// Plain values. Tokens are those of the log's own `usage` where it has them, and estimates from bytes and
// picture sizes elsewhere (AuditTraffic says how many requests had them).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trace/trace.h"

namespace fovea {

struct AuditTraffic {
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;         // with an HTTP status of 400 or more: counted here and nowhere else
  std::uint64_t with_pictures = 0;  // requests
  std::uint64_t pictures = 0;
  std::uint64_t pictures_by_url = 0;  // whose bytes the log does not have
  std::uint64_t clients = 0, routes = 0, models = 0;
  std::uint64_t with_usage = 0;      // requests whose prompt tokens the log says
  std::uint64_t with_durations = 0;  // likewise: how long they took
  double span_ms = 0;                // from the first request to the last; 0 where the log has no times
  double prompt_tokens = 0;          // with those of pictures
  double picture_tokens = 0;
  double answer_tokens = 0;
  double provider_cached_tokens = 0;  // which the log says that its provider had
  double bytes_per_token = 0;         // of texts, as this log was counted
  std::uint64_t prompts_cut = 0;      // requests whose prompts were followed only in part, for lack of room
};

// What came again. "Again" is: an earlier request of the log had it.
struct PictureReuse {
  std::uint64_t sent = 0;
  std::uint64_t different = 0;          // of these
  std::uint64_t same_file = 0;          // again, in the same bytes (or by the same URL)
  std::uint64_t other_file = 0;         // again: the same pixels in other bytes
  std::uint64_t as_tiles = 0;           // not again as a whole, but some of its tiles did
  std::uint64_t tiles = 0;              // of all pictures whose tiles are known
  std::uint64_t tiles_again = 0;        // of these
  std::uint64_t near = 0;               // not again, but likely a copy: it looks the same
  std::uint64_t same_prompt = 0;        // again, behind the same beginning of a prompt
  std::uint64_t other_prompt = 0;       // again, behind another one
  std::uint64_t other_client = 0;       // again, and no earlier request of its client had it
  double bytes = 0, bytes_again = 0;    // of files; again in the same bytes
  double tokens = 0, tokens_again = 0;  // of all pictures; of those that came again
};

struct PrefixReuse {
  std::uint64_t prompts = 0;
  std::uint64_t shared = 0;       // prompts whose beginning, of at least shared_tokens_min, came before
  double tokens = 0;              // of all prompts
  double tokens_known = 0;        // of prompts' beginnings that came before, to the nearest cut inside texts
  double tokens_by_messages = 0;  // the same, counting whole messages only
  double text_bytes = 0, text_bytes_known = 0;
};

struct QuestionReuse {
  std::uint64_t asked = 0;
  std::uint64_t repeats = 0;          // the same prompt with the same settings
  std::uint64_t repeats_stored = 0;   // of these, deterministic: a stored answer is the answer
  std::uint64_t repeats_sampled = 0;  // of these, sampled without a seed
  std::uint64_t other_settings = 0;   // the same prompt, but never with these settings
};

// The same for one client, route or model.
struct ReuseBy {
  std::string name;  // empty: the log does not say
  std::uint64_t requests = 0;
  std::uint64_t pictures = 0, pictures_again = 0;
  double prompt_tokens = 0, prompt_tokens_known = 0;
  std::uint64_t repeats = 0;
};

struct ReuseFindings {
  PictureReuse pictures;
  PrefixReuse prefixes;
  QuestionReuse questions;
  // The ones with most requests, falling; the last one may be "(others)".
  std::vector<ReuseBy> by_client, by_route, by_model;
};

enum class SpoilerKind : std::uint8_t {
  changing_time,        // a date or time in front of what stays the same
  changing_id,          // a UUID or hash, likewise
  changing_number,      // any other number, likewise
  picture_behind_text,  // a known picture behind a text that changes, in the same message
  reencoded_picture,    // the same pixels in another file
  similar_picture,      // likely the same picture, compressed again
  resized_picture,      // likely the same picture in another size
  changing_detail,      // the same picture with another `detail`
  changing_url,         // the same URL with another query
  sampled_repeat,       // a repeat that cannot be answered from a store: sampled, without a seed
  changing_settings,    // a repeat with other settings, a random seed say
  changing_tools,       // the same tools in another order
};
constexpr std::size_t spoiler_kinds = 12;

// What keeps a client's requests from being found, with the fix.
struct Spoiler {
  SpoilerKind kind{};
  std::string client, route;        // empty: the log does not say
  std::string where;                // "system prompt", "user message 1"; empty where it means nothing
  std::uint64_t first_request = 0;  // the number of the first request that shows it, from 1
  std::uint64_t requests = 0;       // that it spoiled
  double tokens = 0;                // of prompts and answers, that would have been found
  double ms = 0;                    // that these take, by the profile
  bool sure = true;                 // false: likely, by how pictures look
  std::string what;                 // a sentence
  std::string fix;                  // a sentence
};

// One way to cache, replayed over the log.
struct SavingsRow {
  std::string name;  // "embedding", "all", "memory 4 GiB", "memory 1 GiB + disk 64 GiB"
  bool embedding = false, prefix = false, response = false;
  std::uint64_t memory_bytes = 0;  // of each node; 0 = without a bound
  std::uint64_t disk_bytes = 0;    // likewise; 0 = no disk
  std::uint64_t shared_bytes = 0;  // of all nodes; 0 = no shared tier, UINT64_MAX = without a bound
  std::uint32_t nodes = 1;
  double mean_ms = 0;                                         // of a request
  double factor = 1;                                          // the baseline's mean by this
  double saved_ms = 0;                                        // of the machine's time, in all
  double prompt_tokens_saved = 0;                             // not read by the decoder, with those of pictures
  double picture_tokens_saved = 0;                            // not encoded
  double answer_tokens_saved = 0;                             // not generated
  std::array<std::uint64_t, trace_levels> lookups{}, hits{};  // by TraceLevel
  std::uint64_t tier_hits = 0;                                // of `hits`, from a disk or the shared tier
  std::uint64_t evictions = 0;                                // of memory
  std::optional<double> machine_money;                        // what the saved machine time costs
  std::optional<double> token_money;                          // what the saved tokens cost
};

// Prices, and where they are from.
struct AuditPrices {
  std::optional<double> per_hour;  // of one machine
  std::optional<double> per_million_prompt_tokens;
  std::optional<double> per_million_answer_tokens;
  std::string currency = "USD";
  std::string source;  // of what was not given by hand, with its date; empty = all by hand, or none
};

struct SavingsFindings {
  // Whose times these are.
  std::string profile;         // a file, or the name of a bundled one
  std::string machine, model;  // of the profile
  std::string policy;
  std::uint64_t requests = 0;  // that were replayed
  bool complete = true;        // false: the rest of the log did not fit
  double baseline_ms = 0;      // all requests, computed whole
  double baseline_mean_ms = 0;
  std::optional<double> logged_mean_ms;                         // of the log's own durations, to compare with
  std::array<std::uint64_t, trace_levels> working_set_bytes{};  // what was ever stored, by TraceLevel
  std::vector<SavingsRow> levels;                               // each level and their unions, without a bound
  std::vector<SavingsRow> sizes;                                // all levels in memory of several sizes
  std::vector<SavingsRow> tiers;                                // with a disk behind it; several nodes; a shared tier
  AuditPrices prices;
  std::vector<std::string> assumptions;  // sentences, which belong beside the numbers
};

struct AuditFindings {
  AuditTraffic traffic;
  ReuseFindings reuse;
  std::vector<Spoiler> spoilers;  // by kind, the costliest kind first; the last of a kind may be "(others)"
  SavingsFindings savings;
};

}  // namespace fovea
