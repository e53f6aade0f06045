// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/words.h"

namespace app {

QString word(DateBasis basis)
{
    switch (basis) {
    case DateBasis::VendorDeclared:
        return QStringLiteral("vendor_declared");
    case DateBasis::SourceDeclared:
        return QStringLiteral("source_declared");
    case DateBasis::FirstSeen:
        return QStringLiteral("first_seen");
    case DateBasis::Snapshot:
        return QStringLiteral("snapshot");
    case DateBasis::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QString word(Confidence confidence)
{
    switch (confidence) {
    case Confidence::High:
        return QStringLiteral("high");
    case Confidence::Low:
        return QStringLiteral("low");
    case Confidence::Medium:
        break;
    }
    return QStringLiteral("medium");
}

QString word(FigureKind kind)
{
    switch (kind) {
    case FigureKind::Observed:
        return QStringLiteral("observed");
    case FigureKind::Claimed:
        return QStringLiteral("claimed");
    case FigureKind::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

} // namespace app
