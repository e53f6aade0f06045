// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include "app/catalog/price_card.h"

// Price lists of the size of those that are published, made up by rule.
namespace lists {

// Dollars per million, different for each model, moving every month by less than a factor of 2.
inline app::MicroPerMillion bigPrice(int model, int month)
{
    return 200'000 + 1'000 * (model % 997) + 10'000 * (month % 5) + 1'000 * month;
}

// `count` records in litellm's shape, about 500 bytes each as there; the last `wrong` of them are
// priced 100,000 times too high.
inline QByteArray bigLitellm(int count, int wrong)
{
    static const QByteArray filler = [] {
        QByteArray text;
        for (int i = 0; i < 10; ++i)
            text += "\"supports_something_or_other_" + QByteArray::number(i) + "\": true, ";
        return text;
    }();
    QByteArray text = "{";
    for (int i = 0; i < count; ++i) {
        const bool isWrong = i >= count - wrong;
        const double input = double(bigPrice(i, 0)) * (isWrong ? 1e5 : 1) / 1e12;
        const QByteArray seller =
            isWrong ? QByteArray("wrong") : "seller" + QByteArray::number(i % 60);
        text += (i == 0 ? "\"" : ", \"") + seller + "/model-" + QByteArray::number(i) + "\": {" +
                filler + "\"litellm_provider\": \"" + seller +
                "\", \"mode\": \"chat\", \"max_input_tokens\": 131072, \"max_output_tokens\": "
                "8192, \"input_cost_per_token\": " +
                QByteArray::number(input, 'g', 12) +
                ", \"cache_read_input_token_cost\": " + QByteArray::number(input / 4, 'g', 12) +
                ", \"output_cost_per_token\": " + QByteArray::number(input * 4, 'g', 12) + "}";
    }
    return text + "}";
}

// `count` offers in models.dev's shape, of 60 sellers, with the prices of that month.
inline QByteArray bigModelsDev(int count, int month)
{
    QByteArray text = "{";
    const int sellers = 60;
    for (int seller = 0; seller < sellers; ++seller) {
        const QByteArray id = "seller" + QByteArray::number(seller);
        text += (seller == 0 ? "\"" : ", \"") + id + "\": {\"id\": \"" + id + "\", \"name\": \"" +
                id + "\", \"models\": {";
        bool first = true;
        for (int i = 0; i < count; ++i) {
            // Model 7 is the first seller's, so that a test can name it.
            if ((i == 7 ? 0 : i % sellers) != seller)
                continue;
            const QByteArray model = "model-" + QByteArray::number(i);
            const double input = double(bigPrice(i, month)) / 1e6;
            text += (first ? "\"" : ", \"") + model + "\": {\"id\": \"" + model +
                    "\", \"name\": \"Model " + QByteArray::number(i) + "\", \"family\": \"family-" +
                    QByteArray::number(i % 300) +
                    "\", \"attachment\": true, \"reasoning\": true, \"temperature\": true, "
                    "\"tool_call\": true, \"open_weights\": true, \"release_date\": "
                    "\"2024-01-01\", \"modalities\": {\"input\": [\"text\", \"image\"], "
                    "\"output\": [\"text\"]}, \"limit\": {\"context\": 131072, \"output\": 8192}, "
                    "\"cost\": {\"input\": " +
                    QByteArray::number(input, 'g', 12) +
                    ", \"output\": " + QByteArray::number(input * 4, 'g', 12) +
                    ", \"cache_read\": " + QByteArray::number(input / 4, 'g', 12) + "}}";
            first = false;
        }
        text += "}}";
    }
    return text + "}";
}

} // namespace lists
