// Profile: what one machine does with one model or two, in numbers that were measured on it.
//
// `fovea profile` measures and writes it; `fovea serve` and `fovea replay` read it. Everything else in this
// room is computed from these numbers. Times are in milliseconds: means in LoadTimes, medians elsewhere.
// Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

// A step of the decoder that takes so many tokens.
struct BatchTime {
  std::uint32_t tokens = 0;
  double ms = 0;
};

// The model under a number of threads.
struct ThreadTime {
  std::uint32_t threads = 0;
  double encode_ms = 0;   // a tile
  double prefill_ms = 0;  // a prompt of text, the same for all numbers of threads
  double decode_ms = 0;   // a token
};

// The decoder's state behind a picture, copied out of the decoder and into it again.
struct StateTime {
  std::uint64_t bytes = 0;
  std::uint32_t tokens = 0;  // that the state stands for
  double out_ms = 0;
  double in_ms = 0;
};

// How busy a part of the work keeps the processors. What the system does not count is absent.
struct DeviceUse {
  double processors = 0;  // busy on the average
  std::optional<double> instructions_per_cycle;
  std::optional<double> cache_misses_per_ms;  // of the last level
};

// The questions of the paper's load about pictures of one size: what a request without a cache consists of.
struct LoadTimes {
  std::uint32_t width = 0, height = 0;
  double prompt_tokens = 0;  // means over the questions that were asked
  double image_tokens = 0;
  double answer_tokens = 0;
  double steps = 0;            // that decoding the answer takes
  double generate_ms = 0;      // these steps; the first ones behind a prompt take longer than later ones
  double open_ms = 0;          // the file's bytes to pixels, and their key
  double preprocess_ms = 0;    // all tiles of a picture
  double hash_ms = 0;          // likewise; only caching needs it
  double encode_ms = 0;        // likewise; of tiles that are equal, each one
  double encode_once_ms = 0;   // likewise; of tiles that are equal, one
  double prefill_ms = 0;       // the whole prompt
  double question_ms = 0;      // the prompt behind the picture, whose state is there
  double around_ms = 0;        // what a request takes besides all of these
  double known_around_ms = 0;  // likewise, where the picture's embeddings are known
  double hit_ms = 0;           // a stored answer
};

struct ModelTimes {
  std::string name;
  std::string vision_fingerprint;  // hexadecimal
  std::string text_fingerprint;
  std::uint64_t decoder_bytes = 0;  // weights of the decoder
  std::uint64_t parameters = 0;
  double load_ms = 0;
  std::uint64_t memory_bytes = 0;  // the most that the process had while this model was measured; 0 = unknown
  std::uint32_t tiles = 0;         // of a picture of the load
  std::uint64_t tile_bytes = 0;    // of a tile's embedding
  std::uint32_t width = 0;         // numbers in a visual token
  double encode_ms = 0;            // a tile
  double image_prefill_ms = 0;     // a tile's embedding into the decoder
  std::vector<BatchTime> prefill;  // prompts of text by their length, each whole
  std::vector<BatchTime> batches;  // one token each of so many answers: what drafts and slots make of a step
  std::optional<StateTime> state;
  std::string state_obstacle;  // why there is none
  LoadTimes load;
  DeviceUse encoding, decoding;
  std::vector<ThreadTime> threads;  // the last one: as many as everything else was measured with
  std::optional<std::uint32_t> context_tokens = std::nullopt;  // of the decoder; absent in older files
  std::optional<std::string> kernels = std::nullopt;           // likewise; which compute pictures and long prompts

  // A token of one answer, without drafts.
  double decode_ms() const { return batches.empty() ? 0 : batches.front().ms; }
};

// Copying memory with two reads and a write for each number, a[i] = b[i] + s * c[i].
struct BandwidthAt {
  std::uint32_t threads = 0;
  double bytes_per_ms = 0;
};

// A place of entries besides memory. What `bytes` take is wait_ms + bytes / bytes_per_ms.
struct TierTime {
  std::string kind;  // to_string(TierKind)
  double wait_ms = 0;
  double bytes_per_ms = 0;        // read
  double write_bytes_per_ms = 0;  // written
};

struct Profile {
  std::uint32_t fovea_profile = 1;  // the format's version
  std::string fovea;                // that measured it
  std::string machine;
  std::string measured;  // UTC, ISO 8601
  double took_ms = 0;
  std::string counters;  // why the system gives no counters of the device; empty = it does
  std::vector<BandwidthAt> memory;
  std::vector<TierTime> tiers;
  std::vector<ModelTimes> models;  // one or two
  // Where the numbers are from, in words; absent where `fovea profile` measured all of them.
  std::optional<std::string> source = std::nullopt;
};

}  // namespace fovea
