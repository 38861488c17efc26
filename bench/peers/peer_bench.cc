// peer_bench: Fovea's side of bench/peers/peers.py: answers requests that arrive as lines of JSON, several at
// once.
//
//   peer_bench [--model FILE --mmproj FILE] [--clients N] [--parallel N] [--ctx-size TOKENS] [--threads N]
//              [--no-cache]
//
// A request is one line on standard input, and each finished one is a line on standard output, in whatever
// order they finish:
//
//   {"id":1,"messages":[{"role":"user","parts":[{"image":"a"},{"text":"?"}]}],"max_tokens":9,"times":true}
//   {"id":1,"total_ms":31.2,"first_token_ms":20.1,"text":"...","response":"miss","prefix":"hit",...}
//
// Times start when the line was read, so they include the wait for a free client thread. Pictures are read
// from their files for every request, as they would come from a socket. The program ends at the end of its
// input, once every request is answered.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <format>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <print>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/output/json_line.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "model_run.h"
#include "pipeline/pipeline.h"

namespace json {  // glaze needs types with linkage to read the names of fields

struct Part {
  std::optional<std::string> text, image;  // one of them; an image is a file's path
};

struct Message {
  std::string role;
  std::vector<Part> parts;
};

struct Request {
  std::uint64_t id = 0;
  std::vector<Message> messages;
  std::int32_t max_tokens = 20;
  bool times = false;  // report when each piece of the answer's text came
};

struct Answer {
  std::uint64_t id;
  double total_ms, first_token_ms;
  std::string text;
  std::int32_t prompt_tokens, answer_tokens, cached_tokens;
  std::string response, prefix, embedding;
  std::optional<std::vector<double>> token_ms;
};

struct Failure {
  std::uint64_t id;
  std::string error;
};

}  // namespace json

namespace {

using namespace fovea;

constexpr int clients_max = 64;  // threads; a benchmark on two processors needs a handful

// A request's line, and a clock that started when it arrived.
struct Job {
  std::string line;
  Stopwatch since_start;
};

// Jobs that wait for a client thread. The writer of the lines bounds its length: peers.py has one request in
// flight for each of its own threads.
class JobQueue {
 public:
  void push(Job job) {
    const MutexLock lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }
  // Says that no further job will come.
  void close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  // The next job, waited for; nullopt once the queue is closed and empty.
  std::optional<Job> pop() {
    const MutexLock lock(mutex_);
    while (jobs_.empty() && !closed_) changed_.wait(mutex_);
    if (jobs_.empty()) return std::nullopt;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

 private:
  Mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> jobs_ FOVEA_GUARDED_BY(mutex_);
  bool closed_ FOVEA_GUARDED_BY(mutex_) = false;
};

template <typename T>
void write_line(const T& object) {
  static Mutex one_at_a_time;
  const std::string line = app::json_line(object) + "\n";
  const MutexLock lock(one_at_a_time);
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

Result<ImageSource> read_picture(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return fail(Fault::not_found, std::format("{}: cannot be read", path));
  return ImageSource{Blob::copy_of(bytes), path};
}

Result<Request> request_of(const json::Request& written, bool cache) {
  Request request{.options = {.max_tokens = written.max_tokens}, .cache = {cache, cache}};
  for (const json::Message& message : written.messages) {
    request.messages.push_back({message.role, {}});
    std::vector<PromptPart>& parts = request.messages.back().parts;
    for (const json::Part& part : message.parts) {
      if (part.text) parts.emplace_back(*part.text);
      if (!part.image) continue;
      auto picture = read_picture(*part.image);
      if (!picture) return std::unexpected(picture.error());
      parts.emplace_back(ImageSlot{request.sources.size()});
      request.sources.push_back(std::move(*picture));
    }
  }
  return request;
}

json::Answer line_of(std::uint64_t id, Answer answer, const std::vector<double>& token_ms, double total_ms) {
  const RequestReport& report = answer.report;
  return {.id = id,
          .total_ms = total_ms,
          .first_token_ms = token_ms.empty() ? total_ms : token_ms.front(),
          .text = std::move(answer.text),
          .prompt_tokens = answer.prompt_tokens,
          .answer_tokens = answer.answer_tokens,
          .cached_tokens = report.cached_tokens,
          .response = std::string(to_string(report.response)),
          .prefix = std::string(to_string(report.prefix)),
          .embedding = std::string(to_string(report.embedding)),
          .token_ms = {}};
}

void answer(Pipeline& pipeline, const Job& job, bool cache) {
  json::Request written;
  if (const auto error = glz::read_json(written, job.line))
    return write_line(json::Failure{written.id, glz::format_error(error, job.line)});
  const auto request = request_of(written, cache);
  if (!request) return write_line(json::Failure{written.id, request.error().message});
  // A client sees text, not tokens: a token whose bytes are not a whole character yet does not count.
  std::vector<double> token_ms;
  const Listener listener{.on_text = [&](std::string_view) { token_ms.push_back(job.since_start.elapsed_ms()); },
                          .on_token = {},
                          .on_encode = {}};
  auto answered = pipeline.answer(*request, listener);
  if (!answered) return write_line(json::Failure{written.id, answered.error().message});
  json::Answer line = line_of(written.id, std::move(*answered), token_ms, job.since_start.elapsed_ms());
  if (written.times) line.token_ms = std::move(token_ms);
  write_line(line);
}

// Answers requests until the input ends.
void serve(Pipeline& pipeline, int client_count, bool cache) {
  JobQueue queue;
  std::vector<std::jthread> clients;
  for (int i = 0; i < client_count; ++i) {
    clients.emplace_back([&] {
      while (const auto job = queue.pop()) answer(pipeline, *job, cache);
    });
  }
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) queue.push({std::move(line), Stopwatch()});
  }
  queue.close();
}

}  // namespace

int main(int count, char** arguments) {
  bench::ModelRun run;
  int clients = 4;
  bool no_cache = false;
  CLI::App flags(
      "Fovea's side of bench/peers/peers.py: requests come as lines of JSON on standard input, answers leave as such");
  run.add_model(flags);
  flags.add_option("--clients", clients, "Threads that answer")
      ->check(CLI::Range(1, clients_max))
      ->capture_default_str();
  flags.add_option("--parallel", run.engine.parallel, "Requests in the decoder at the same time")
      ->check(CLI::Range(1U, llama::LlamaOptions::parallel_max))
      ->capture_default_str();
  flags.add_option("--ctx-size", run.engine.ctx_size, "Tokens of all requests together; 0 = the model's, at most 8192");
  flags.add_flag("--no-cache", no_cache, "Keep nothing");
  CLI11_PARSE(flags, count, arguments);
  const auto engine = bench::or_exit(llama::LlamaEngine::open(run.engine));
  PipelineOptions options;
  if (no_cache) options = {.embedding_bytes_max = 0, .prefix_bytes_max = 0, .response_bytes_max = 0};
  Pipeline pipeline(*engine, options);
  serve(pipeline, clients, !no_cache);
  return 0;
}
