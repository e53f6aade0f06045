// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/infer/tiny_model.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <random>

namespace {

using Row = std::vector<double>;
using Tensor = TinyModel::Tensor;

std::string layerName(int layer, const std::string &part)
{
    return "model.layers." + std::to_string(layer) + "." + part;
}

std::uint16_t bf16Bits(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// Weights are multiples of 2^-10 below 2 in magnitude: exact in every stored type but bf16.
double stored(double value, TinyModel::Store store)
{
    const double grid = std::round(value * 1024) / 1024;
    if (store != TinyModel::Store::Bf16)
        return grid;
    return std::bit_cast<float>(std::uint32_t(bf16Bits(float(grid))) << 16);
}

std::uint16_t f16Bits(double value)
{
    if (value == 0)
        return 0;
    int exponent = 0;
    const double mantissa = std::frexp(std::abs(value), &exponent); // in [1/2, 1)
    const auto fraction = std::uint16_t(std::lround((mantissa * 2 - 1) * 1024));
    return std::uint16_t((value < 0 ? 0x8000 : 0) | ((exponent - 1 + 15) << 10) | fraction);
}

std::string bytesOf(const Tensor &tensor, TinyModel::Store store)
{
    std::string bytes;
    for (const double value : tensor.values) {
        char element[4];
        std::size_t width = 2;
        if (store == TinyModel::Store::F32) {
            const auto number = float(value);
            width = 4;
            std::memcpy(element, &number, width);
        } else {
            const std::uint16_t bits =
                store == TinyModel::Store::F16 ? f16Bits(value) : bf16Bits(float(value));
            std::memcpy(element, &bits, width);
        }
        bytes.append(element, width);
    }
    return bytes;
}

const char *typeName(TinyModel::Store store)
{
    return store == TinyModel::Store::F32 ? "F32" : store == TinyModel::Store::F16 ? "F16" : "BF16";
}

void writeFile(const std::string &path, const std::map<std::string, Tensor> &tensors,
               TinyModel::Store store, bool misaligned)
{
    std::string header = "{\"__metadata__\":{\"format\":\"pt\"}";
    std::string data;
    for (const auto &[name, tensor] : tensors) {
        const std::string bytes = bytesOf(tensor, store);
        std::string shape;
        for (const std::int64_t size : tensor.shape)
            shape += (shape.empty() ? "" : ",") + std::to_string(size);
        header += ",\"" + name + "\":{\"dtype\":\"" + typeName(store) + "\",\"shape\":[" + shape +
                  "],\"data_offsets\":[" + std::to_string(data.size()) + "," +
                  std::to_string(data.size() + bytes.size()) + "]}";
        data += bytes;
    }
    header += "}";
    while (header.size() % 8 != (misaligned ? 3u : 0u))
        header += ' ';
    std::ofstream file(path, std::ios::binary);
    const std::uint64_t length = header.size();
    file.write(reinterpret_cast<const char *>(&length), 8);
    file << header << data;
}

Row product(const Tensor &weight, const Row &input)
{
    const auto outputs = std::size_t(weight.shape[0]);
    const auto inputs = std::size_t(weight.shape[1]);
    Row result(outputs, 0.0);
    for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t i = 0; i < inputs; ++i)
            result[o] += weight.values[o * inputs + i] * input[i];
    }
    return result;
}

void addBias(Row &row, const Tensor &bias)
{
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] += bias.values[i];
}

Row normed(const Row &row, const Tensor &weight, double epsilon)
{
    double sum = 0;
    for (const double value : row)
        sum += value * value;
    const double scale = 1 / std::sqrt(sum / double(row.size()) + epsilon);
    Row result(row.size());
    for (std::size_t i = 0; i < row.size(); ++i)
        result[i] = row[i] * scale * weight.values[i];
    return result;
}

// One head's query or key: its own slice of a projected row, normed and turned.
Row headOf(const TinyModel &model, const Row &projected, int head, int position, const Tensor *norm)
{
    const auto d = std::size_t(model.headDim);
    Row part(projected.begin() + std::ptrdiff_t(std::size_t(head) * d),
             projected.begin() + std::ptrdiff_t(std::size_t(head + 1) * d));
    if (norm)
        part = normed(part, *norm, model.epsilon);
    const Row frequencies =
        model.frequencies.empty() ? model.plainFrequencies() : model.frequencies;
    Row turned(d);
    for (std::size_t i = 0; i < d / 2; ++i) {
        const double c = std::cos(position * frequencies[i]) * model.magnitude;
        const double s = std::sin(position * frequencies[i]) * model.magnitude;
        turned[i] = part[i] * c - part[i + d / 2] * s;
        turned[i + d / 2] = part[i + d / 2] * c + part[i] * s;
    }
    return turned;
}

