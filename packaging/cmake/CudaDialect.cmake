# SPDX-License-Identifier: GPL-3.0-or-later
# Include after enable_language(CUDA): CMake 3.25 knows nvcc up to C++17 only.
set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
