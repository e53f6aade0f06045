// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace engine {

// A number with a unit that the compiler checks: seconds add to seconds, bytes divided by bytes per
// second are seconds, and nothing else converts by itself.
template <class Unit>
struct Quantity
{
    double value = 0;

    constexpr Quantity() = default;
    explicit constexpr Quantity(double amount) : value(amount) {}

    constexpr Quantity &operator+=(Quantity other)
    {
        value += other.value;
        return *this;
    }
    friend constexpr Quantity operator+(Quantity a, Quantity b)
    {
        return Quantity(a.value + b.value);
    }
    friend constexpr Quantity operator-(Quantity a, Quantity b)
    {
        return Quantity(a.value - b.value);
    }
    friend constexpr Quantity operator*(Quantity a, double k) { return Quantity(a.value * k); }
    friend constexpr Quantity operator*(double k, Quantity a) { return Quantity(a.value * k); }
    friend constexpr Quantity operator/(Quantity a, double k) { return Quantity(a.value / k); }
    friend constexpr double operator/(Quantity a, Quantity b) { return a.value / b.value; }
    friend constexpr auto operator<=>(const Quantity &, const Quantity &) = default;
};

using Seconds = Quantity<struct SecondsUnit>;
using Bytes = Quantity<struct BytesUnit>; // exact up to 2^53
using Flops = Quantity<struct FlopsUnit>; // floating-point operations, a multiply-add is two
using BytesPerSecond = Quantity<struct BytesPerSecondUnit>;
using FlopsPerSecond = Quantity<struct FlopsPerSecondUnit>;

constexpr Seconds operator/(Bytes amount, BytesPerSecond rate)
{
    return Seconds(amount.value / rate.value);
}
constexpr Seconds operator/(Flops amount, FlopsPerSecond rate)
{
    return Seconds(amount.value / rate.value);
}
constexpr BytesPerSecond operator/(Bytes amount, Seconds time)
{
    return BytesPerSecond(amount.value / time.value);
}
constexpr FlopsPerSecond operator/(Flops amount, Seconds time)
{
    return FlopsPerSecond(amount.value / time.value);
}

constexpr double milliseconds(Seconds time)
{
    return time.value * 1e3;
}

// Money is an integer: millionths of a US dollar, or millionths of a dollar per million tokens.
using MicroUsd = std::int64_t;

} // namespace engine
