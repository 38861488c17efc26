// read_vllm_log: the log of a vLLM server, as far as it goes: prompts as they were rendered, and sampling
// parameters. It has no pictures, no clients and no times of answers.
#pragma once

#include "audit/log/log_run.h"
#include "fovea/result.h"

namespace fovea {

// Hands out the requests of `source`. Two forms are read: "Received request ID: prompt: '...', params:
// SamplingParams(...)", and of newer servers "Request ID details: prompt: '...'" before "Received request ID:
// params: SamplingParams(...)". Requests without their prompts are counted as other entries.
// Faults: unavailable.
Result<void> read_vllm_log(TraceSource& source, LogRun& run);

}  // namespace fovea