Row attention(const TinyModel &model, int layer, const std::vector<Row> &queries,
              const std::vector<Row> &keys, const std::vector<Row> &values, int position)
{
    const auto d = std::size_t(model.headDim);
    const int window = model.windows.empty() ? 0 : model.windows[std::size_t(layer)];
    const int first = window > 0 ? std::max(0, position - window + 1) : 0;
    const auto normName = [&](const char *part) {
        return model.qkNorm ? &model.tensors.at(layerName(layer, part)) : nullptr;
    };
    Row result;
    for (int head = 0; head < model.heads; ++head) {
        const int shared = head / (model.heads / model.kvHeads);
        const Row query = headOf(model, queries[std::size_t(position)], head, position,
                                 normName("self_attn.q_norm.weight"));
        Row weights;
        double total = 0;
        for (int other = first; other <= position; ++other) {
            const Row key = headOf(model, keys[std::size_t(other)], shared, other,
                                   normName("self_attn.k_norm.weight"));
            double score = 0;
            for (std::size_t i = 0; i < d; ++i)
                score += query[i] * key[i];
            weights.push_back(std::exp(score / std::sqrt(double(model.headDim))));
            total += weights.back();
        }
        for (std::size_t i = 0; i < d; ++i) {
            double sum = 0;
            for (int other = first; other <= position; ++other)
                sum += weights[std::size_t(other - first)] / total *
                       values[std::size_t(other)][std::size_t(shared) * d + i];
            result.push_back(sum);
        }
    }
    return result;
}

} // namespace

std::vector<double> TinyModel::plainFrequencies() const
{
    Row result;
    for (int i = 0; i < headDim / 2; ++i)
        result.push_back(1 / std::pow(theta, 2.0 * i / headDim));
    return result;
}

void TinyModel::draw(unsigned seed)
{
    std::mt19937 random(seed);
    const auto add = [&](const std::string &name, std::vector<std::int64_t> shape, double center,
                         double spread) {
        std::int64_t count = 1;
        for (const std::int64_t size : shape)
            count *= size;
        std::uniform_real_distribution<double> uniform(center - spread, center + spread);
        Tensor tensor{std::move(shape), Row(std::size_t(count))};
        for (double &value : tensor.values)
            value = stored(uniform(random), store);
        tensors[name] = std::move(tensor);
    };
    const double spread = 1.7 / std::sqrt(double(hidden));
    add("model.embed_tokens.weight", {vocabulary, hidden}, 0, 1);
    for (int layer = 0; layer < layers; ++layer) {
        const auto matrix = [&](const std::string &part, int outputs, int inputs, bool bias) {
            add(layerName(layer, part + ".weight"), {outputs, inputs}, 0, spread);
            if (bias)
                add(layerName(layer, part + ".bias"), {outputs}, 0, 0.5);
        };
        add(layerName(layer, "input_layernorm.weight"), {hidden}, 1, 0.3);
        add(layerName(layer, "post_attention_layernorm.weight"), {hidden}, 1, 0.3);
        matrix("self_attn.q_proj", heads * headDim, hidden, qkvBias);
        matrix("self_attn.k_proj", kvHeads * headDim, hidden, qkvBias);
        matrix("self_attn.v_proj", kvHeads * headDim, hidden, qkvBias);
        matrix("self_attn.o_proj", hidden, heads * headDim, outputBias);
        matrix("mlp.gate_proj", intermediate, hidden, mlpBias);
        matrix("mlp.up_proj", intermediate, hidden, mlpBias);
        matrix("mlp.down_proj", hidden, intermediate, mlpBias);
        if (qkNorm) {
            add(layerName(layer, "self_attn.q_norm.weight"), {headDim}, 1, 0.3);
            add(layerName(layer, "self_attn.k_norm.weight"), {headDim}, 1, 0.3);
        }
    }
    add("model.norm.weight", {hidden}, 1, 0.3);
    if (!tied)
        add("lm_head.weight", {vocabulary, hidden}, 0, spread);
}

