// LogRun: what the readers of one log share: the request that they write, what is known of pictures, and the
// counts.
//
// A reader asks for a fresh() request, fills it, and hands it out; or says what an entry is instead. Not
// thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "audit/audited_request.h"
#include "audit/log/content/picture_reader.h"
#include "audit/log/log_entries.h"
#include "audit/read_log.h"

namespace fovea {

class LogRun {
 public:
  // All must outlive it.
  LogRun(const LogOptions& options, const EachRequest& each, const Progress& progress);

  PictureReader& pictures() { return pictures_; }
  // The request to be filled, emptied.
  AuditedRequest& fresh();
  void hand_out();
  // An entry that is something else than a request.
  void pass_over() { ++summary_.other_entries; }
  // An entry that should be a request and is none: why, behind "it is" or as a sentence of its own.
  void refuse(const std::string& place, std::string_view why);
  // Called for each entry; tells the progress now and then.
  void report(double fraction_read);

  LogSummary& summary() { return summary_; }
  // With the counts of pictures.
  LogSummary finished() const;

 private:
  const EachRequest& each_;
  const Progress& progress_;
  PictureReader pictures_;
  AuditedRequest request_;
  LogSummary summary_;
  std::uint64_t reports_ = 0;
};

// Empties it; its memory stays.
void clear(AuditedRequest& request);

}  // namespace fovea
