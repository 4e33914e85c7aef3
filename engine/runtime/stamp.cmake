cmake_minimum_required(VERSION 3.25)

# Writes the header that tells which sources a program was built from. Runs at every build (cmake -P); the header changes
# only when its content does.
#   SOURCE  the root of the sources      OUTPUT  the header
# USHER_REVISION is git's name of the checkout, "+" behind it when files differ from it; empty outside of git.
# USHER_PLANNING_SOURCES is a digest of everything that decides what stands in a plan.
execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=12 --dirty=+ --exclude=*
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(digests)
foreach(folder IN ITEMS rules rules/cel rules/config rules/yaml engine/desired engine/plan state/model)
  file(GLOB files ${SOURCE}/${folder}/*.cpp ${SOURCE}/${folder}/*.hpp)
  list(SORT files)
  foreach(file IN LISTS files)
    file(SHA256 ${file} digest)
    file(RELATIVE_PATH name ${SOURCE} ${file})
    string(APPEND digests "${name} ${digest}\n")
  endforeach()
endforeach()
string(SHA256 planning "${digests}")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT
"#pragma once
#define USHER_REVISION \"${revision}\"
#define USHER_PLANNING_SOURCES \"${planning}\"
")
