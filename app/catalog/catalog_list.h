// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDate>
#include <QString>

#include "app/catalog/catalog.h"
#include "engine/spec/result.h"

namespace app {

// What `paretoscope catalog list` was asked for; empty means every one, or today.
struct CatalogListRequest
{
    QString model; // a model or a family
    QString provider;
    QDate asOf;
    bool json = false;
    QString file; // another database; empty: the user's own
};

// Millionths per million as a decimal without needless zeros: 550000 is "0.55".
QString priceText(MicroPerMillion price);

// The offers as a JSON object or as a table for people. NotFound where nothing fits, naming what
// there is.
engine::Result<QByteArray> listOffers(const Catalog &catalog, const CatalogListRequest &request);

// Opens the database that is named (`usualFile` if none) and prints the list to standard output;
// an error has been reported nowhere yet.
engine::Result<void> runCatalogList(const CatalogListRequest &request, const QString &usualFile);

} // namespace app
