# fovea_layer and fovea_tests: how a room of src/ and its tests are declared. Every source is listed, so that
# a file that no build compiles is noticed.

find_package(Threads REQUIRED)

add_library(fovea_warnings INTERFACE)
target_compile_options(fovea_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(fovea_warnings INTERFACE -Wthread-safety)
endif()

if(FOVEA_SANITIZE)
  add_compile_options(-fsanitize=${FOVEA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FOVEA_SANITIZE})
endif()

include(cmake/precompiled.cmake)

# A layer that is COLD has nothing that a request runs through: at -O3 its compiler took a third longer. Tests
# are compiled for one run, at -O0: -O1 took half of their compiler's time. So it did for COLD layers and for
# those of JSON under a sanitizer. Tests that COMPUTE much, beside a model of a cache say, have -O1.
set(fovea_flags_json $<$<NOT:$<CONFIG:Release>>:-O0>)
set(fovea_flags_cold $<IF:$<CONFIG:Release>,-O1,-O0>)
set(fovea_flags_program ${fovea_flags_cold})
set(fovea_flags_tests -O0)
set(fovea_flags_computing_tests $<$<CONFIG:Release>:-O1>)
set(fovea_definitions_program CLI11_COMPILE)  # src/app/CMakeLists.txt

# fovea_layer(NAME [COLD | PROGRAM | JSON] SOURCES file... [DEPENDS target...] [PRIVATE_DEPENDS target...])
# One static library for the layer src/NAME (a name with _ for each /). Foreign libraries go into
# PRIVATE_DEPENDS. JSON: many of its sources use glaze.
# PROGRAM: it is cold, and has the command line.
function(fovea_layer name)
  cmake_parse_arguments(LAYER "COLD;PROGRAM;JSON" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  set(target fovea_${name})
  add_library(${target} STATIC ${LAYER_SOURCES})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
    $<INSTALL_INTERFACE:include>)
  target_link_libraries(${target} PUBLIC ${LAYER_DEPENDS} Threads::Threads
    PRIVATE ${LAYER_PRIVATE_DEPENDS} $<BUILD_INTERFACE:fovea_warnings>)
  set(headers standard)
  if(LAYER_PROGRAM)
    set(headers program)
  elseif(LAYER_COLD)
    set(headers cold)
  elseif(LAYER_JSON)
    set(headers json)
  endif()
  target_compile_options(${target} PRIVATE ${fovea_flags_${headers}})
  target_compile_definitions(${target} PRIVATE ${fovea_definitions_${headers}})
  fovea_use_precompiled(${target} ${headers})
  add_library(fovea::${name} ALIAS ${target})
endfunction()

# fovea_tests(NAME [COMPUTES] SOURCES file... DEPENDS target...)
# One Google Test program; each suite in it is a ctest test (discover_suites.cmake). Tests run side by side,
# where the model's threads must sleep while they wait: spinning, they would take the processors from each
# other (100 times slower, seen).
function(fovea_tests name)
  cmake_parse_arguments(TESTS "COMPUTES" "" "SOURCES;DEPENDS" ${ARGN})
  set(target ${name}_tests)
  set(headers tests)
  if(TESTS_COMPUTES)
    set(headers computing_tests)
  endif()
  add_executable(${target} ${TESTS_SOURCES})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)  # as the precompiled headers of tests
  target_compile_options(${target} PRIVATE ${fovea_flags_${headers}})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)  # at -O1 it is wrong about std::vector
  endif()
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE ${TESTS_DEPENDS} GTest::gtest_main GTest::gmock fovea_warnings)
  target_compile_definitions(${target} PRIVATE FOVEA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  fovea_use_precompiled(${target} ${headers})

  set(suites ${CMAKE_CURRENT_BINARY_DIR}/${target}.suites.cmake)
  add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS ${suites} VERBATIM
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${target}> -D NAME=${name} -D OUTPUT=${suites}
      -D "PROPERTIES=TIMEOUT 1800 ENVIRONMENT OMP_WAIT_POLICY=passive" -P ${PROJECT_SOURCE_DIR}/cmake/discover_suites.cmake)
  set(included ${CMAKE_CURRENT_BINARY_DIR}/${target}.include.cmake)
  file(WRITE ${included} "include([==[${suites}]==] OPTIONAL RESULT_VARIABLE found)\n"
    "if(NOT found)\n  add_test(${target}_not_built ${target}_not_built)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${included})
endfunction()
