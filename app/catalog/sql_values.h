// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

#include <QDate>
#include <QString>
#include <QVariant>

#include "app/catalog/price_card.h"

namespace app::database {

// How C++ values are bound to a statement: absent and empty are NULL.

inline QVariant number(std::int64_t value)
{
    return QVariant(static_cast<qlonglong>(value));
}

template <class T>
QVariant orNull(const std::optional<T> &value)
{
    using Bound = std::conditional_t<std::is_floating_point_v<T>, double, qlonglong>;
    return value ? QVariant(static_cast<Bound>(*value)) : QVariant();
}

inline QVariant orNull(const QString &text)
{
    return text.isEmpty() ? QVariant() : QVariant(text);
}

// A null QString would bind as NULL where the column wants a text.
inline QVariant orEmpty(const QString &text)
{
    return text.isEmpty() ? QVariant(QStringLiteral("")) : QVariant(text);
}

inline UnixSeconds startOfDay(const QDate &day)
{
    return day.startOfDay(Qt::UTC).toSecsSinceEpoch();
}

} // namespace app::database
