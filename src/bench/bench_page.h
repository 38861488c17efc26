// bench_page: the report on benches, made from their raw results alone.
//
// Each chapter is made in a file of its own (chapter_*.cc), and is left out where there are no results for
// it. Pure functions. The groups borrow the runs that they are made of.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/result_group.h"
#include "report/page.h"

namespace fovea {

struct BenchPrices {
  std::optional<double> per_gpu_hour;         // of the machine that computes
  std::optional<double> per_1k_image_tokens;  // what a provider charges
  std::optional<double> watts;                // of the machine while it computes
};

// What policies save of all compute (0 to 1) on one load under budgets too small for it, found by replay.
struct PressureStudy {
  struct Policy {
    std::string name;
    std::vector<std::vector<double>> saved;  // by budget, then by seed; the seeds are the same for all policies
  };
  std::string load;             // a sentence: what was replayed
  std::vector<double> budgets;  // shares of the working set, rising
  std::vector<Policy> policies;
  std::vector<std::vector<double>> ceiling;  // by budget and seed: what no policy can exceed
};

// What a fixed budget is worth as the number of images grows: the share of compute saved, by number of
// images.
struct GrowthStudy {
  std::string load;
  struct Point {
    double pictures = 0;
    Estimate saved;
    double working_set_bytes = 0;
  };
  std::vector<Point> points;
};

struct BenchPageInput {
  std::string title = "Fovea bench";
  std::vector<BenchGroup> groups;
  BenchPrices prices;
  std::optional<PressureStudy> pressure;
  std::optional<GrowthStudy> growth;
};

Page bench_page(const BenchPageInput& input);

// The chapters. Each appends to `page`.
void add_paper_chapter(Page& page, const BenchGroup& group);
void add_policies_chapter(Page& page, const std::vector<BenchGroup>& groups);
void add_scenario_chapter(Page& page, const BenchGroup& group);
void add_pressure_chapter(Page& page, const PressureStudy& study);
void add_growth_chapter(Page& page, const GrowthStudy& study);
void add_money_chapter(Page& page, const std::vector<BenchGroup>& groups, const BenchPrices& prices);
void add_method_chapter(Page& page, const std::vector<BenchGroup>& groups);

}  // namespace fovea
