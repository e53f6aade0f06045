// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/offer_labels.h"

#include <map>

namespace app {
namespace {

QString plainLabel(const Offer &offer)
{
    QString label = offer.modelName.isEmpty() ? offer.providerModelId : offer.modelName;
    label += QStringLiteral(", ") + offer.providerName;
    if (!offer.viaName.isEmpty())
        label += QStringLiteral(" by ") + offer.viaName;
    if (offer.serviceTier != QLatin1String("standard"))
        label += QStringLiteral(", ") + offer.serviceTier;
    if (!offer.region.isEmpty())
        label += QStringLiteral(", ") + offer.region;
    if (offer.quantization != QLatin1String("unknown"))
        label += QStringLiteral(", ") + offer.quantization;
    return label;
}

// Adds to every label that stands more than once.
template <class Addition>
void tellApart(std::vector<Offer> &offers, const Addition &addition)
{
    std::map<QString, int> counts;
    for (const Offer &offer : offers)
        ++counts[offer.label];
    for (Offer &offer : offers) {
        if (counts[offer.label] > 1)
            offer.label += QStringLiteral(" (%1)").arg(addition(offer));
    }
}

} // namespace

void labelOffers(std::vector<Offer> &offers)
{
    for (Offer &offer : offers)
        offer.label = plainLabel(offer);
    tellApart(offers, [](const Offer &offer) { return offer.providerModelId; });
    tellApart(offers, [](const Offer &offer) { return offer.id; });
}

} // namespace app
