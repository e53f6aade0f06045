// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QDate>
#include <QJsonObject>
#include <QString>

#include "app/catalog/price_card.h"

namespace app {

// Reads the members of one JSON object of our own format, each once, and remembers the first thing
// that is wrong with it and where.
class ObjectReader
{
public:
    using Read = std::function<void(ObjectReader &)>;

    ObjectReader(QJsonObject object, QString place)
        : m_object(std::move(object)), m_place(std::move(place))
    {
    }

    QString text(const char *key, const QString &fallback = {});
    QString required(const char *key);
    std::optional<double> number(const char *key);
    std::optional<std::int64_t> whole(const char *key); // 0 or more
    QDate day(const char *key);
    std::optional<UnixSeconds> instant(const char *key);
    // `raw` is the text as it stands.
    std::optional<Pico> price(const char *key, QString *raw);
    // A list of objects, and one object; absent is fine.
    void each(const char *key, const Read &read);
    void object(const char *key, const Read &read);

    // Call last: a member that nobody asked for is a slip of the pen in a file written by hand.
    void finish();
    void complain(const char *key, const char *what);
    const QString &problem() const { return m_problem; } // empty if none

private:
    QJsonValue take(const char *key) { return m_object.take(QLatin1String(key)); }
    bool has(const QJsonValue &value) const { return !value.isUndefined() && !value.isNull(); }
    void inner(const QJsonValue &value, const QString &place, const Read &read);

    QJsonObject m_object;
    QString m_place;
    QString m_problem;
};

} // namespace app
