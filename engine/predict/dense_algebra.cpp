// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/dense_algebra.h"

#include <cmath>

namespace engine {

bool invertPositiveDefinite(std::span<double> matrix, std::size_t n)
{
    const auto at = [&](std::size_t row, std::size_t column) -> double & {
        return matrix[row * n + column];
    };
    // Lower triangle L with A = L L^T, in place.
    for (std::size_t j = 0; j < n; ++j) {
        double pivot = at(j, j);
        for (std::size_t k = 0; k < j; ++k)
            pivot -= at(j, k) * at(j, k);
        if (!(pivot > 0) || !std::isfinite(pivot))
            return false;
        at(j, j) = std::sqrt(pivot);
        for (std::size_t i = j + 1; i < n; ++i) {
            double value = at(i, j);
            for (std::size_t k = 0; k < j; ++k)
                value -= at(i, k) * at(j, k);
            at(i, j) = value / at(j, j);
        }
    }
    // L^-1 in place of L.
    for (std::size_t j = 0; j < n; ++j) {
        at(j, j) = 1 / at(j, j);
        for (std::size_t i = j + 1; i < n; ++i) {
            double value = 0;
            for (std::size_t k = j; k < i; ++k)
                value -= at(i, k) * at(k, j);
            at(i, j) = value / at(i, i);
        }
    }
    // A^-1 = L^-T L^-1. Row i of the product needs rows >= i of L^-1, so going down is safe.
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double value = 0;
            for (std::size_t k = i; k < n; ++k)
                value += at(k, i) * at(k, j);
            at(j, i) = value; // upper triangle; the lower one is still needed
            if (i == j)
                at(i, i) = value;
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j)
            at(i, j) = at(j, i);
    }
    return true;
}

} // namespace engine
