// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/object_reader.h"

#include <QJsonArray>

#include "app/catalog/catalog_file.h"

namespace app {

QString ObjectReader::text(const char *key, const QString &fallback)
{
    const QJsonValue value = take(key);
    if (!has(value))
        return fallback;
    if (!value.isString())
        complain(key, "must be a text");
    return value.toString();
}

QString ObjectReader::required(const char *key)
{
    const QString value = text(key);
    if (value.isEmpty())
        complain(key, "is missing");
    return value;
}

std::optional<double> ObjectReader::number(const char *key)
{
    const QJsonValue value = take(key);
    if (!has(value))
        return std::nullopt;
    if (!value.isDouble())
        complain(key, "must be a number");
    return value.toDouble();
}

std::optional<std::int64_t> ObjectReader::whole(const char *key)
{
    const QJsonValue value = take(key);
    if (!has(value))
        return std::nullopt;
    const auto number = value.toInteger(-1);
    if (number < 0)
        complain(key, "must be a whole number of 0 or more");
    return number;
}

QDate ObjectReader::day(const char *key)
{
    const QString value = text(key);
    const QDate date = QDate::fromString(value, Qt::ISODate);
    if (!value.isEmpty() && !date.isValid())
        complain(key, "must be a day like 2025-07-03");
    return date;
}

std::optional<UnixSeconds> ObjectReader::instant(const char *key)
{
    const QString value = text(key);
    if (value.isEmpty())
        return std::nullopt;
    const auto instant = parseInstant(value);
    if (!instant)
        complain(key, "must be a day or an instant like 2025-02-08T16:00:00Z");
    return instant;
}

std::optional<Pico> ObjectReader::price(const char *key, QString *raw)
{
    *raw = text(key);
    if (raw->isEmpty())
        return std::nullopt;
    const auto amount = parsePrice(*raw);
    if (!amount)
        complain(key, "must be a price per million as a text like \"0.55\"");
    return amount;
}

void ObjectReader::inner(const QJsonValue &value, const QString &place, const Read &read)
{
    ObjectReader reader(value.toObject(), place);
    if (!value.isObject())
        reader.complain("", "must be an object");
    read(reader);
    reader.finish();
    if (m_problem.isEmpty())
        m_problem = reader.m_problem;
}

void ObjectReader::each(const char *key, const Read &read)
{
    const QJsonValue value = take(key);
    if (value.isUndefined())
        return;
    if (!value.isArray())
        return complain(key, "must be a list");
    int index = 0;
    const QJsonArray items = value.toArray();
    for (const QJsonValue &item : items)
        inner(item, QStringLiteral("%1.%2[%3]").arg(m_place, QLatin1String(key)).arg(index++),
              read);
}

void ObjectReader::object(const char *key, const Read &read)
{
    const QJsonValue value = take(key);
    if (!value.isUndefined())
        inner(value, m_place + QLatin1Char('.') + QLatin1String(key), read);
}

void ObjectReader::finish()
{
    if (!m_object.isEmpty())
        complain(m_object.begin().key().toUtf8().constData(), "is not a known member");
}

void ObjectReader::complain(const char *key, const char *what)
{
    if (m_problem.isEmpty())
        m_problem = QStringLiteral("%1%2%3 %4")
                        .arg(m_place, QLatin1String(*key ? "." : ""), QString::fromUtf8(key),
                             QLatin1String(what));
}

} // namespace app
