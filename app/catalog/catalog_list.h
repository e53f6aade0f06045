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
    bool csv = false;
};

// The offers as JSON, as CSV or as a table for people. NotFound where nothing fits, naming what
// there is.
engine::Result<QByteArray> listOffers(const Catalog &catalog, const CatalogListRequest &request);

} // namespace app
