// FleetOutcome: what became of a fleet's requests, and what it took. simulate() makes it.
//
// Everything is counted from the beginning of the load, which an open load's first request follows after a
// gap, until the last request is answered or failed. Plain values. Milliseconds, except where a name says
// otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

// How a request came to its answer: what was the most that it found, and where.
enum class Way : std::uint8_t {
  response,          // a stored answer, in any tier
  joined,            // the answer of an equal request that was being computed on the same node
  prefix,            // the decoder's state behind the picture, in any tier
  embedding_memory,  // the picture's embeddings
  embedding_disk,
  embedding_shared,
  embedding_joined,  // another request was encoding the picture, on this node or elsewhere
  encoded,           // nothing
};
constexpr std::size_t ways = 8;
std::string_view to_string(Way way);  // such as "embedding_disk"

// Why a request failed.
enum class FleetFailure : std::uint8_t {
  no_node,      // every node that was asked was down
  node_died,    // the node died while it had the request, and so did the second one
  broken_off,   // the node died while it sent the answer
  node_silent,  // nothing came from the node for longer than the balancer waits
  busy,         // the node that was asked last computed as many requests as it may
};
constexpr std::size_t fleet_failures = 5;
std::string_view to_string(FleetFailure failure);

// Of the samples that there were; all 0 where there were none.
struct TimesOf {
  std::uint64_t count = 0;
  double mean_ms = 0, p50_ms = 0, p95_ms = 0, p99_ms = 0;
};

struct LookUps {
  std::uint64_t lookups = 0;  // that were made
  std::uint64_t hits = 0;
  std::uint64_t skipped = 0;  // of a tier: not worth asking, or left alone because it failed
  std::uint64_t failed = 0;   // of a tier: faults, and answers that came too late
};

// What a level did, by the place that was asked. A disk and the shared tier are asked for what was not found
// before. Tilings are not counted.
struct LevelOutcomes {
  LookUps memory, disk, shared;
};

struct LinkBytes {
  double in = 0, out = 0;  // to and from the node, or the shard
};

// The traffic of the shared tier, of all nodes together.
struct SharedTraffic {
  double fetched_bytes = 0;    // values that nodes got from it
  double written_bytes = 0;    // and gave to it
  double cancelled_bytes = 0;  // of values that came too late: what had passed until then
  std::uint64_t fetched = 0, written = 0, evicted = 0;
};

struct PrefetchOutcome {
  std::uint64_t issued = 0;
  std::uint64_t used = 0;    // found in memory before they were evicted, and in time
  std::uint64_t late = 0;    // asked for while they were on their way
  std::uint64_t wasted = 0;  // evicted, or never asked for
  std::uint64_t waited = 0;  // requests that had to wait for a tier
  double bytes = 0;          // that were moved
  double wasted_bytes = 0;   // that nobody took
};

// A second of virtual time.
struct FleetSecond {
  std::uint64_t requests = 0;  // that ended in it
  std::uint64_t failed = 0;
  std::uint64_t from_memory = 0;  // whose answer, prefix or embeddings lay in the memory of their node
  std::uint64_t encoded = 0;
  double mean_ms = 0;  // of those that were answered
  double fetched_bytes = 0;
};

struct ClassOutcome {
  std::string name;
  std::uint64_t requests = 0;
  std::uint64_t from_memory = 0;
  std::uint64_t encodes = 0;
  double encoder_busy = 0;  // shares of the time, on the average over its nodes
  double decoder_busy = 0;
  double busiest_share = 0;  // of all requests: what its busiest node got
  TimesOf times;
};

struct FleetOutcome {
  // Of the load's own requests; noisy tenants' are counted in noisy_times and noisy_failed alone.
  std::uint64_t requests = 0;  // answered + failed
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  std::array<std::uint64_t, fleet_failures> failures{};  // by FleetFailure
  std::uint64_t resent = 0;                              // requests that were sent to a second node

  // Of all requests, and so are bytes, and how busy nodes are.
  LevelOutcomes response, prefix, embedding;
  std::uint64_t encodes = 0;           // of pictures
  std::uint64_t repeated_encodes = 0;  // of pictures that some node of the same kernels had encoded before
  std::uint64_t joined = 0;            // requests that took the answer of an equal one
  std::uint64_t leases_waited = 0;     // pictures that another node was encoding

  // As the balancer sees them, of the load's own requests that were answered; noisy tenants' apart.
  TimesOf times;
  TimesOf noisy_times;
  std::uint64_t noisy_failed = 0;
  std::array<TimesOf, ways> by_way{};  // by Way
  std::uint64_t from_memory = 0;       // as in FleetSecond

  std::vector<LinkBytes> node_links;                 // by node
  std::vector<LinkBytes> shard_links;                // by shard
  double client_bytes_in = 0, client_bytes_out = 0;  // requests and answers, of all nodes
  SharedTraffic shared;
  PrefetchOutcome prefetch;
  std::uint64_t breakers_opened = 0;

  std::vector<ClassOutcome> classes;
  std::vector<FleetSecond> seconds;  // from the first request; the last ones may be missing (seconds_max)

  double virtual_seconds = 0;
  std::uint64_t messages = 0;  // that went through the simulated network, and
  std::uint64_t events = 0;    // steps of the virtual clock
  double wall_seconds = 0;     // the only number that is not the same each time

  // A share of requests, 0 where there were none.
  double share(std::uint64_t of) const {
    return answered > 0 ? static_cast<double>(of) / static_cast<double>(answered) : 0;
  }
};

// Seconds that are kept one by one: two hours.
constexpr std::size_t fleet_seconds_max = 7200;

}  // namespace fovea
