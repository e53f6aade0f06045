// SPDX-License-Identifier: Apache-2.0
// Bad input is refused before any work, with one sentence.
#include "tests/engine/infer/golden.h"
#include "tests/engine/infer/tiny_model.h"
#include "tests/engine/model/temporary_folder.h"

namespace {

using namespace golden;

Error refused(const ResolvedModel &model, const DecoderOptions &options)
{
    int calls = 0;
    const auto decoder = makeDecoder(DeviceKind::Cpu, model.spec, model.weights, options, {},
                                     [&](std::int64_t, std::int64_t) { ++calls; });
    EXPECT_FALSE(decoder);
    EXPECT_EQ(calls, 0) << "work was done first";
    if (decoder)
        return {};
    EXPECT_EQ(decoder.error().message.back(), '.');
    return decoder.error();
}

// Writes a model, spoils it and gives the refusal.
template <class Spoil>
Error refusedAfter(Spoil spoil)
{
    TemporaryFolder folder;
    TinyModel model;
    model.draw(3);
    model.write(folder.path());
    const Result<ResolvedModel> resolved = resolveModel(folder.path());
    EXPECT_TRUE(resolved);
    spoil(model, folder);
    return refused(*resolved, options(DType::Fp32));
}

TEST(Refusals, AMissingTensorIsNamed)
{
    const Error error = refusedAfter([](TinyModel &model, const TemporaryFolder &folder) {
        model.tensors.erase("model.layers.1.mlp.up_proj.weight");
        model.write(folder.path());
    });
    EXPECT_EQ(error.kind, ErrorKind::BadInput);
    EXPECT_NE(error.message.find("model.layers.1.mlp.up_proj.weight"), std::string::npos);
}

TEST(Refusals, AWrongShapeIsShownBesideTheRightOne)
{
    const Error error = refusedAfter([](TinyModel &model, const TemporaryFolder &folder) {
        model.tensors["model.norm.weight"].shape = {24, 2};
        model.write(folder.path());
    });
    EXPECT_NE(error.message.find("[24, 2]"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("[48]"), std::string::npos) << error.message;
}

TEST(Refusals, ATruncatedFileIsRefused)
{
    const Error error = refusedAfter([](TinyModel &, const TemporaryFolder &folder) {
        const std::string path = folder.path("model.safetensors");
        std::filesystem::resize_file(path, std::filesystem::file_size(path) - 100);
    });
    EXPECT_EQ(error.kind, ErrorKind::BadInput);
    EXPECT_NE(error.message.find("truncated"), std::string::npos) << error.message;
}

TEST(Refusals, MissingWeightsAreRefused)
{
    const Error error = refusedAfter([](TinyModel &, const TemporaryFolder &folder) {
        std::filesystem::remove(folder.path("model.safetensors"));
    });
    EXPECT_EQ(error.kind, ErrorKind::NotFound);
}

TEST(Refusals, AnUnreadableTypeIsNamed)
{
    const Error error = refusedAfter([](TinyModel &, const TemporaryFolder &folder) {
        std::string bytes = readFile(folder.path("model.safetensors"));
        const std::size_t at = bytes.find("\"F32\"");
        bytes.replace(at, 5, "\"I32\"");
        folder.write("model.safetensors", bytes);
    });
    EXPECT_EQ(error.kind, ErrorKind::Unsupported);
    EXPECT_NE(error.message.find("I32"), std::string::npos);
}

TEST(Refusals, AContextOverTheLimitOfTheModelNamesTheLimit)
{
    const ResolvedModel model = load("llama").model;
    DecoderOptions large = options(DType::Bf16);
    large.maxPositions = 513;
    const Error error = refused(model, large);
    EXPECT_EQ(error.kind, ErrorKind::DoesNotFit);
    EXPECT_NE(error.message.find("512"), std::string::npos);
}

TEST(Refusals, OptionsOutOfRangeAreRefused)
{
    const ResolvedModel model = load("llama").model;
    const auto with = [&](auto change) {
        DecoderOptions changed = options(DType::Bf16);
        change(changed);
        return refused(model, changed).kind;
    };
    EXPECT_EQ(with([](DecoderOptions &o) { o.maxSequences = 0; }), ErrorKind::BadInput);
    EXPECT_EQ(with([](DecoderOptions &o) { o.maxSequences = 1 << 30; }), ErrorKind::BadInput);
    EXPECT_EQ(with([](DecoderOptions &o) { o.maxPositions = 0; }), ErrorKind::BadInput);
    EXPECT_EQ(with([](DecoderOptions &o) { o.maxStepTokens = -1; }), ErrorKind::BadInput);
    EXPECT_EQ(with([](DecoderOptions &o) { o.threads = -1; }), ErrorKind::BadInput);
    EXPECT_EQ(with([](DecoderOptions &o) { o.sampling.temperature = -1; }), ErrorKind::BadInput);
    EXPECT_EQ(with([](DecoderOptions &o) { o.sampling.temperature = NAN; }), ErrorKind::BadInput);
    EXPECT_EQ(with([](DecoderOptions &o) { o.weightType = DType::Fp8; }), ErrorKind::Unsupported);
    EXPECT_EQ(with([](DecoderOptions &o) { o.kvType = DType::Int8; }), ErrorKind::Unsupported);
    EXPECT_EQ(with([](DecoderOptions &o) { o.isa = "mmx"; }), ErrorKind::BadInput);
}

TEST(Refusals, LayersThatNothingRunsAreRefused)
{
    ResolvedModel model = load("llama").model;
    model.weights = {};
    model.spec.layers[1].ffn.kind = FfnKind::MixtureOfExperts;
    EXPECT_EQ(refused(model, options(DType::Bf16)).kind, ErrorKind::Unsupported);
    model.spec.layers[1].ffn.kind = FfnKind::SwiGlu;
    model.spec.layers[0].attention.kind = AttentionKind::Latent;
    EXPECT_EQ(refused(model, options(DType::Bf16)).kind, ErrorKind::Unsupported);
    model.spec.layers[0].attention.kind = AttentionKind::Grouped;
    model.spec.layers[0].attention.headDim = 512;
    EXPECT_EQ(refused(model, options(DType::Bf16)).kind, ErrorKind::Unsupported);
}

TEST(Refusals, AStepRefusesWhatItCannotDoAndChangesNothing)
{
    const Golden golden = load("llama");
    DecoderOptions own = options(DType::Bf16);
    own.kvPositions = 128; // two sequences of 128 would not fit
    const auto decoder = make(golden.model, own);
    const SequenceId sequence = open(*decoder);
    const SequenceId other = open(*decoder);
    const std::vector<TokenId> good(64, 1);
    const auto kind = [&](std::vector<TokenSpan> spans) {
        StepOutput output;
        const Result<void> done = decoder->step(spans, output, {});
        EXPECT_FALSE(done);
        EXPECT_EQ(decoder->length(sequence), 0);
        return done ? ErrorKind::Internal : done.error().kind;
    };
    const std::vector<TokenId> negative{-1}, beyond{330}, none;
    EXPECT_EQ(kind({{sequence, negative}}), ErrorKind::BadInput);
    EXPECT_EQ(kind({{sequence, beyond}}), ErrorKind::BadInput);
    EXPECT_EQ(kind({{sequence, none}}), ErrorKind::BadInput);
    EXPECT_EQ(kind({{17, good}}), ErrorKind::BadInput);
    EXPECT_EQ(kind({{-1, good}}), ErrorKind::BadInput);
    EXPECT_EQ(kind({{sequence, std::span(good).first(1)}, {sequence, std::span(good).first(1)}}),
              ErrorKind::BadInput);
    EXPECT_EQ(kind({{sequence, good}, {other, good}}), ErrorKind::DoesNotFit); // 128 in a step
    const std::vector<TokenId> tooLong(129, 1);
    EXPECT_EQ(kind({{sequence, tooLong}}), ErrorKind::DoesNotFit);
}

TEST(Refusals, AFullCacheIsRefusedUntilASequenceCloses)
{
    const Golden golden = load("llama");
    DecoderOptions own = options(DType::Bf16);
    own.maxPositions = 256;
    own.kvPositions = 256;
    const auto decoder = make(golden.model, own);
    const std::vector<TokenId> chunk(64, 1);
    const SequenceId one = open(*decoder);
    const SequenceId two = open(*decoder);
    for (int i = 0; i < 4; ++i)
        logitsOf(*decoder, one, chunk);
    Result<void> done;
    StepOutput output;
    for (int i = 0; i < 4 && done; ++i) {
        const TokenSpan span{two, chunk, SpanOutput::None};
        done = decoder->step({&span, 1}, output, {});
    }
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::DoesNotFit);
    decoder->close(one);
    const TokenSpan span{two, chunk, SpanOutput::None};
    EXPECT_TRUE(decoder->step({&span, 1}, output, {}));
}

TEST(Refusals, NoGpuBackendIsSaidInASentence)
{
    const ResolvedModel model = load("llama").model;
    const auto decoder =
        makeDecoder(DeviceKind::Gpu, model.spec, model.weights, options(DType::Bf16), {});
    ASSERT_FALSE(decoder);
    EXPECT_EQ(decoder.error().kind, ErrorKind::DeviceFailed);
}

} // namespace
