// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/held_price.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace app {

QString heldText(const FilePrice &price)
{
    QJsonArray components;
    for (const FileComponent &component : price.components)
        components.append(
            QJsonObject{{QStringLiteral("component"), component.component},
                        {QStringLiteral("above"), static_cast<qint64>(component.aboveInputTokens)},
                        {QStringLiteral("schedule"), component.schedule},
                        {QStringLiteral("amount"), static_cast<qint64>(component.amount)},
                        {QStringLiteral("raw"), component.rawText}});
    const QJsonObject object{
        {QStringLiteral("currency"), price.currency},
        {QStringLiteral("source"), price.origin.source},
        {QStringLiteral("locator"), price.origin.locator},
        {QStringLiteral("date"), price.origin.date.toString(Qt::ISODate)},
        {QStringLiteral("confidence"), price.origin.confidence},
        {QStringLiteral("components"), components},
    };
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

std::optional<FilePrice> heldPrice(const QString &text)
{
    const QJsonObject object = QJsonDocument::fromJson(text.toUtf8()).object();
    FilePrice price;
    price.currency = object.value(QLatin1String("currency")).toString();
    price.origin.source = object.value(QLatin1String("source")).toString();
    price.origin.locator = object.value(QLatin1String("locator")).toString();
    price.origin.date =
        QDate::fromString(object.value(QLatin1String("date")).toString(), Qt::ISODate);
    price.origin.confidence = object.value(QLatin1String("confidence")).toString();
    price.basis = QStringLiteral("first_seen");
    const QJsonArray components = object.value(QLatin1String("components")).toArray();
    for (const QJsonValue &value : components) {
        const QJsonObject component = value.toObject();
        price.components.push_back({component.value(QLatin1String("component")).toString(),
                                    component.value(QLatin1String("above")).toInteger(),
                                    component.value(QLatin1String("schedule")).toString(),
                                    component.value(QLatin1String("amount")).toInteger(),
                                    component.value(QLatin1String("raw")).toString()});
    }
    if (price.components.empty() || !price.origin.date.isValid())
        return std::nullopt;
    return price;
}

} // namespace app
