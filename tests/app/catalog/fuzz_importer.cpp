// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds one importer with hostile texts, and what it reads to the gates and the merge: compiled
// once for each importer, which the FUZZ_ macro names.
#include <cstdint>

#include <QJsonDocument>

#include "app/catalog/import/import_plan.h"
#include "app/catalog/import/readers.h"

using namespace app;

namespace {

engine::Result<ForeignFile> read(const QByteArray &text)
{
    const QString name = QStringLiteral("fuzz");
    const auto none = engine::fail(engine::ErrorKind::BadInput, "no such shape");
#if defined(FUZZ_own_json)
    return readOwnJson(text, name);
#elif defined(FUZZ_own_csv)
    return readOwnCsv(text, name);
#else
    const QJsonDocument document = QJsonDocument::fromJson(text);
#if defined(FUZZ_genai_prices)
    const QJsonArray root = document.array();
    if (document.isArray() && looksLikeGenaiPrices(root))
        return readGenaiPrices(root);
#else
    const QJsonObject root = document.object();
#if defined(FUZZ_litellm)
    if (looksLikeLitellm(root))
        return readLitellm(root);
#elif defined(FUZZ_models_dev)
    if (looksLikeModelsDev(root))
        return readModelsDev(root);
#elif defined(FUZZ_openrouter_models)
    if (looksLikeOpenRouterModels(root))
        return readOpenRouterModels(root);
#elif defined(FUZZ_openrouter_endpoints)
    if (looksLikeOpenRouterEndpoints(root))
        return readOpenRouterEndpoints(root);
#elif defined(FUZZ_llm_prices)
    if (looksLikeLlmPrices(root))
        return readLlmPrices(root);
#endif
#endif
    return none;
#endif
}

// What must hold of whatever was read.
void check(const ForeignFile &file)
{
    for (const ForeignOffer &offer : file.offers) {
        for (const FilePrice &price : offer.offer.prices) {
            for (const FileComponent &component : price.components) {
                if (component.amount <= 0 || component.aboveInputTokens < 0)
                    __builtin_trap();
            }
        }
    }
    const ImportPlan plan = planImport(file, {}, {1'800'000'000, false});
    if (plan.report.status == ImportReport::Status::Applied &&
        plan.offers.size() != file.offers.size())
        __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto file =
        read(QByteArray(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size)));
    if (file)
        check(*file);
    return 0;
}
