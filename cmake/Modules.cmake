# fct_module(mail USES base LIBS PkgConfig::IDN2 SOURCES addr.c HEADERS addr.h)
#
# One folder of src/ as a static library fct_mail. Its floor stands in
# docs/floors.txt, which tests/lint/floors.sh reads too; a module may use lower
# floors only, and configuring stops where one does not.
file(STRINGS ${PROJECT_SOURCE_DIR}/docs/floors.txt FCT_FLOOR_LINES)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY
             CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/floors.txt)
foreach(line IN LISTS FCT_FLOOR_LINES)
  string(REGEX MATCH "^([a-z]+) ([0-9]+)$" found "${line}")
  if(NOT found)
    message(FATAL_ERROR "docs/floors.txt: cannot read \"${line}\"")
  endif()
  set(FCT_FLOOR_${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
endforeach()

function(fct_module name)
  cmake_parse_arguments(M "" "" "USES;LIBS;SOURCES;HEADERS" ${ARGN})
  if(NOT DEFINED FCT_FLOOR_${name})
    message(FATAL_ERROR "floor: docs/floors.txt does not name ${name}")
  endif()
  add_library(fct_${name} STATIC ${M_SOURCES})
  target_sources(fct_${name} PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${M_HEADERS})
  set_target_properties(fct_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  foreach(dep IN LISTS M_USES)
    if(NOT FCT_FLOOR_${dep} LESS FCT_FLOOR_${name})
      message(FATAL_ERROR "floor: ${name} (${FCT_FLOOR_${name}}) may not use ${dep} (${FCT_FLOOR_${dep}})")
    endif()
    target_link_libraries(fct_${name} PUBLIC fct_${dep})
  endforeach()
  target_link_libraries(fct_${name} PUBLIC ${M_LIBS})
endfunction()
