// PipelineTarget: a pipeline of this process with some of its levels switched on.
//
// Several targets share one engine, so they can be asked in turns and differ only in what they store.
// Thread-safe as Target is; restart() must not run beside ask(). Borrows the engine.
#pragma once

#include <memory>
#include <optional>

#include "base/scratch_folder.h"
#include "bench/target.h"
#include "pipeline/pipeline.h"

namespace fovea {

class PipelineTarget final : public Target {
 public:
  // `levels`: "none", or some of "response", "embedding", "prefix" joined by "+". "both" is
  // response+embedding, as in the paper, "all" is all three, and "+disk" behind any of them keeps what they
  // have on a disk too, in a folder for temporary files. A policy may follow: "both:lru". Levels that are on
  // have the bytes that `options` gives them. Faults: invalid; unavailable: no disk.
  static Result<std::unique_ptr<PipelineTarget>> open(const std::string& levels, VisionLanguageEngine& engine,
                                                      PipelineOptions options);

  const std::string& name() const override { return name_; }
  std::string about() const override;
  Result<Measured> ask(const Request& request, const std::stop_token& stop) override;
  Result<void> restart() override;
  std::vector<Holding> holdings() const override;

 private:
  PipelineTarget(std::string name, VisionLanguageEngine& engine, const PipelineOptions& options,
                 std::optional<ScratchFolder> disk)
      : name_(std::move(name)), engine_(engine), options_(options), disk_(std::move(disk)) {}
  // Opens the disk, if there is one, and makes the pipeline. Faults: unavailable.
  Result<void> start();
  bool keeps_nothing() const;

  const std::string name_;
  VisionLanguageEngine& engine_;
  PipelineOptions options_;
  const std::optional<ScratchFolder> disk_;
  Tiers tiers_;
  std::unique_ptr<Pipeline> pipeline_;  // goes before its tiers
};

}  // namespace fovea
