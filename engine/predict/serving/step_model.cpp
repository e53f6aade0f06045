// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/serving/step_model.h"

#include <algorithm>
#include <cmath>

#include "engine/spec/work.h"

namespace engine {
namespace {

constexpr double kHiddenBytes = 2;       // of the residual stream
constexpr double kPasses = 14;           // over it in unfused code, a layer
constexpr double kUnpacking = 0.75;      // rate where weights are unpacked to 16 bits first
constexpr double kSlowLink = 32e9;       // where a device lists none: PCIe 4
constexpr double kFarLinkBytes = 50e9;   // a network card of 400 Gbit/s for each device
constexpr double kLinearChunk = 64;      // tokens of a block of linear attention
constexpr double kDispatchBytes = 1.5;   // one byte out, two back
constexpr double kIndexerKeyBytes = 132; // 128 fp8 numbers and a scale
constexpr double kSwitchover = 171;      // see absorbed()

double smooth4(double a, double b)
{
    const double a2 = a * a;
    const double b2 = b * b;
    return std::sqrt(std::sqrt(a2 * a2 + b2 * b2));
}

double seen(const AttentionSpec &attention, double positions)
{
    return attention.window > 0 ? std::min(positions, double(attention.window)) : positions;
}

// Pairs of `tokens` new positions after `depth` old ones, each seeing at most `limit`.
double pairsOf(double tokens, double depth, double limit)
{
    if (limit <= 0 || depth + tokens <= limit)
        return depth * tokens + tokens * (tokens + 1) / 2;
    const double whole = std::clamp(limit - depth, 0.0, tokens);
    return depth * whole + whole * (whole + 1) / 2 + (tokens - whole) * limit;
}

// Latent attention of a chunk of `tokens` after `depth` cached ones: working in the latent space
// costs less than building keys and values of every cached position again below this many tokens.
bool absorbed(const LatentSpec &latent, double tokens, double depth)
{
    if (depth <= 0)
        return false;
    const double naive = latent.nopeDim + latent.ropeDim + latent.valueDim;
    const double dense = 2.0 * latent.latentRank + latent.ropeDim;
    const double build = double(latent.latentRank) * (latent.nopeDim + latent.valueDim);
    return dense <= naive || tokens < (dense > naive ? build / (dense - naive) : kSwitchover);
}

} // namespace

StepTypes stepTypesOf(const ModelSpec &model, DType weights, DType cache)
{
    StepTypes types{weights, weights, weights, cache};
    const bool experts = std::any_of(model.layers.begin(), model.layers.end(),
                                     [](const LayerSpec &layer) { return layer.ffn.experts > 0; });
    if (experts && (weights == DType::Fp4 || weights == DType::Int4)) {
        types.attention = DType::Bf16;
        if (weights == DType::Int4)
            types.dense = DType::Bf16;
    }
    return types;
}

Result<StepModel> StepModel::create(const ModelSpec &model, const DeviceSpec &device,
                                    const StepTypes &types, const Layout &layout,
                                    const PhysicalVector &constants)
{
    if (const std::string fault = layoutFault(layout); !fault.empty())
        return fail(ErrorKind::BadInput, fault);
    StepModel step;
    for (const LayerGroup &group : groupLayers(model))
        step.m_groups.push_back({group.layer, group.count, {}});
    step.m_layers = int(model.layers.size());
    for (const LayerSpec &layer : model.layers) {
        step.m_expertLayers += layer.ffn.experts > 0;
        step.m_mixerLayers += layer.attention.kind != AttentionKind::Grouped;
    }
    step.m_hidden = model.hidden;
    step.m_vocabulary = model.vocabulary;
    step.m_types = types;
    step.m_layout = layout;
    step.m_constants = constants;
    for (const auto &[type, rate] : device.denseRate)
        step.m_peak[std::size_t(type)] = rate.value;
    for (DType wide : {DType::Bf16, DType::Fp16, DType::Fp32}) {
        if (!(step.m_wideRate > 0))
            step.m_wideRate = step.m_peak[std::size_t(wide)];
    }
    step.m_bandwidth = device.bandwidth.value;
    step.m_link = device.linkBandwidth.value > 0 ? device.linkBandwidth.value : kSlowLink;
    step.m_farLink = std::min(step.m_link, kFarLinkBytes);
    if (model.layers.empty() || !(step.m_wideRate > 0) || !(step.m_bandwidth > 0)) {
        return fail(ErrorKind::BadInput, "No step of " + model.name + " on " + device.id +
                                             " can be timed: layers, a 16-bit rate or the "
                                             "bandwidth is missing.");
    }
    step.prepare();
    return step;
}

StepModel StepModel::with(const PhysicalVector &constants) const
{
    StepModel other = *this;
    other.m_constants = constants;
    other.prepare();
    return other;
}

void StepModel::prepare()
{
    for (DType type : kAllDTypes) {
        const double peak = m_peak[std::size_t(type)];
        double rate = m_wideRate * m_constants[at(Physical::GemmBf16)];
        const bool eight = type == DType::Fp8 || type == DType::Int8;
        const bool four = type == DType::Fp4 || type == DType::Int4;
        if (eight || four) {
            rate = peak > 0 ? peak * m_constants[at(eight ? Physical::GemmFp8 : Physical::GemmFp4)]
                            : rate * kUnpacking;
        }
        m_rate[std::size_t(type)] = rate;
    }
    for (Group &group : m_groups) {
        const FfnSpec &ffn = group.layer.ffn;
        if (ffn.experts > 0)
            group.routing =
                Routing(ffn.experts, ffn.expertsPerToken, m_constants[at(Physical::Skew)]);
    }
}

template <class Sink>
void StepModel::visitLayer(const Group &group, const StepLoad &load, Sink &sink) const
{
    const AttentionSpec &a = group.layer.attention;
    const FfnSpec &ffn = group.layer.ffn;
    const Layout &by = m_layout;
    const double count = group.count; // the stages of a pipeline follow each other
    const double t = by.tensor;
    const double d = by.dataAttention;
    const double n = t * d;
    const double hidden = m_hidden;
    const double tokens = load.decodeSequences * load.tokensPerSequence + load.prefillTokens;
    // Sequences do not spread evenly over the groups that attend for themselves.
    const double own = d > 1 ? tokens / d + 0.5 * std::sqrt(tokens / d) : tokens;
    const double share = tokens > 0 ? own / tokens : 0; // of the sequences, in this group
    const double wide = bytesPerElement(m_types.attention);
    const double cache = bytesPerElement(m_types.cache);
    const double decoded = load.decodeSequences * load.tokensPerSequence * share;
    const double prompt = load.prefillTokens * share / by.context;
    const double perPrompt = load.prefillTokens / std::max(load.prompts, 1.0);
    const double prompts = load.prefillTokens > 0 ? load.prompts * share / by.context : 0;

    const auto product = [&](OperatorKind kind, double elements, double rows, DType type,
                             double weightType) {
        StepOperator work;
        work.kind = kind;
        work.count = group.count;
        work.type = type;
        work.rows = rows;
        work.flops = Flops(2 * elements * rows * count);
        work.weightBytes = Bytes(elements * weightType * count);
        sink(work);
    };
    const auto attend = [&](OperatorKind kind, double flops, double bytes) {
        StepOperator work;
        work.kind = kind;
        work.count = group.count;
        work.flops = Flops(flops * count);
        work.cacheBytes = Bytes(bytes * count);
        sink(work);
    };

    if (a.kind == AttentionKind::Grouped) {
        const double query = double(a.heads) * a.headDim / t;
        const double key = std::max(a.kvHeads / t, 1.0) * a.headDim;
        product(OperatorKind::Qkv, hidden * (query * (a.outputGate ? 2 : 1) + 2 * key), own,
                m_types.attention, wide);
        const double read = seen(a, load.decodePositions) * decoded;
        const double pairs =
            read + prompts * pairsOf(perPrompt, load.prefillDepth, double(a.window));
        const double positions = load.decodeSequences * share * seen(a, load.decodePositions) +
                                 prompts * seen(a, load.prefillDepth + perPrompt) + own;
        attend(OperatorKind::Attention, 4 * query * pairs, 2 * key * cache * positions);
        product(OperatorKind::AttentionOutput, hidden * query, own, m_types.attention, wide);
    } else if (a.kind == AttentionKind::Latent) {
        const LatentSpec &l = a.latent;
        const double heads = a.heads / t;
        const double queryDim = l.nopeDim + l.ropeDim;
        const double down = hidden * (l.latentRank + l.ropeDim) +
                            (l.queryRank > 0 ? hidden * l.queryRank : hidden * heads * queryDim);
        product(OperatorKind::LatentDown, down, own, m_types.attention, wide);
        const double latentToHeads = double(l.latentRank) * heads * (l.nopeDim + l.valueDim);
        const double up = (l.queryRank > 0 ? l.queryRank * heads * queryDim : 0) + latentToHeads;
        product(OperatorKind::LatentUp, up, own, m_types.attention, wide);
        const double limit = l.indexHeads > 0 ? double(l.indexTopK) : 0;
        const auto within = [limit](double positions) {
            return limit > 0 ? std::min(positions, limit) : positions;
        };
        const double latentPair = 2 * heads * (2.0 * l.latentRank + l.ropeDim);
        double flops = latentPair * within(load.decodePositions) * decoded;
        double positions = load.decodeSequences * share * within(load.decodePositions) + own;
        if (prompts > 0) {
            const bool inLatentSpace = absorbed(l, perPrompt, load.prefillDepth);
            const double pair = inLatentSpace ? latentPair : 2 * heads * (queryDim + l.valueDim);
            flops += prompts * pair * pairsOf(perPrompt, load.prefillDepth, limit);
            if (!inLatentSpace) // keys and values of the cached positions are built again
                flops += prompts * 2 * latentToHeads * within(load.prefillDepth);
            positions += prompts * within(load.prefillDepth + perPrompt);
        }
        attend(OperatorKind::Attention, flops, (l.latentRank + l.ropeDim) * cache * positions);
        if (l.indexHeads > 0) {
            const double source = l.queryRank > 0 ? l.queryRank : hidden;
            product(OperatorKind::Indexer,
                    source * l.indexHeads * l.indexDim + hidden * (l.indexDim + l.indexHeads), own,
                    m_types.attention, wide);
            const double pairs =
                load.decodePositions * decoded + prompts * pairsOf(perPrompt, load.prefillDepth, 0);
            const double keys = load.decodeSequences * share * load.decodePositions +
                                prompts * (load.prefillDepth + perPrompt);
            attend(OperatorKind::Indexer, 2.0 * l.indexHeads * l.indexDim * pairs,
                   kIndexerKeyBytes * keys);
        }
        product(OperatorKind::AttentionOutput, hidden * heads * l.valueDim, own, m_types.attention,
                wide);
    } else {
        const LinearSpec &l = a.linear;
        const double valueHeads = l.valueHeads / t;
        const double keys = double(l.keyHeads) * l.keyDim / t;
        const double values = valueHeads * l.valueDim;
        product(OperatorKind::Qkv,
                hidden * (2 * keys + 2 * values + (l.delta ? 2 * valueHeads : 0)), own,
                m_types.attention, wide);
        const double state = layerStateBytes(a).value / t;
        const double step = valueHeads * l.keyDim * l.valueDim;
        const double block = 2 * valueHeads * kLinearChunk * (l.keyDim + l.valueDim) + 4 * step;
        attend(OperatorKind::LinearState, 6 * step * decoded + block * prompt,
               2 * state *
                   (load.decodeSequences * share + prompts * std::ceil(perPrompt / kLinearChunk)));
        product(OperatorKind::AttentionOutput, hidden * values, own, m_types.attention, wide);
    }

    StepOperator elementwise;
    elementwise.kind = OperatorKind::Elementwise;
    elementwise.count = group.count;
    elementwise.passBytes = Bytes(kPasses * kHiddenBytes * hidden * own * count);
    sink(elementwise);

    const bool far = n > by.devicesPerNode;
    StepOperator reduce;
    reduce.kind = OperatorKind::AllReduce;
    reduce.count = group.count;
    reduce.farLink = far;
    const double perReduce = 2 * (t - 1) / t * own * hidden * kHiddenBytes;
    const bool spread = ffn.experts > 0 && by.expert > 1;
    if (t > 1) {
        const double times = d > 1 && spread ? 1 : 2;
        reduce.messages = times * count;
        reduce.sentBytes = Bytes(times * perReduce * count);
        sink(reduce);
    }

    if (ffn.experts == 0) {
        const double cut = d > 1 ? n : t;
        product(OperatorKind::GateUp,
                2 * hidden * (ffn.intermediate + ffn.sharedIntermediate) / cut, tokens,
                m_types.dense, bytesPerElement(m_types.dense));
        product(OperatorKind::Down, hidden * (ffn.intermediate + ffn.sharedIntermediate) / cut,
                tokens, m_types.dense, bytesPerElement(m_types.dense));
        return;
    }
    product(OperatorKind::Router, hidden * ffn.experts, own, DType::Bf16, 2);
    const double expert = 3.0 * hidden * ffn.intermediate;
    const double cut = std::max(n, double(by.expert)); // experts may span several replicas
    const double touched = group.routing.expertsTouched(tokens * cut / n);
    const double pairs = tokens * cut / n * ffn.expertsPerToken;
    StepOperator experts;
    experts.kind = OperatorKind::Experts;
    experts.count = group.count;
    experts.type = m_types.experts;
    experts.rows = pairs;
    experts.blocks = touched;
    experts.flops = Flops(2 * expert * pairs / cut * count);
    experts.weightBytes = Bytes(expert * touched / cut * bytesPerElement(m_types.experts) * count);
    if (spread) {
        const double e = by.expert;
        const double uneven = std::sqrt(2 * std::log(e) * e / std::max(pairs, 1.0)) + 0.3;
        experts.stretch = 1 + m_constants[at(Physical::Imbalance)] * uneven;
    }
    sink(experts);
    if (ffn.sharedIntermediate > 0) {
        product(OperatorKind::SharedExperts, 3 * hidden * ffn.sharedIntermediate / (d > 1 ? n : t),
                tokens, m_types.dense, bytesPerElement(m_types.dense));
    }
    if (spread) {
        StepOperator dispatch;
        dispatch.kind = OperatorKind::Dispatch;
        dispatch.count = group.count;
        dispatch.messages = count;
        dispatch.farLink = by.expert > by.devicesPerNode;
        if (d > 1 || by.expert > n) {
            const double e = by.expert;
            const double reached = std::min(e, ffn.expertsPerToken * (1 - 1 / e));
            dispatch.sentBytes = Bytes(kDispatchBytes * reached * own / t * hidden * count);
        }
        sink(dispatch);
    }
}

template <class Sink>
void StepModel::visit(const StepLoad &load, Sink &&sink) const
{
    for (const Group &group : m_groups)
        visitLayer(group, load, sink);
    const double d = m_layout.dataAttention;
    const double sampled = (load.decodeSequences * load.tokensPerSequence +
                            (load.prefillTokens > 0 ? load.prompts : 0)) /
                           d;
    StepOperator head;
    head.kind = OperatorKind::Head;
    head.rows = sampled;
    const double elements = double(m_vocabulary) * m_hidden / m_layout.tensor;
    head.flops = Flops(2 * elements * sampled);
    head.weightBytes = Bytes(elements * 2);
    sink(head);
    if (m_layout.pipeline > 1) {
        StepOperator send;
        send.kind = OperatorKind::PipelineSend;
        send.messages = m_layout.pipeline - 1;
        const double tokens = load.decodeSequences * load.tokensPerSequence + load.prefillTokens;
        send.sentBytes =
            Bytes((m_layout.pipeline - 1) * tokens * m_hidden * kHiddenBytes / m_layout.tensor);
        send.farLink = m_layout.devices() > m_layout.devicesPerNode;
        sink(send);
    }
}

double StepModel::rateOf(DType type, bool experts) const
{
    const double rate = m_rate[std::size_t(type)];
    return experts ? rate * m_constants[at(Physical::ExpertCompute)] : rate;
}

Seconds StepModel::timeOf(const StepOperator &work, Bound *bound) const
{
    const PhysicalVector &c = m_constants;
    if (work.messages > 0) {
        if (bound)
            *bound = Bound::Network;
        const double latency =
            c[at(work.kind == OperatorKind::Dispatch ? Physical::Dispatch : Physical::AllReduce)];
        const double link = work.farLink ? m_farLink : m_link;
        return Seconds(work.messages * latency +
                       work.sentBytes.value / (link * c[at(Physical::Network)]));
    }
    double compute = 0;
    double memory = 0;
    if (work.kind == OperatorKind::Experts) {
        const double padded =
            (work.rows + c[at(Physical::ExpertPadding)] * work.blocks) / std::max(work.rows, 1e-9);
        compute = work.flops.value * padded * work.stretch / rateOf(work.type, true);
        const double reach = work.stretch;
        memory = work.weightBytes.value * std::min(reach, 2.0) /
                 (m_bandwidth * c[at(Physical::ExpertBandwidth)]);
    } else if (work.rows > 0) {
        const double padded = (work.rows + c[at(Physical::PaddingRows)]) / work.rows;
        compute = work.flops.value * padded / rateOf(work.type, false);
        memory = work.weightBytes.value / (m_bandwidth * c[at(Physical::WeightBandwidth)]);
    } else {
        compute = work.flops.value / (m_wideRate * c[at(Physical::AttentionCompute)]);
        memory = work.cacheBytes.value / (m_bandwidth * c[at(Physical::KvBandwidth)]) +
                 work.passBytes.value * c[at(Physical::Elementwise)] /
                     (m_bandwidth * c[at(Physical::WeightBandwidth)]);
    }
    if (bound)
        *bound = compute > memory ? Bound::Compute : Bound::Memory;
    return Seconds(smooth4(compute, memory));
}

Seconds StepModel::overheadOf(const StepLoad &load) const
{
    const PhysicalVector &c = m_constants;
    double perLayer = m_layers * c[at(Physical::PerLayer)] +
                      m_expertLayers * c[at(Physical::PerExpertLayer)] +
                      m_mixerLayers * c[at(Physical::PerMixerLayer)];
    if (load.prefillTokens > 0)
        perLayer += m_layers * c[at(Physical::PerPrefillLayer)];
    return Seconds(perLayer + c[at(Physical::PerStep)] +
                   load.decodeSequences / m_layout.dataAttention * c[at(Physical::PerSequence)]);
}

Seconds StepModel::time(const StepLoad &load, Bound *bound) const
{
    const Seconds overhead = overheadOf(load);
    Seconds sum = overhead;
    std::array<double, 4> spent{};
    spent[std::size_t(Bound::Overhead)] = overhead.value;
    visit(load, [&](const StepOperator &work) {
        Bound own = Bound::Memory;
        const Seconds time = timeOf(work, &own);
        spent[std::size_t(own)] += time.value;
        sum += time;
    });
    if (bound)
        *bound = Bound(std::max_element(spent.begin(), spent.end()) - spent.begin());
    return sum;
}

StepSeconds StepModel::explain(const StepLoad &load) const
{
    StepSeconds step;
    step.overhead = overheadOf(load);
    visit(load, [&](const StepOperator &work) {
        OperatorSeconds entry;
        entry.work = work;
        entry.time = timeOf(work, &entry.bound);
        step.operators.push_back(entry);
    });
    step.total = time(load, &step.bound);
    return step;
}

Seconds StepModel::prefillTime(double tokens, double depth, double chunkTokens) const
{
    const double chunk = chunkTokens > 0 ? std::min(chunkTokens, tokens) : tokens;
    const double chunks = std::ceil(tokens / chunk - 1e-9);
    StepLoad load;
    load.prefillTokens = tokens / chunks;
    if (chunks <= 8) {
        Seconds sum;
        for (int i = 0; i < int(chunks); ++i) {
            load.prefillDepth = depth + i * load.prefillTokens;
            sum += time(load);
        }
        return sum;
    }
    // Attention grows linearly with the depth: the mean of the first and the last chunk.
    load.prefillDepth = depth;
    const Seconds first = time(load);
    load.prefillDepth = depth + tokens - load.prefillTokens;
    return (first + time(load)) * (chunks / 2);
}

} // namespace engine
