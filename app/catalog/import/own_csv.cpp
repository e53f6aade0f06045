// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/own_csv.h"

namespace app {
namespace {

bool startsLikeAFormula(QStringView text)
{
    return !text.isEmpty() && QStringLiteral("=+-@\t\r\n").contains(text.front());
}

} // namespace

QString safeCell(const QString &text)
{
    QString cell = startsLikeAFormula(text) || text.startsWith(u'\'') ? u'\'' + text : text;
    const bool plain = !cell.contains(u',') && !cell.contains(u'"') && !cell.contains(u'\n') &&
                       !cell.contains(u'\r') && !cell.contains(u'\t') && !cell.startsWith(u' ') &&
                       !cell.endsWith(u' ');
    if (plain)
        return cell;
    return u'"' + cell.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

QString plainCell(const QString &cell)
{
    const bool guarded = cell.startsWith(u'\'') && cell.size() > 1 &&
                         (startsLikeAFormula(QStringView(cell).mid(1)) || cell.at(1) == u'\'');
    return guarded ? cell.mid(1) : cell;
}

} // namespace app
