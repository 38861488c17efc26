// asked_questions FLEET.json: the requests of a fleet's load, in the order in which it asks them, as lines of
// "picture question". bench/fleet/real_fleet.py sends these to real nodes, so that they are asked what
// simulated ones are.
#include <print>

#include "cluster/fleet_file.h"
#include "or_exit.h"
#include "workload/workload.h"

int main(int count, char** words) {
  if (count != 2) {
    std::println(stderr, "usage: asked_questions FLEET.json");
    return 2;
  }
  const fovea::Fleet fleet = fovea::bench::or_exit(fovea::read_fleet(words[1], FOVEA_SOURCE_DIR "/samples"));
  for (const auto& asked : fovea::generate_questions(fleet.load.workload, fleet.load.seed))
    std::println("{} {}", asked.picture, asked.question);
}
