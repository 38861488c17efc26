// Workload: the recipe of a synthetic question-and-answer load, read from a JSON file. Traces are made from
// it.
//
// A recipe says how people ask: how many pictures there are, how popular they are, how often a question is
// repeated, whether pictures come in bursts, scans or rounds, or become less popular with time, and which
// models of which sizes and costs answer. One recipe and one seed give one trace, on every machine.
// samples/workloads has the recipes that replay, the tests and docs/policies.md share. Plain values; pure
// functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/result.h"
#include "trace/trace.h"
#include "trace/trace_source.h"

namespace fovea {

// A model that answers requests about a share of the pictures: the sizes and costs of its entries.
struct WorkloadModel {
  double share = 1;  // relative to the other models of the workload
  std::uint64_t embedding_bytes = 2 << 20;
  std::uint64_t response_bytes = 1024;  // of a usual answer; answers have a quarter to four times this
  double encode_ms = 1000;              // what an embedding hit saves
  double generate_ms = 400;             // a response hit saves both
  double picture_spread = 0;  // pictures vary in bytes and cost together, up to 2^spread times more or less (tiles)
};

// Who asks: sessions, each of which goes from picture to picture in its own way.
struct SessionPlan {
  std::uint32_t count = 0;    // at the same time; 0 = requests belong to none, and what follows means nothing
  std::uint32_t length = 20;  // requests of one, half to one and a half times that; then another one begins
  // "free": any picture, by its popularity. "pages": the pictures are pages of documents, read in their
  // order; popular are documents. "rounds": each session asks about cameras of its own in turn, and a picture
  // is a new one with chance `round_change`. "links": from each picture people go on to four others, of which
  // the first is the most popular by little or by far. "once": a new picture each time.
  std::string steps = "free";
  std::uint32_t pages = 10;          // of a document
  std::uint32_t order_readings = 0;  // after so many readings, a document's pages have another order; 0 = never
  double jump = 0;                   // chance of going anywhere else than the order says
  double stay = 0;                   // chance of another question about the same picture
};

struct Workload {
  std::string name;
  std::string about;  // one sentence for tables
  std::uint32_t requests = 250;
  std::uint32_t images = 50;     // the standing pictures; bursts and scans add others
  std::uint32_t questions = 15;  // the pool of questions of one picture

  // With chance `repeat`, a request repeats an earlier one exactly. Otherwise it asks a question of the pool
  // about a picture drawn by Zipf's law. The share `same_image` of all requests is about a picture of an
  // earlier request (the paper, VI.A: 0.3, 0.4 and the rest free; its images follow Zipf 1.2).
  double repeat = 0.3;
  double same_image = 0.4;
  double zipf = 1.2;  // 0 = all pictures are equally popular

  // Every `drift_every` requests (0 = never) `drift_share` of the pictures change places in the order of
  // popularity.
  std::uint32_t drift_every = 0;
  double drift_share = 0;

  // With chance `burst_chance` a request begins a burst: a new picture with about `burst_length` requests
  // (half to one and a half times that). Each next request belongs to a burst with chance `burst_pace`.
  double burst_chance = 0;
  std::uint32_t burst_length = 5;
  double burst_pace = 0.2;

  // Every `scan_every` requests (0 = never), `scan_length` new pictures come with one question each, and
  // never again.
  std::uint32_t scan_every = 0;
  std::uint32_t scan_length = 0;

  // The pictures come one after another, in rounds, like the frames of cameras. Each time, with chance
  // `round_change`, the picture is a new one.
  bool rounds = false;
  double round_change = 0;

  // Where there are sessions, all requests come from them, and `repeat`, `same_image`, drift, bursts, scans
  // and `rounds` mean nothing.
  SessionPlan sessions;

  // How well the importance of an entry predicts the popularity of its picture: about the rank correlation,
  // -1 to 1.
  double importance_correlation = 0;

  std::vector<WorkloadModel> models = {WorkloadModel{}};
};

// What is wrong with `workload`, or null. For callers that change one after it was read.
const char* complaint_about(const Workload& workload);

// The recipe in `json`. Every field but the name may be left out. Unknown fields are faults.
// Faults: invalid (with the field, or the place in the text).
Result<Workload> parse_workload(std::string_view json);

// The recipe in the file at `path`. Faults: not_found, too_large, invalid, unavailable; the sentence begins
// with the file.
Result<Workload> read_workload(const std::string& path);
Result<Workload> read_workload(TraceSource& source);

// The trace of `workload` with `seed`. Each request is a response look-up and the look-up of its picture's
// embedding. REQUIRES: a workload that parse_workload would accept.
Trace generate_trace(const Workload& workload, std::uint64_t seed);

// One request of a workload: a picture, and a question of its pool.
struct AskedQuestion {
  std::uint32_t picture = 0;  // by number; those after the first `images` are new ones
  std::uint32_t question = 0;
  std::uint32_t session = 0;  // who asks, by number; 0 = there are no sessions
};

// The requests that generate_trace() makes look-ups from, in order. REQUIRES: as generate_trace().
std::vector<AskedQuestion> generate_questions(const Workload& workload, std::uint64_t seed);

}  // namespace fovea
