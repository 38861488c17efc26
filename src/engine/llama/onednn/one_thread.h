// OneThread: while it lives, oneDNN makes primitives that compute on the thread that runs them.
//
// ggml's threads share the work (NodeWork). A primitive that was made for several threads would start them
// within each of ggml's. Belongs to the thread that makes it.
#pragma once

// Of the OpenMP library that oneDNN and ggml are linked with.
extern "C" int omp_get_max_threads(void);
extern "C" void omp_set_num_threads(int threads);

namespace fovea::llama {

class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace fovea::llama
