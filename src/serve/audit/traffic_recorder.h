// TrafficRecorder: writes of each request that a server answered what `fovea audit` needs of it, behind its
// answer: hashes, sizes and times, never content.
//
// A request's body waits in a bounded queue until one thread of low priority has read it; where there is no
// room it is dropped and counted. No answer waits for any of this, and nothing of it fails a request: a
// folder that cannot be written is told once in the log, and tried again later. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "audit/audited_request.h"
#include "base/mutex.h"
#include "fovea/result.h"
#include "serve/audit/audit_folder.h"
#include "serve/audit/watched_exchange.h"
#include "serve/tenants.h"

namespace fovea::serve {

struct TrafficRecorderOptions {
  std::filesystem::path folder;
  std::uint64_t bytes_max = 1 << 30;          // of its files
  std::uint64_t queue_bytes_max = 128 << 20;  // of bodies that wait: the largest one is 64 MiB by default
  std::uint32_t queue_requests_max = 4096;
  // Of one body; a longer one is dropped. Reading JSON takes up to fourteen times its bytes.
  std::uint64_t body_bytes_max = 32 << 20;
};

// How many requests became what, since the recorder was made.
struct TrafficRecorded {
  std::uint64_t recorded = 0;
  std::uint64_t dropped = 0;    // there was no room in the queue, or it is too long
  std::uint64_t unread = 0;     // no request of any API that an audit knows
  std::uint64_t unwritten = 0;  // the folder could not be written
  std::uint64_t waiting = 0;    // in the queue now
  std::uint64_t bytes = 0;      // in the folder
};

class TrafficRecorder {
 public:
  // How bodies are read and requests written. Called on the recorder's thread only.
  struct Forms {
    // What a request to `route` with this body asks, into `request`, which is empty; false where it asks
    // nothing that is known.
    std::function<bool(std::string_view route, std::string_view body, AuditedRequest& request)> read;
    // The request as a line, with its line end.
    std::function<std::string(const AuditedRequest& request)> line;
  };

  // Faults: those of AuditFolder::open().
  static Result<std::unique_ptr<TrafficRecorder>> open(TrafficRecorderOptions options, Forms forms);

  // Waits a few seconds for what is in the queue.
  ~TrafficRecorder();
  TrafficRecorder(const TrafficRecorder&) = delete;
  TrafficRecorder& operator=(const TrafficRecorder&) = delete;

  // Whether requests to this path are recorded at all.
  static bool records(std::string_view method, std::string_view path);

  // Records a request that has been answered. Copies its body, and returns.
  void add(const WatchedExchange& exchange, const Tenant& tenant, double asked_unix_ms);

  TrafficRecorded counts() const;

 private:
  struct Task {
    double asked_unix_ms = 0;
    std::string route, client, body;
    SeenReply reply;
  };

  TrafficRecorder(TrafficRecorderOptions options, std::unique_ptr<AuditFolder> folder, Forms forms);
  bool take_room(std::uint64_t bytes);
  void give_back(std::uint64_t bytes, std::uint64_t TrafficRecorded::* became);
  void run(const std::stop_token& stop);
  void record(const Task& task);
  void write(const std::string& line, double unix_ms);

  const TrafficRecorderOptions options_;
  const Forms forms_;
  mutable Mutex mutex_;
  std::condition_variable_any pushed_;
  std::deque<Task> tasks_ FOVEA_GUARDED_BY(mutex_);
  std::uint64_t waiting_bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
  TrafficRecorded counts_ FOVEA_GUARDED_BY(mutex_);
  // Of the recorder's thread.
  const std::unique_ptr<AuditFolder> folder_;
  AuditedRequest request_;
  double try_again_at_ms_ = 0;  // after a failure
  bool failing_ = false;
  std::jthread thread_;  // last, so that it is joined first
};

}  // namespace fovea::serve
