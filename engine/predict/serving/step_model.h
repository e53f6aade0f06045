// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "engine/predict/layout.h"
#include "engine/predict/operators.h"
#include "engine/predict/serving/routing.h"
#include "engine/predict/serving/step_constants.h"
#include "engine/predict/step_time.h"
#include "engine/spec/device_spec.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/result.h"

namespace engine {

// Number formats of a deployment by operator. Checkpoints in four bits with experts keep attention
// in 16 bits; those in int4 keep everything but the experts so.
struct StepTypes
{
    DType attention = DType::Bf16;
    DType dense = DType::Bf16; // dense and shared feed-forward
    DType experts = DType::Bf16;
    DType cache = DType::Bf16;

    friend bool operator==(const StepTypes &, const StepTypes &) = default;
};
StepTypes stepTypesOf(const ModelSpec &model, DType weights, DType cache);

// What one engine step of a replica works on: sequences that decode one token each and prompt
// tokens, mixed. Counts may be fractions: means.
struct StepLoad
{
    double decodeSequences = 0;
    double decodePositions = 0;   // that each of them attends to, the new one included
    double prefillTokens = 0;     // new prompt tokens
    double prefillDepth = 0;      // positions of the same prompt that are cached already
    double tokensPerSequence = 1; // decoded at once: above 1 when drafted tokens are verified
    double prompts = 1;           // that prefillTokens belong to, each after prefillDepth
};

// Work of one operator of one device of the replica, all `count` layers together.
struct StepOperator
{
    OperatorKind kind = OperatorKind::Qkv;
    int count = 1;
    DType type = DType::Bf16; // of the product
    double rows = 0;          // of one product, 0 = no product
    double blocks = 1;        // separate products a layer, each padded: touched experts
    double stretch = 1;       // of the slowest device against the mean
    Flops flops;
    Bytes weightBytes;
    Bytes cacheBytes;
    Bytes passBytes; // passes over the hidden state as unfused code makes them
    Bytes sentBytes; // over the link, by one device
    double messages = 0;
    bool farLink = false; // leaves the node
};

struct OperatorSeconds
{
    StepOperator work;
    Seconds time;
    Bound bound = Bound::Memory;
};
struct StepSeconds
{
    std::vector<OperatorSeconds> operators;
    Seconds overhead;
    Seconds total;
    Bound bound = Bound::Memory; // where most of the time goes
};

// The time of an engine step of one replica of a model on equal devices. Immutable; any thread.
class StepModel
{
public:
    // BadInput for an impossible layout, an empty model or a device without rates.
    static Result<StepModel> create(const ModelSpec &model, const DeviceSpec &device,
                                    const StepTypes &types, const Layout &layout,
                                    const PhysicalVector &constants);

    // The same with other constants.
    StepModel with(const PhysicalVector &constants) const;

    // One step: sum over operators of the smooth maximum of computing and moving bytes, plus
    // messages, plus overheads by layer, step and sequence. Allocates nothing.
    Seconds time(const StepLoad &load, Bound *bound = nullptr) const;
    // The same, operator by operator.
    StepSeconds explain(const StepLoad &load) const;
    // A whole prompt of `tokens` after `depth` cached ones, in chunks of at most `chunkTokens`
    // (0 = at once).
    Seconds prefillTime(double tokens, double depth, double chunkTokens) const;

    const Layout &layout() const { return m_layout; }
    const StepTypes &types() const { return m_types; }
    const PhysicalVector &constants() const { return m_constants; }
    int layers() const { return m_layers; }

private:
    struct Group
    {
        LayerSpec layer;
        int count = 0;
        Routing routing;
    };
    struct Rates
    {
        FlopsPerSecond attention, dense, experts, wide;
    };

    StepModel() = default;
    void prepare();
    template <class Sink>
    void visit(const StepLoad &load, Sink &&sink) const;
    template <class Sink>
    void visitLayer(const Group &group, const StepLoad &load, Sink &sink) const;
    Seconds timeOf(const StepOperator &work, Bound *bound) const;
    Seconds overheadOf(const StepLoad &load) const;
    double rateOf(DType type, bool experts) const;

    std::vector<Group> m_groups;
    int m_layers = 0;
    int m_expertLayers = 0;
    int m_mixerLayers = 0;
    int m_hidden = 0;
    int m_vocabulary = 0;
    StepTypes m_types;
    Layout m_layout;
    PhysicalVector m_constants{};
    std::array<double, kAllDTypes.size()> m_rate{}; // of products by type, efficiency included
    double m_wideRate = 0;
    double m_bandwidth = 0;
    double m_link = 0;
    double m_farLink = 0;
    std::array<double, kAllDTypes.size()> m_peak{};
};

} // namespace engine
