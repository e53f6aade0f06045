// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace engine {

// What went wrong, so that a caller can decide (and a window can translate) without reading text.
enum class ErrorKind {
    BadInput,     // an argument, file or message is malformed
    Unsupported,  // well-formed, but nothing here can run it
    NotFound,     // a file, model or device that is not there
    DoesNotFit,   // memory or a limit of the model forbids it
    Io,           // the operating system refused
    DeviceFailed, // a device or its driver failed
    Cancelled,    // somebody asked to stop
    Internal,     // a fault of ours
};

// `message` is one sentence that says what, where and what to do; `detail` (a path, the device's
// own words) is never translated.
struct Error
{
    ErrorKind kind = ErrorKind::Internal;
    std::string message;
    std::string detail;

    friend bool operator==(const Error &, const Error &) = default;
};

// The value, or the Error that kept us from it. Dropping one is a warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error>
{
public:
    using tl::expected<T, Error>::expected;
};

// return fail(ErrorKind::BadInput, "…");
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message,
                                                std::string detail = {})
{
    return tl::unexpected<Error>(Error{kind, std::move(message), std::move(detail)});
}

} // namespace engine
