# find_package(zkiln): the targets zkiln::zkiln, the shared library, and zkiln::static.
#
#     find_package(zkiln REQUIRED)
#     target_link_libraries(program PRIVATE zkiln::zkiln)
#
# This file lies in <prefix>/share/zkiln/cmake; the libraries are looked for from there.

get_filename_component(_zkiln_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
find_path(ZKILN_INCLUDE_DIR zkiln.h HINTS "${_zkiln_prefix}/include" NO_DEFAULT_PATH)
find_library(ZKILN_SHARED_LIBRARY NAMES "${CMAKE_SHARED_LIBRARY_PREFIX}zkiln${CMAKE_SHARED_LIBRARY_SUFFIX}"
    HINTS "${_zkiln_prefix}" PATH_SUFFIXES lib lib64 "lib/${CMAKE_LIBRARY_ARCHITECTURE}" NO_DEFAULT_PATH)
find_library(ZKILN_STATIC_LIBRARY NAMES "${CMAKE_STATIC_LIBRARY_PREFIX}zkiln${CMAKE_STATIC_LIBRARY_SUFFIX}"
    HINTS "${_zkiln_prefix}" PATH_SUFFIXES lib lib64 "lib/${CMAKE_LIBRARY_ARCHITECTURE}" NO_DEFAULT_PATH)
unset(_zkiln_prefix)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(zkiln REQUIRED_VARS ZKILN_SHARED_LIBRARY ZKILN_INCLUDE_DIR)

if(zkiln_FOUND AND NOT TARGET zkiln::zkiln)
    add_library(zkiln::zkiln UNKNOWN IMPORTED)
    set_target_properties(zkiln::zkiln PROPERTIES
        IMPORTED_LOCATION "${ZKILN_SHARED_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${ZKILN_INCLUDE_DIR}")
endif()

if(zkiln_FOUND AND ZKILN_STATIC_LIBRARY AND NOT TARGET zkiln::static)
    find_package(Threads REQUIRED)
    add_library(zkiln::static UNKNOWN IMPORTED)
    set_target_properties(zkiln::static PROPERTIES
        IMPORTED_LOCATION "${ZKILN_STATIC_LIBRARY}"
        INTERFACE_COMPILE_DEFINITIONS ZKILN_STATIC
        INTERFACE_INCLUDE_DIRECTORIES "${ZKILN_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};$<$<NOT:$<BOOL:${WIN32}>>:m>")
endif()
