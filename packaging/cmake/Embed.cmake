# SPDX-License-Identifier: GPL-3.0-or-later
# Writes a C++ file that holds text files as raw string literals (called by paretoscope_embed).
string(REGEX MATCH "^(.*)::([^:]+)$" matched "${FUNCTION}")
set(namespace "${CMAKE_MATCH_1}")
set(function "${CMAKE_MATCH_2}")
# Clang warns of what the pieces come to when they are joined.
set(text "#include \"engine/spec/embedded_file.h\"\n\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\nnamespace ${namespace} {\nstd::span<const engine::EmbeddedFile> ${function}()\n{\n    static const engine::EmbeddedFile files[] = {\n")
foreach(file IN LISTS FILES)
    file(READ "${BASE}/${file}" content)
    # Compilers cap one literal; pieces of 8,000 characters stay below every cap.
    string(LENGTH "${content}" length)
    set(pieces "")
    set(start 0)
    while(start LESS length)
        string(SUBSTRING "${content}" ${start} 8000 piece)
        string(APPEND pieces "R\"~embed~(${piece})~embed~\"\n")
        math(EXPR start "${start} + 8000")
    endwhile()
    string(APPEND text "        {\"${file}\", ${pieces}},\n")
endforeach()
string(APPEND text "    };\n    return files;\n}\n} // namespace ${namespace}\n")
file(WRITE "${OUTPUT}" "${text}")
