// Names come from a log, which anybody may have written to: they must not lead a terminal astray.
#include "audit/report/finding_texts.h"

#include <algorithm>
#include <cmath>
#include <format>

#include "base/units.h"
#include "report/number_text.h"

namespace fovea {

namespace {

constexpr std::size_t name_bytes_max = 60;
constexpr double enough_share = 0.9;
constexpr double hour_ms = 3.6e6, minute_ms = 60'000, day_ms = 24 * hour_ms;

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::format("{} {}", count_text(count), count == 1 ? one : many);
}

double share_of(double part, double all) { return all > 0 ? part / all : 0; }

std::string whole_percent(double share) { return std::format("{:.0f} %", 100 * share); }

// ", or USD 3.20 of machine hours and USD 5.00 of tokens"; empty where there are no prices.
std::string money_clause(const SavingsRow& row, const AuditPrices& prices) {
  std::string text;
  if (row.machine_money)
    text = money_text(*row.machine_money, prices.currency) + " at the price of the machine's hours";
  if (row.token_money) {
    if (!text.empty()) text += ", and ";
    text += money_text(*row.token_money, prices.currency) + " at the price of tokens";
  }
  return text.empty() ? text : ": " + text;
}

void add_memory(std::vector<std::string>& sentences, const SavingsFindings& savings, const SavingsRow& all) {
  if (const SavingsRow* enough = enough_memory(savings)) {
    sentences.push_back(std::format("{} of memory get {} of that: {}{}.", format_bytes(enough->memory_bytes),
                                    whole_percent(share_of(enough->saved_ms, all.saved_ms)),
                                    span_text(enough->saved_ms), money_clause(*enough, savings.prices)));
  } else if (!savings.sizes.empty()) {
    const SavingsRow& largest = *std::ranges::max_element(savings.sizes, {}, &SavingsRow::memory_bytes);
    sentences.push_back(std::format("{} of memory, the largest that was tried, get {} of that; more would get more.",
                                    format_bytes(largest.memory_bytes),
                                    whole_percent(share_of(largest.saved_ms, all.saved_ms))));
  }
}

void add_spoiler(std::vector<std::string>& sentences, const AuditFindings& findings) {
  if (findings.spoilers.empty() || findings.savings.baseline_ms <= 0) return;
  const Spoiler& worst = findings.spoilers.front();
  const double share = share_of(worst.ms, findings.savings.baseline_ms);
  if (share < 0.005) return;
  sentences.push_back(
      std::format("One change would let {} more of the work be found: {}", whole_percent(share), worst.fix));
}

}  // namespace

std::string shown_name(std::string_view name) {
  if (name.empty()) return "(not told)";
  std::string shown;
  bool cut = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (shown.size() >= name_bytes_max && (byte & 0xC0) != 0x80) {  // between characters of UTF-8
      cut = true;
      break;
    }
    shown += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return cut ? shown + "..." : shown;
}

std::string span_text(double ms) {
  if (ms >= hour_ms) return number_text(ms / hour_ms) + " h";
  if (ms >= minute_ms) return number_text(ms / minute_ms) + " min";
  if (ms >= 10 || ms <= 0) return number_text(ms / 1000) + " s";
  return ms >= 1 ? format_ms(ms) : "under 1 ms";
}

std::string money_text(double money, std::string_view currency) {
  const std::string amount =
      money >= 1000 ? count_text(static_cast<std::uint64_t>(std::llround(money))) : number_text(std::max(money, 0.0));
  return std::format("{} {}", currency, amount);
}

std::string tokens_text(double tokens) {
  if (tokens >= 1e9) return number_text(tokens / 1e9) + " G";
  if (tokens >= 1e6) return number_text(tokens / 1e6) + " M";
  if (tokens >= 1e4) return number_text(tokens / 1e3) + " k";
  return std::format("{:.0f}", std::max(tokens, 0.0));
}

const SavingsRow* all_levels(const SavingsFindings& savings) {
  const auto levels = [](const SavingsRow& row) { return int{row.embedding} + int{row.prefix} + int{row.response}; };
  const auto most = std::ranges::max_element(savings.levels, {}, levels);
  return most == savings.levels.end() ? nullptr : &*most;
}

const SavingsRow* enough_memory(const SavingsFindings& savings) {
  const SavingsRow* all = all_levels(savings);
  if (all == nullptr) return nullptr;
  const SavingsRow* enough = nullptr;
  for (const SavingsRow& row : savings.sizes) {
    const bool gets_it = row.memory_bytes > 0 && row.saved_ms >= enough_share * all->saved_ms;
    if (gets_it && (enough == nullptr || row.memory_bytes < enough->memory_bytes)) enough = &row;
  }
  return enough;
}

