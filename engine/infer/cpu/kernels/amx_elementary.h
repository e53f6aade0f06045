// SPDX-License-Identifier: Apache-2.0
#pragma once

// Elementary functions for values that are rounded to bf16 next. Written over the Vec of AVX-512.

#include <immintrin.h>

namespace engine::cpu {
namespace {

// 2^x to 8e-5 of its value (a cubic of least relative error on [0, 1)). 2^-infinity is 0.
inline Vec coarseExp2(Vec x)
{
    const Vec part = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    Vec power = set1(7.8024523e-2f);
    power = fma(power, part, set1(2.2606716e-1f));
    power = fma(power, part, set1(6.9583354e-1f));
    power = fma(power, part, set1(9.9992522e-1f));
    return _mm512_scalef_ps(power, x);
}

// x / (1 + e^-x) to 2e-4 of its value.
inline Vec coarseSilu(Vec x)
{
    const Vec power = coarseExp2(mul(x, set1(-1.44269504f)));
    return mul(x, _mm512_rcp14_ps(add(set1(1.0f), power)));
}

} // namespace
} // namespace engine::cpu
