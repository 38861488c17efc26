// The body is copied once its answer is given, since the exchange's own memory goes back to the connections
// then. All else happens on the thread: a picture takes milliseconds to decode, and a busy server has no
// processor to spare for it, so the thread is nice and what does not fit is dropped.
#include "serve/audit/traffic_recorder.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <new>
#include <utility>

#include "audit/log/client_name.h"
#include "base/background_thread.h"
#include "base/clock.h"
#include "serve/audit/reply_usage.h"
#include "serve/audit/salt.h"

namespace fovea::serve {

namespace {

constexpr double pause_ms = 30'000;  // between tries to write a folder that could not be written
constexpr std::chrono::seconds drain_max{5};
// Of what was not answered whole: as nginx has it in its logs. An audit counts it as failed.
constexpr std::uint16_t client_closed_request = 499;

// Who asks, by the operator's own name for it; without tenants, by the program that asks, without its
// comments: "OpenAI/Python 1.99.0".
std::string client_of(const Exchange& exchange, const Tenant& tenant) {
  if (!tenant.name.empty()) return client_name(tenant.name);
  const std::string_view agent = exchange.header("user-agent");
  return client_name(agent.substr(0, agent.find(" (")));
}

std::optional<std::uint32_t> count32(const std::optional<std::uint64_t>& count) {
  return count ? std::optional(static_cast<std::uint32_t>(std::min<std::uint64_t>(*count, UINT32_MAX))) : std::nullopt;
}

void add_reply(const SeenReply& reply, AuditedRequest& request) {
  const bool whole = reply.status != 0 && !reply.broken;
  request.status = whole ? static_cast<std::uint16_t>(reply.status) : client_closed_request;
  request.duration_ms = reply.total_ms;
  if (reply.streamed) request.first_token_ms = reply.first_byte_ms;
  const ReplyUsage usage = reply_usage(reply.head, reply.tail);
  request.prompt_tokens = count32(usage.prompt_tokens);
  request.cached_tokens = count32(usage.cached_tokens);
  request.answer_tokens = count32(usage.answer_tokens);
}

}  // namespace

Result<std::unique_ptr<TrafficRecorder>> TrafficRecorder::open(TrafficRecorderOptions options, Forms forms) {
  auto folder = AuditFolder::open(options.folder, options.bytes_max);
  if (!folder) return std::unexpected(folder.error());
  return std::unique_ptr<TrafficRecorder>(
      new TrafficRecorder(std::move(options), std::move(*folder), std::move(forms)));
}

TrafficRecorder::TrafficRecorder(TrafficRecorderOptions options, std::unique_ptr<AuditFolder> folder, Forms forms)
    : options_(std::move(options)),
      forms_(std::move(forms)),
      folder_(std::move(folder)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
  MutexLock lock(mutex_);
  counts_.bytes = folder_->bytes();
}

TrafficRecorder::~TrafficRecorder() {
  thread_.request_stop();
  thread_.join();
}

bool TrafficRecorder::records(std::string_view method, std::string_view path) {
  constexpr std::array<std::string_view, 4> known = {"/v1/chat/completions", "/v1/responses", "/v1/messages",
                                                     "/v1/completions"};
  return method == "POST" && std::ranges::contains(known, path);
}

void TrafficRecorder::add(const WatchedExchange& exchange, const Tenant& tenant, double asked_unix_ms) {
  const std::string_view body = exchange.body();
  if (!take_room(body.size())) return;  // before the copy, which takes memory too
  try {
    Task task{.asked_unix_ms = asked_unix_ms,
              .route = std::string(exchange.path()),
              .client = client_of(exchange, tenant),
              .body = std::string(body),
              .reply = exchange.seen()};
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  } catch (const std::bad_alloc&) {
    return give_back(body.size(), &TrafficRecorded::dropped);
  }
  pushed_.notify_one();
}

bool TrafficRecorder::take_room(std::uint64_t bytes) {
  MutexLock lock(mutex_);
  const bool fits = bytes <= options_.body_bytes_max && waiting_bytes_ + bytes <= options_.queue_bytes_max;
  if (counts_.waiting >= options_.queue_requests_max || !fits) {
    ++counts_.dropped;
    return false;
  }
  waiting_bytes_ += bytes;
  ++counts_.waiting;
  return true;
}

void TrafficRecorder::give_back(std::uint64_t bytes, std::uint64_t TrafficRecorded::* became) {
  MutexLock lock(mutex_);
  waiting_bytes_ -= bytes;
  --counts_.waiting;
  if (became != nullptr) ++(counts_.*became);
}

TrafficRecorded TrafficRecorder::counts() const {
  MutexLock lock(mutex_);
  return counts_;
}

void TrafficRecorder::run(const std::stop_token& stop) {
  run_in_background();
  std::optional<std::chrono::steady_clock::time_point> drained_by;
  for (;;) {
    Task task;
    {
      MutexLock lock(mutex_);
      pushed_.wait(mutex_, stop, [this]() FOVEA_REQUIRES(mutex_) { return !tasks_.empty(); });
      if (stop.stop_requested() && !drained_by) drained_by = std::chrono::steady_clock::now() + drain_max;
      const bool late = drained_by && std::chrono::steady_clock::now() > *drained_by;
      if (late && !tasks_.empty())
        spdlog::warn("the audit's log lacks the last {} requests: there was no time left", tasks_.size());
      if (tasks_.empty() || late) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    try {
      record(task);
      give_back(task.body.size(), nullptr);
    } catch (const std::exception& error) {  // no memory for it, say
      spdlog::debug("a request is not recorded: {}", error.what());
      give_back(task.body.size(), &TrafficRecorded::unread);
    }
  }
}

void TrafficRecorder::record(const Task& task) {
  request_ = {};
  if (!forms_.read(task.route, task.body, request_)) {
    MutexLock lock(mutex_);
    ++counts_.unread;
    return;
  }
  request_.time_ms = task.asked_unix_ms;
  request_.client = task.client;
  request_.route = task.route;
  add_reply(task.reply, request_);
  salt(request_, folder_->secret());
  write(forms_.line(request_), task.asked_unix_ms);
}

void TrafficRecorder::write(const std::string& line, double unix_ms) {
  const double now_ms = Clock::steady().now_ms();
  const bool tries = !failing_ || now_ms >= try_again_at_ms_;
  const auto written = tries ? folder_->append(line, unix_ms) : fail(Fault::unavailable, "");
  if (!written && written.error().fault == Fault::unavailable && tries) {
    if (!failing_) spdlog::error("requests are answered and not recorded: {}", written.error().message);
    failing_ = true;
    try_again_at_ms_ = now_ms + pause_ms;
  } else if (written && failing_) {
    spdlog::info("requests are recorded again");
    failing_ = false;
  }
  MutexLock lock(mutex_);
  ++(written ? counts_.recorded : counts_.unwritten);
  counts_.bytes = folder_->bytes();
}

}  // namespace fovea::serve