std::vector<std::string> answer_sentences(const AuditFindings& findings) {
  const SavingsFindings& savings = findings.savings;
  const SavingsRow* all = all_levels(savings);
  if (all == nullptr || savings.baseline_ms <= 0) return {"There is nothing to say: the log has no answered request."};
  const double share = share_of(all->saved_ms, savings.baseline_ms);
  if (share < 0.0005)
    return {std::format("Nothing of the work was done before: all {} came for the first time.",
                        counted(savings.requests, "request", "requests"))};
  std::vector<std::string> sentences = {
      std::format("{} of the work in this log was done before.", whole_percent(share)),
      std::format("Storing it would have saved {} of the {} that {} takes on {} ({}x as fast){}.",
                  span_text(all->saved_ms), span_text(savings.baseline_ms), shown_name(savings.model),
                  shown_name(savings.machine), number_text(all->factor), money_clause(*all, savings.prices))};
  add_memory(sentences, savings, *all);
  const AuditTraffic& traffic = findings.traffic;
  if (traffic.provider_cached_tokens > 0)
    sentences.push_back(std::format("Of the prompts' tokens, the server that answered had {} in its own cache already.",
                                    whole_percent(share_of(traffic.provider_cached_tokens, traffic.prompt_tokens))));
  add_spoiler(sentences, findings);
  return sentences;
}

std::string traffic_sentence(const AuditTraffic& traffic) {
  std::string text = counted(traffic.requests, "request", "requests");
  if (traffic.clients > 0) text += " of " + counted(traffic.clients, "client", "clients");
  if (traffic.span_ms > 0)
    text += " in " + (traffic.span_ms >= 2 * day_ms ? std::format("{} days", number_text(traffic.span_ms / day_ms))
                                                    : span_text(traffic.span_ms));
  text += std::format(": {} with {}, {} tokens of prompts ({} of pictures), {} of answers",
                      count_text(traffic.with_pictures), counted(traffic.pictures, "picture", "pictures"),
                      tokens_text(traffic.prompt_tokens), tokens_text(traffic.picture_tokens),
                      tokens_text(traffic.answer_tokens));
  if (traffic.failed > 0) text += std::format("; {} failed and are left out", count_text(traffic.failed));
  return text + ".";
}

std::vector<std::string> basis_sentences(const AuditFindings& findings) {
  const AuditTraffic& traffic = findings.traffic;
  const std::uint64_t answered = traffic.requests - std::min(traffic.failed, traffic.requests);
  std::vector<std::string> sentences;
  if (answered > 0 && traffic.with_usage == 0)
    sentences.emplace_back(
        "The log tells no token counts: those of texts are taken from their bytes by a rule of thumb, those of "
        "pictures "
        "from their size as the profile's model counts them.");
  else if (traffic.with_usage < answered)
    sentences.push_back(
        std::format("The log tells the tokens of {} of {} requests; those of the others are estimated from these.",
                    count_text(traffic.with_usage), count_text(answered)));
  if (traffic.with_usage < answered)
    sentences.emplace_back(
        "An answer whose length the log does not tell is taken to have the usual length of the profile's.");
  if (traffic.prompts_cut > 0)
    sentences.push_back(std::format("For lack of room, {} followed in part only: what is shared is told too low.",
                                    counted(traffic.prompts_cut, "prompt was", "prompts were")));
  if (!findings.savings.complete)
    sentences.push_back(std::format("Only the first {} fitted into the replay: the rest is left out of what is saved.",
                                    counted(findings.savings.requests, "request", "requests")));
  if (findings.savings.logged_mean_ms)
    sentences.push_back(std::format(
        "In the log, a request takes {} on the average, with queues, networks and its server's own cache; by the "
        "profile and without a cache {}.",
        format_ms(*findings.savings.logged_mean_ms), format_ms(findings.savings.baseline_mean_ms)));
  return sentences;
}

std::string spoiler_place(const Spoiler& spoiler) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (!spoiler.client.empty()) add("client " + shown_name(spoiler.client));
  if (!spoiler.route.empty()) add(shown_name(spoiler.route));
  if (!spoiler.where.empty()) add(shown_name(spoiler.where));
  return text.empty() ? "all requests" : text;
}

std::string spoiler_cost(const Spoiler& spoiler) {
  return std::format("{} (the first is number {}), {} tokens, {}", counted(spoiler.requests, "request", "requests"),
                     count_text(spoiler.first_request), tokens_text(spoiler.tokens), span_text(spoiler.ms));
}

}  // namespace fovea
