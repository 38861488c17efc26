// The words of an audit's findings, for a terminal and for a page alike: names as they can be shown, amounts
// of time and money, and the answer in sentences. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/findings.h"

namespace fovea {

// A name that a log has, as it may be shown: on one line, without control characters, no longer than 60
// bytes; "(not told)" for an empty one.
std::string shown_name(std::string_view name);

// A span of machine time in hours, minutes or seconds: "12.3 h", "4.50 min", "0.820 s".
std::string span_text(double ms);

// "USD 1,234", "USD 0.042".
std::string money_text(double money, std::string_view currency);

// Tokens with three digits that mean something: "812", "93.1 k", "6.74 M".
std::string tokens_text(double tokens);

// The row of all levels that the model has, together and without a bound; null where nothing was replayed.
const SavingsRow* all_levels(const SavingsFindings& savings);

// The smallest memory that saves at least nine tenths of what all levels save without a bound; null where
// none of those that were tried does.
const SavingsRow* enough_memory(const SavingsFindings& savings);

// What an audit says first: what share of the work was done before, what that is in hours and money, and
// which memory gets most of it. A sentence each.
std::vector<std::string> answer_sentences(const AuditFindings& findings);

// What was audited: requests, clients, time. One sentence.
std::string traffic_sentence(const AuditTraffic& traffic);

// What the numbers rest on where the log does not say: tokens, answers, what had no room. A sentence each.
std::vector<std::string> basis_sentences(const AuditFindings& findings);

// A spoiler's place and cost: "client web, /v1/chat/completions, system prompt: 1,200 requests, ...".
std::string spoiler_place(const Spoiler& spoiler);
std::string spoiler_cost(const Spoiler& spoiler);

}  // namespace fovea
