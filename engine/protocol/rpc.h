// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/spec/result.h"

namespace engine {

// Codes of JSON-RPC 2.0; our own errors are below them, one for each kind.
inline constexpr int kRpcParseError = -32700;
inline constexpr int kRpcInvalidRequest = -32600;
inline constexpr int kRpcMethodNotFound = -32601;
inline constexpr int kRpcInvalidParams = -32602;

int rpcCode(ErrorKind kind);
const char *errorKindName(ErrorKind kind); // "bad_input"
std::optional<ErrorKind> errorKindFromName(const std::string &name);

// {"jsonrpc","id","error":{"code","message","data":{"kind","detail"}}}; no id becomes null.
std::string rpcErrorLine(const std::optional<std::int64_t> &id, int code, const Error &error);

} // namespace engine
