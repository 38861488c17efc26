// The tables of an audit, which a terminal and a page show. Pure functions; thread-safe.
#pragma once

#include <span>
#include <string>

#include "audit/findings.h"
#include "report/page.h"

namespace fovea {

// What came again: pictures, beginnings of prompts, questions.
Table again_table(const ReuseFindings& reuse);

// What each way to cache would have saved. `name` is that of the table's file. Without rows where there are
// none.
Table savings_table(const SavingsFindings& savings, std::span<const SavingsRow> rows, std::string name,
                    std::string caption);
Table levels_table(const SavingsFindings& savings);
Table sizes_table(const SavingsFindings& savings);
Table tiers_table(const SavingsFindings& savings);

// The reuse of each client, route or model; `what` is one of these words.
Table reuse_by_table(std::span<const ReuseBy> rows, const std::string& what);

// What keeps requests from being found, the costliest first.
Table spoilers_table(std::span<const Spoiler> spoilers);

}  // namespace fovea
