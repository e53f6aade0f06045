// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engine/infer/cuda/products.h"

namespace engine::cuda {

// "own kernels", or the library that does the large products, with its version.
std::string libraryName();

// cuBLASLt, opened when this is first called, from where the loader finds it or from the usual
// folders of a CUDA toolkit; null when there is none. For each shape it times the library's best
// proposals against each other and against the own kernel, once, and keeps the fastest; the decoder
// asks for its shapes while it loads.
std::unique_ptr<LibraryProducts> openLibrary();

} // namespace engine::cuda
