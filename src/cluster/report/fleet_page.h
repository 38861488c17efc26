// fleet_page: studies of fleets as a page with tables and figures. Pure; thread-safe.
#pragma once

#include <span>
#include <string>

#include "cluster/fleet_study.h"
#include "report/page.h"

namespace fovea {

// A chapter for each fleet. REQUIRES: fleets of different names.
Page fleet_page(std::span<const FleetStudy> studies, const std::string& title);

// What to write into HAProxy's file where classes of nodes differ in speed; empty where they do not.
std::string weights_advice(const Fleet& fleet);

}  // namespace fovea
