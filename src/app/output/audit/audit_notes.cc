#include "app/output/audit/audit_notes.h"

#include <format>

#include "report/number_text.h"

namespace fovea::app {

std::vector<std::string> audit_notes(std::span<const LogSummary> logs) {
  LogSummary all;
  for (const LogSummary& log : logs) {
    all.requests += log.requests;
    all.bad_entries += log.bad_entries;
    all.other_entries += log.other_entries;
    all.pictures += log.pictures;
    all.pictures_by_url += log.pictures_by_url;
    all.undecoded += log.undecoded;
    all.undecodable += log.undecodable;
    if (all.first_bad.empty()) all.first_bad = log.first_bad;
  }
  std::vector<std::string> notes;
  if (all.bad_entries > 0)
    notes.push_back(std::format("{} of {} entries are no requests and are left out; the first is {}",
                                count_text(all.bad_entries), count_text(all.bad_entries + all.requests),
                                all.first_bad));
  if (all.other_entries > 0)
    notes.push_back(std::format("{} entries are something else than questions to a model, and are left out.",
                                count_text(all.other_entries)));
  if (all.pictures_by_url > 0)
    notes.push_back(
        std::format("{} of {} pictures are known by their address alone, which was not asked: the same "
                    "picture by two addresses counts as two.",
                    count_text(all.pictures_by_url), count_text(all.pictures)));
  if (all.undecoded > 0)
    notes.push_back(std::format("{} of {} pictures were compared by their files alone.", count_text(all.undecoded),
                                count_text(all.pictures)));
  if (all.undecodable > 0)
    notes.push_back(
        std::format("{} of {} pictures could not be decoded.", count_text(all.undecodable), count_text(all.pictures)));
  return notes;
}

}  // namespace fovea::app
