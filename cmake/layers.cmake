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

# fovea_layer(NAME SOURCES file... [DEPENDS target...] [PRIVATE_DEPENDS target...]): one static library for
# the room src/NAME (with _ for each / in the name). Foreign libraries go into PRIVATE_DEPENDS.
function(fovea_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  set(target fovea_${name})
  add_library(${target} STATIC ${LAYER_SOURCES})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
    $<INSTALL_INTERFACE:include>)
  target_link_libraries(${target} PUBLIC ${LAYER_DEPENDS} Threads::Threads
    PRIVATE ${LAYER_PRIVATE_DEPENDS} $<BUILD_INTERFACE:fovea_warnings>)
  add_library(fovea::${name} ALIAS ${target})
endfunction()

# fovea_tests(NAME SOURCES file... DEPENDS target...): one Google Test program. Each TEST is a ctest test.
# Tests run side by side, so the model's threads must sleep while they wait. Spinning threads take the
# processors from each other: 100 times slower, as measured.
function(fovea_tests name)
  cmake_parse_arguments(TESTS "" "" "SOURCES;DEPENDS" ${ARGN})
  set(target ${name}_tests)
  add_executable(${target} ${TESTS_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE ${TESTS_DEPENDS} GTest::gtest_main GTest::gmock fovea_warnings)
  target_compile_definitions(${target} PRIVATE FOVEA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${target} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600 ENVIRONMENT OMP_WAIT_POLICY=passive)
endfunction()
