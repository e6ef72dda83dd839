# One place for what every file is compiled with.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

option(FCT_TESTS "Build the tests" ON)
option(FCT_FUZZ "Build the fuzzers (clang only)" OFF)
option(FCT_COVERAGE "Count the lines that run (gcc only)" OFF)
set(FCT_SANITIZE "" CACHE STRING "address,undefined or thread")

add_compile_definitions(_POSIX_C_SOURCE=200809L _FILE_OFFSET_BITS=64)
add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Werror
                    -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
                    -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef
                    -fno-common -fstack-protector-strong
                    # A function may be inlined where it is called in its own file: nobody
                    # puts another in its place.
                    -fno-semantic-interposition)
if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT FCT_SANITIZE)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
# The program is optimised as a whole, which is worth a tenth of its time. The objects hold both
# forms, so that the tests link fast. clang 14 cannot write such objects.
set(FCT_WHOLE_PROGRAM OFF)
if(CMAKE_BUILD_TYPE MATCHES "Rel" AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT FCT_SANITIZE)
  set(FCT_WHOLE_PROGRAM ON)
  add_compile_options(-flto=auto -ffat-lto-objects)
  add_link_options(-fno-lto)
endif()
# assert() guards our own promises (the sums of a campaign, P2): a release keeps it.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")

if(FCT_SANITIZE)
  add_compile_options(-fsanitize=${FCT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FCT_SANITIZE})
endif()
if(FCT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(FCT_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
add_compile_options(-include ${PROJECT_SOURCE_DIR}/src/base/banned.h)
