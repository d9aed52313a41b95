# What every target of this project shares.

add_library(bdsh_options INTERFACE)
target_include_directories(bdsh_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(bdsh_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
# g++ 12 at -O2 and above sees overlaps in std::string's own operator+ (GCC bug 105651).
target_compile_options(bdsh_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# At -O3 it takes the inactive members of a std::variant of strings for uninitialised reads (bug 80635).
target_compile_options(bdsh_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
# -fstack-protector and fortification as Debian's own packages are built.
if(NOT BDSH_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(bdsh_options INTERFACE -fstack-protector-strong)
  target_compile_definitions(bdsh_options INTERFACE _FORTIFY_SOURCE=2)
endif()
# Null and misaligned pointers: ASan reports the bad access itself, and checking each one beforehand
# doubles the time that compiling takes.
if(BDSH_SANITIZE)
  target_compile_options(bdsh_options INTERFACE -fsanitize=address,undefined
    -fno-sanitize=null,alignment -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(bdsh_options INTERFACE -fsanitize=address,undefined)
endif()
if(BDSH_FUZZ)
  target_compile_options(bdsh_options INTERFACE -fsanitize=fuzzer-no-link)
  # clang 14 knows coroutines, but does not say so in the standard's terms.
  target_compile_definitions(bdsh_options INTERFACE __cpp_impl_coroutine=201902L
    BOOST_ASIO_HAS_CO_AWAIT BOOST_ASIO_HAS_STD_COROUTINE)
endif()

# bdsh_layer(NAME SOURCES file… [LAYERS layer…] [LIBS target…])
# One static library bdsh_NAME per folder of src. LAYERS are the layers it may include (and links);
# LIBS are third-party targets that stay private to it.
function(bdsh_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LAYERS;LIBS" ${ARGN})
  add_library(bdsh_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(bdsh_${name} PUBLIC bdsh_options)
  foreach(layer ${ARG_LAYERS})
    target_link_libraries(bdsh_${name} PUBLIC bdsh_${layer})
  endforeach()
  target_link_libraries(bdsh_${name} PRIVATE ${ARG_LIBS})
endfunction()

# bdsh_test(NAME SOURCES file… LAYERS layer… [LIBS target…])
# A GoogleTest binary NAME that links only the named layers; its cases are CTest cases.
# BDSH_TEST_DATA is the source folder of the test, for golden files.
function(bdsh_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LAYERS;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_definitions(${name} PRIVATE BDSH_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}")
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  foreach(layer ${ARG_LAYERS})
    target_link_libraries(${name} PRIVATE bdsh_${layer})
  endforeach()
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# bdsh_fuzzer(NAME SOURCE file LAYERS layer…): a libFuzzer binary, in the fuzz preset alone. They are
# built together by the target `fuzzers`, into the build's folder `fuzzers`; scripts/test runs what
# it finds there, with the seeds of tests/fuzz/NAME.corpus.
if(BDSH_FUZZ)
  add_custom_target(fuzzers)
endif()
function(bdsh_fuzzer name)
  cmake_parse_arguments(ARG "" "SOURCE" "LAYERS" ${ARGN})
  if(BDSH_FUZZ)
    add_executable(${name} ${ARG_SOURCE})
    foreach(layer ${ARG_LAYERS})
      target_link_libraries(${name} PRIVATE bdsh_${layer})
    endforeach()
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzzers)
    add_dependencies(fuzzers ${name})
  endif()
endfunction()
