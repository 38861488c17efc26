// read_facts, read_reply: what a log's entry says of a request besides what it asks. Functions over one
// entry.
#pragma once

#include "audit/audited_request.h"
#include "audit/log/entry/json.h"

namespace fovea {

// The time, client, route, status and duration of `entry`, under any of the names that logs have for them,
// into what `request` does not have yet.
void read_facts(const JsonFields& entry, AuditedRequest& request);

// The tokens that a reply's `usage` tells, in the words of OpenAI and Anthropic, and its status.
void read_reply(const JsonFields& reply, AuditedRequest& request);

// The tokens of a `usage` itself.
void read_usage(const JsonFields& usage, AuditedRequest& request);

// The time that a field has, as a number or a text.
std::optional<double> json_time(const JsonFields& fields, std::string_view name);

}  // namespace fovea
