// ggml ends the process where an assertion fails, which hostile files and damaged models can bring about. Its
// abort callback throws instead, through ggml's own frames. That is only safe on a thread that called the
// library itself: on a worker thread of the library nothing could catch it, so there the process still ends.
#include "engine/llama/backend.h"

#include <ggml-backend.h>
#include <llama.h>
#include <mtmd-helper.h>
#include <mtmd.h>

#include <format>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/mutex.h"

namespace fovea::llama {

namespace {

constexpr std::size_t complaint_bytes_max = 600;  // the last lines say what failed; a person reads no more

Mutex complaint_mutex;
std::string complaint FOVEA_GUARDED_BY(complaint_mutex);
thread_local int guards_on_this_thread = 0;

void keep_complaint(ggml_log_level level, const char* text, void*) {
  if (level != GGML_LOG_LEVEL_ERROR && level != GGML_LOG_LEVEL_WARN && level != GGML_LOG_LEVEL_CONT) return;
  MutexLock lock(complaint_mutex);
  if (level == GGML_LOG_LEVEL_CONT && complaint.empty()) return;
  complaint += text;
  if (complaint.size() > complaint_bytes_max) complaint.erase(0, complaint.size() - complaint_bytes_max);
}

// ggml calls this before it aborts, and aborts if it returns. The frames in between are C++ or compiled with
// unwind tables, so the exception passes through them.
void throw_if_guarded(const char* message) {
  if (guards_on_this_thread > 0) throw Abort(message);
}

}  // namespace

void start_backend() {
  static std::once_flag once;
  std::call_once(once, [] {
    llama_log_set(keep_complaint, nullptr);
    mtmd_helper_log_set(keep_complaint, nullptr);
    ggml_set_abort_callback(throw_if_guarded);
    ggml_backend_load_all();
    llama_backend_init();
  });
}

std::string take_complaint() {
  MutexLock lock(complaint_mutex);
  std::string text = std::exchange(complaint, {});
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::unexpected<Error> engine_failure(std::string_view doing, std::string_view why) {
  const std::string reason = why.empty() ? take_complaint() : std::string(why);
  return fail(Fault::internal, std::format("llama.cpp failed {}{}{}", doing, reason.empty() ? "" : ": ", reason));
}

AbortGuard::AbortGuard() { ++guards_on_this_thread; }
AbortGuard::~AbortGuard() { --guards_on_this_thread; }

}  // namespace fovea::llama
