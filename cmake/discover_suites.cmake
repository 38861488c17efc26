# Writes one ctest test for each test suite of a Google Test program into OUTPUT, with PROPERTIES:
#   cmake -D PROGRAM=FILE -D NAME=PREFIX -D OUTPUT=FILE -D PROPERTIES=LIST -P discover_suites.cmake
#
# CMake's own gtest_discover_tests starts a process for each test. Where a process takes longer to start than
# most tests take to run (a sanitizer, a hundred libraries, a model), that is most of the time.

execute_process(COMMAND ${PROGRAM} --gtest_list_tests OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "(^|\n)[A-Za-z0-9_/]+\\." lines "${listed}")
if(NOT lines)
  message(FATAL_ERROR "${PROGRAM} lists no tests")
endif()
set(script)
foreach(line IN LISTS lines)
  string(REGEX REPLACE "[\n.]" "" suite "${line}")
  string(APPEND script "add_test([==[${NAME}.${suite}]==] [==[${PROGRAM}]==] [==[--gtest_filter=${suite}.*]==])\n"
    "set_tests_properties([==[${NAME}.${suite}]==] PROPERTIES ${PROPERTIES})\n")
endforeach()
file(WRITE ${OUTPUT} "${script}")
