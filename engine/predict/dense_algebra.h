// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace engine {

// Replaces a symmetric positive definite matrix (n x n, row-major) by its inverse, by Cholesky.
// False, with the matrix spoilt, when it is not positive definite.
bool invertPositiveDefinite(std::span<double> matrix, std::size_t n);

} // namespace engine
