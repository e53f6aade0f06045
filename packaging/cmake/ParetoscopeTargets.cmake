# SPDX-License-Identifier: GPL-3.0-or-later
# The few functions that every CMakeLists.txt below is written with.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()
find_package(Threads REQUIRED)
find_program(PARETOSCOPE_CCACHE ccache)
if(PARETOSCOPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PARETOSCOPE_CCACHE})
endif()

add_library(paretoscope_options INTERFACE)
target_include_directories(paretoscope_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(paretoscope_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:\
-Wall;-Wextra;-Wpedantic;-Wshadow;-Wnon-virtual-dtor;-Woverloaded-virtual;-Werror>")
# GCC 12 sees overlapping copies in "text" + std::string that are not there (its bug 105651).
target_compile_options(paretoscope_options INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>)
target_link_libraries(paretoscope_options INTERFACE Threads::Threads)
if(PARETOSCOPE_SANITIZE)
    target_compile_options(paretoscope_options INTERFACE
        -fsanitize=${PARETOSCOPE_SANITIZE} -fno-omit-frame-pointer -g
        # GCC's flow warnings are wrong about instrumented code; the release preset is their judge.
        -Wno-error)
    target_link_options(paretoscope_options INTERFACE -fsanitize=${PARETOSCOPE_SANITIZE})
    if(PARETOSCOPE_SANITIZE MATCHES undefined)
        target_compile_options(paretoscope_options INTERFACE -fno-sanitize-recover=undefined)
    endif()
endif()
if(PARETOSCOPE_FUZZ)
    target_compile_options(paretoscope_options INTERFACE
        -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -g)
    target_link_options(paretoscope_options INTERFACE -fsanitize=address,undefined)
endif()

# paretoscope_add_module(engine_spec SOURCES a.cpp b.h DEPENDS engine_x)
# A static library (an interface one if no .cpp is given). DEPENDS is public.
function(paretoscope_add_module name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
    set(compiled ${arg_SOURCES})
    list(FILTER compiled INCLUDE REGEX "\\.cpp$")
    if(compiled)
        add_library(${name} STATIC ${arg_SOURCES})
        target_link_libraries(${name} PUBLIC paretoscope_options ${arg_DEPENDS}
                                      PRIVATE ${arg_PRIVATE_DEPENDS})
    else()
        add_library(${name} INTERFACE)
        target_sources(${name} PRIVATE ${arg_SOURCES})
        target_link_libraries(${name} INTERFACE paretoscope_options ${arg_DEPENDS})
    endif()
endfunction()

# paretoscope_embed(target FUNCTION engine::modelPresets BASE dir FILES a.json b.json)
# Compiles text files into `target` as `std::span<const engine::EmbeddedFile> FUNCTION()`.
function(paretoscope_embed target)
    cmake_parse_arguments(arg "" "FUNCTION;BASE" "FILES" ${ARGN})
    string(MAKE_C_IDENTIFIER "${arg_FUNCTION}" identifier)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${identifier}.cpp)
    set(inputs "")
    foreach(file IN LISTS arg_FILES)
        list(APPEND inputs ${arg_BASE}/${file})
    endforeach()
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DBASE=${arg_BASE} -DFUNCTION=${arg_FUNCTION}
                "-DFILES=${arg_FILES}" -P ${CMAKE_SOURCE_DIR}/packaging/cmake/Embed.cmake
        DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/packaging/cmake/Embed.cmake
        COMMENT "Compiling in ${identifier}" VERBATIM)
    target_sources(${target} PRIVATE ${output})
endfunction()

# paretoscope_add_gtest(engine_spec_test SOURCES a.cpp DEPENDS engine_spec LABELS fast)
# Engine tests: GoogleTest, no Qt. PARETOSCOPE_TEST_DATA points to tests/<...>/data, or to DATA.
function(paretoscope_add_gtest name)
    cmake_parse_arguments(arg "" "TIMEOUT;DATA" "SOURCES;DEPENDS;LABELS" ${ARGN})
    if(NOT PARETOSCOPE_TESTS)
        return()
    endif()
    find_package(GTest REQUIRED)
    if(NOT arg_DATA)
        set(arg_DATA ${CMAKE_CURRENT_SOURCE_DIR}/data)
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE paretoscope_options ${arg_DEPENDS} GTest::gtest_main)
    target_compile_definitions(${name} PRIVATE
        PARETOSCOPE_TEST_DATA="${arg_DATA}"
        PARETOSCOPE_BIN="${CMAKE_BINARY_DIR}/bin")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()

# paretoscope_add_qtest(ui_plot_test SOURCES a.cpp DEPENDS ui_plot)
# App and window tests: QtTest, offscreen, one executable with one QObject.
function(paretoscope_add_qtest name)
    cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
    if(NOT PARETOSCOPE_TESTS)
        return()
    endif()
    find_package(Qt6 REQUIRED COMPONENTS Test)
    add_executable(${name} ${arg_SOURCES})
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
    target_link_libraries(${name} PRIVATE paretoscope_options ${arg_DEPENDS} Qt6::Test)
    target_compile_definitions(${name} PRIVATE
        PARETOSCOPE_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data"
        PARETOSCOPE_BIN="${CMAKE_BINARY_DIR}/bin")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;LC_ALL=C.UTF-8;QT_SCALE_FACTOR=1;QT_FONT_DPI=96;TSAN_OPTIONS=ignore_noninstrumented_modules=1")
endfunction()

# paretoscope_add_benchmark(bench_ui_frame SOURCES a.cpp DEPENDS ui_main)
function(paretoscope_add_benchmark name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
    if(NOT PARETOSCOPE_BENCHMARKS)
        return()
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE paretoscope_options ${arg_DEPENDS})
endfunction()

# paretoscope_add_fuzzer(fuzz_config SOURCES a.cpp DEPENDS engine_model)
function(paretoscope_add_fuzzer name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
    if(NOT PARETOSCOPE_FUZZ)
        return()
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE paretoscope_options ${arg_DEPENDS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
endfunction()
