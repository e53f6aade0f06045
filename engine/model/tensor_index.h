// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/spec/result.h"

namespace engine {

// Element types of weights that can be read.
enum class StoredType { F32, F16, Bf16 };

// A tensor in a mapped file: row-major, little-endian, any alignment.
struct StoredTensor
{
    StoredType type = StoredType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
    std::string file; // for messages

    std::int64_t elements() const;
};

// Converts `count` elements from element `first` on to floats, exactly.
void readFloats(const StoredTensor &tensor, std::int64_t first, std::int64_t count, float *out);

// The tensors of a Hugging Face folder, memory-mapped: model.safetensors, or the shards that
// model.safetensors.index.json names. Lives as long as any of its tensors is read.
class TensorIndex
{
public:
    static Result<TensorIndex> open(const std::string &directory);

    TensorIndex(TensorIndex &&) noexcept;
    TensorIndex &operator=(TensorIndex &&) noexcept;
    ~TensorIndex();

    bool contains(const std::string &name) const;
    // The tensor if it has that shape and a readable type; the message names file and tensor.
    Result<StoredTensor> tensor(const std::string &name, std::span<const std::int64_t> shape) const;
    std::vector<std::string> names() const;

private:
    struct State;
    explicit TensorIndex(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace engine
