// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include <QtGlobal>

#include "engine/spec/result.h"

// The value, or the end of the test program with the error's words.
template <class T>
T take(engine::Result<T> result)
{
    if (!result)
        qFatal("%s (%s)", result.error().message.c_str(), result.error().detail.c_str());
    return std::move(*result);
}
