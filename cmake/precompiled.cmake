# Precompiled headers: read once for all units instead of once for each. They take most of a small unit's
# compile time.
#
# A unit still includes everything that it uses. clang-tidy reads every unit of src/ without these sets, and
# so finds an include that is missing.
#
# One set serves every target that is compiled with the same flags; a compiler refuses it where flags differ.
# So there is a set for each combination that occurs, made when a target first asks for it:
#   standard      the standard library
#   json          the same and glaze, for layers that read or write JSON
#   cold          as json, for layers that no request runs through (COLD in layers.cmake)
#   program       the same and CLI11, for the command line
#   tests         the standard library and Google Test; computing_tests: the same, optimised

option(FOVEA_PCH "Precompile the headers of the standard library, glaze, CLI11 and Google Test" ON)

set(fovea_standard_headers
  <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <condition_variable> <cstddef> <cstdint> <cstdio> <cstdlib> <deque>
  <exception> <expected> <filesystem> <format> <fstream> <functional> <limits> <map> <memory> <mutex> <numeric> <optional>
  <print> <random> <ranges> <set> <span> <sstream> <stop_token> <string> <string_view> <thread> <tuple> <type_traits>
  <unordered_map> <unordered_set> <utility> <variant> <vector>)
set(fovea_headers_standard ${fovea_standard_headers})
set(fovea_headers_json ${fovea_standard_headers} <glaze/glaze.hpp>)
set(fovea_headers_cold ${fovea_headers_json})
set(fovea_headers_program ${fovea_headers_json})
if(FOVEA_ENGINE)  # the cache library alone has no command line
  list(APPEND fovea_headers_program <CLI/CLI.hpp>)
endif()
set(fovea_headers_tests ${fovea_standard_headers} <gmock/gmock.h> <gtest/gtest.h>)
set(fovea_headers_computing_tests ${fovea_headers_tests})

# Ninja knows whether a set is up to date. clang would compare the times of the headers, which are others in
# another root, where ccache brings the set.
#
# clang's set names the checkout that it was made in, and cannot be used in another one. So it holds a header
# that differs by checkout, and ccache, which compares what was included, keeps them apart.
if(FOVEA_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Xclang> $<$<COMPILE_LANGUAGE:CXX>:-fno-pch-timestamp>)
  set(fovea_checkout_header ${PROJECT_BINARY_DIR}/generated/headers/checkout.h)
  file(CONFIGURE OUTPUT ${fovea_checkout_header} CONTENT "// ${PROJECT_SOURCE_DIR}\n")
endif()

# fovea_use_precompiled(TARGET SET): TARGET is compiled with the set's headers, in the set's flags.
function(fovea_use_precompiled target set)
  if(NOT FOVEA_PCH)
    return()
  endif()
  set(owner fovea_headers_${set})
  if(NOT TARGET ${owner})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/headers/${set}.cc CONTENT "")
    add_library(${owner} OBJECT ${PROJECT_BINARY_DIR}/generated/headers/${set}.cc)
    target_compile_options(${owner} PRIVATE ${fovea_flags_${set}})
    target_compile_definitions(${owner} PRIVATE ${fovea_definitions_${set}})
    if(set MATCHES "tests")
      set_target_properties(${owner} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_link_libraries(${owner} PRIVATE GTest::gtest GTest::gmock)  # its definitions
    endif()
    target_precompile_headers(${owner} PRIVATE ${fovea_headers_${set}} ${fovea_checkout_header})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()
