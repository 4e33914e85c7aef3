# Included into the build of each archive: what it links is an archive too.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
