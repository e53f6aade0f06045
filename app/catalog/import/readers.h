// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>

#include "app/catalog/import/foreign_file.h"

namespace app {

// One pair for each format: does the text have its shape, and what does it say. A reader takes any
// JSON of that shape: a record it cannot use is skipped, never an error.

bool looksLikeLitellm(const QJsonObject &root);
ForeignFile readLitellm(const QJsonObject &root);

bool looksLikeModelsDev(const QJsonObject &root);
ForeignFile readModelsDev(const QJsonObject &root);

bool looksLikeOpenRouterModels(const QJsonObject &root);
ForeignFile readOpenRouterModels(const QJsonObject &root);

bool looksLikeOpenRouterEndpoints(const QJsonObject &root);
ForeignFile readOpenRouterEndpoints(const QJsonObject &root);

bool looksLikeGenaiPrices(const QJsonArray &root);
ForeignFile readGenaiPrices(const QJsonArray &root);

bool looksLikeLlmPrices(const QJsonObject &root);
ForeignFile readLlmPrices(const QJsonObject &root);

// Our own formats (docs/catalog.md) are strict: BadInput names the place.
bool looksLikeOwnJson(const QJsonObject &root);
engine::Result<ForeignFile> readOwnJson(const QByteArray &content, const QString &name);

bool looksLikeOwnCsv(const QByteArray &content);
engine::Result<ForeignFile> readOwnCsv(const QByteArray &content, const QString &name);

} // namespace app