void TinyModel::write(const std::string &folder) const
{
    const auto number = [](double value) { return std::to_string(value); };
    std::ofstream(folder + "/config.json")
        << "{\"architectures\":[\"" << architecture << "\"],\"hidden_size\":" << hidden
        << ",\"intermediate_size\":" << intermediate << ",\"num_hidden_layers\":" << layers
        << ",\"num_attention_heads\":" << heads << ",\"num_key_value_heads\":" << kvHeads
        << ",\"head_dim\":" << headDim << ",\"vocab_size\":" << vocabulary
        << ",\"max_position_embeddings\":" << maxPositions << ",\"rope_theta\":" << number(theta)
        << ",\"rms_norm_eps\":1e-5,\"tie_word_embeddings\":" << (tied ? "true" : "false")
        << configExtra << "}";
    if (shards == 0) {
        writeFile(folder + "/model.safetensors", tensors, store, misaligned);
        return;
    }
    std::vector<std::map<std::string, Tensor>> parts{std::size_t(shards)};
    std::string map;
    std::size_t next = 0;
    for (const auto &[name, tensor] : tensors) {
        const std::size_t shard = next++ % std::size_t(shards);
        parts[shard][name] = tensor;
        map += (map.empty() ? "\"" : ",\"") + name + "\":\"part-" + std::to_string(shard) +
               ".safetensors\"";
    }
    for (std::size_t i = 0; i < parts.size(); ++i)
        writeFile(folder + "/part-" + std::to_string(i) + ".safetensors", parts[i], store,
                  misaligned);
    std::ofstream(folder + "/model.safetensors.index.json")
        << "{\"metadata\":{\"total_size\":1},\"weight_map\":{" << map << "}}";
}

std::vector<float> TinyModel::logits(const std::vector<engine::TokenId> &tokens) const
{
    const std::size_t positions = tokens.size();
    std::vector<Row> stream;
    const Tensor &embedding = tensors.at("model.embed_tokens.weight");
    for (const engine::TokenId token : tokens) {
        const auto row = embedding.values.begin() + std::ptrdiff_t(token) * hidden;
        stream.emplace_back(row, row + hidden);
    }
    for (int layer = 0; layer < layers; ++layer) {
        const auto tensor = [&](const std::string &part) -> const Tensor & {
            return tensors.at(layerName(layer, part));
        };
        const auto project = [&](const std::string &part, const Row &input, bool bias) {
            Row row = product(tensor(part + ".weight"), input);
            if (bias)
                addBias(row, tensor(part + ".bias"));
            return row;
        };
        std::vector<Row> queries, keys, values;
        for (const Row &row : stream) {
            const Row input = normed(row, tensor("input_layernorm.weight"), epsilon);
            queries.push_back(project("self_attn.q_proj", input, qkvBias));
            keys.push_back(project("self_attn.k_proj", input, qkvBias));
            values.push_back(project("self_attn.v_proj", input, qkvBias));
        }
        for (std::size_t p = 0; p < positions; ++p) {
            Row &row = stream[p];
            const Row mixed = attention(*this, layer, queries, keys, values, int(p));
            const Row output = project("self_attn.o_proj", mixed, outputBias);
            for (std::size_t i = 0; i < row.size(); ++i)
                row[i] += output[i];
            const Row input = normed(row, tensor("post_attention_layernorm.weight"), epsilon);
            const Row gate = project("mlp.gate_proj", input, mlpBias);
            Row up = project("mlp.up_proj", input, mlpBias);
            for (std::size_t i = 0; i < up.size(); ++i)
                up[i] *= gate[i] / (1 + std::exp(-gate[i]));
            const Row down = project("mlp.down_proj", up, mlpBias);
            for (std::size_t i = 0; i < row.size(); ++i)
                row[i] += down[i];
        }
    }
    const Tensor &head = tied ? embedding : tensors.at("lm_head.weight");
    std::vector<float> result;
    for (const Row &row : stream) {
        for (const double value :
             product(head, normed(row, tensors.at("model.norm.weight"), epsilon)))
            result.push_back(float(value));
    }
    return result;
}
